"""The map of a sweep: which field has which score, colour and mark."""

from __future__ import annotations

from typing import Any

from nncore.sweep import Axis
from ui.charts.sweep_map import heat_map
from ui.charts.sweep_scale import Result

AXES = (Axis("units", (2, 4)), Axis("learning_rate", (0.01, 0.1, 1.0)))
LABELS = {"units": "Units", "learning_rate": "Learning rate", "layers": "Layers"}
RESULTS = [
    Result(((2, 0.01),), 0.5),
    Result(((2, 0.1),), 0.9),
    Result(((2, 1.0),), None, diverged=True),
    Result(((4, 0.01),), 0.97, best=True),
    Result(((4, 0.1),), None),
]


def drawn(results: list[Result] = RESULTS, axes: tuple[Axis, ...] = AXES) -> dict[str, Any]:
    """Return the map's traces by kind: tiles, numbers, crosses, dots, hovers, stars."""
    figure = heat_map(axes, results, "learning_rate", "units", "test accuracy", LABELS)
    names = ("tiles", "numbers", "crosses", "dots", "hovers", "stars")
    return dict(zip(names, figure["data"], strict=False))


def test_each_field_has_its_score_and_the_best_the_strongest_colour() -> None:
    map_ = drawn()
    assert map_["tiles"]["z"][1][0] == 1.0  # 4 units in the second row, 0.01 in the first column
    assert map_["tiles"]["z"][0][0] == 0.0
    assert map_["tiles"]["z"][0][2] is map_["tiles"]["z"][1][2] is None
    numbers = zip(map_["numbers"]["x"], map_["numbers"]["y"], map_["numbers"]["text"], strict=True)
    assert set(numbers) == {(0, 0, "50.0"), (1, 0, "90.0"), (0, 1, "97.0")}


def test_the_best_has_a_star_a_diverged_run_a_cross_and_an_untrained_one_a_dot() -> None:
    map_ = drawn()
    assert (map_["stars"]["x"], round(map_["stars"]["y"][0])) == ([0], 1)
    assert (map_["crosses"]["x"], map_["crosses"]["y"]) == ([2], [0])
    assert (map_["dots"]["x"], map_["dots"]["y"]) == ([1], [1])


def test_runs_that_share_a_field_are_averaged_and_counted() -> None:
    axes = (*AXES, Axis("epochs", (1, 2)))
    shared = [Result(((2, 0.01, 1),), 0.8), Result(((2, 0.01, 2),), 0.9)]
    map_ = drawn(shared, axes)
    assert map_["numbers"]["text"] == ["85.0"]
    assert "85% on average of 2 runs, 80% to 90%" in map_["hovers"]["hovertext"][0]


def test_a_run_that_covers_several_combinations_fills_all_their_fields() -> None:
    map_ = drawn([Result(((2, 0.01), (4, 0.01)), 0.6)])
    assert map_["numbers"]["text"] == ["60.0", "60.0"]


def test_one_setting_alone_makes_one_row() -> None:
    axes = (AXES[0],)
    figure = heat_map(axes, [Result(((4,),), 0.5)], "units", None, "test accuracy", LABELS)
    assert len(figure["data"][0]["z"]) == 1
    assert figure["layout"]["xaxis"]["ticktext"] == ["2", "4"]

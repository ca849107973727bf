"""The map and the lines of a sweep: what stands where, in which colour."""

from __future__ import annotations

from typing import Any

import pytest

from nncore.sweep import Axis
from ui.charts.sweep import CIVIDIS, Result, Scale, heat_map, parallel, percent

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
    """The map's traces by kind: tiles, numbers, crosses, dots, hovers, stars."""
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


def test_the_best_has_a_star_what_diverged_a_cross_and_what_is_to_come_a_dot() -> None:
    map_ = drawn()
    assert (map_["stars"]["x"], round(map_["stars"]["y"][0])) == ([0], 1)
    assert (map_["crosses"]["x"], map_["crosses"]["y"]) == ([2], [0])
    assert (map_["dots"]["x"], map_["dots"]["y"]) == ([1], [1])


def test_runs_that_share_a_field_are_averaged_and_counted() -> None:
    axes = (*AXES, Axis("epochs", (1, 2)))
    shared = [Result(((2, 0.01, 1),), 0.8), Result(((2, 0.01, 2),), 0.9)]
    map_ = drawn(shared, axes)
    assert map_["numbers"]["text"] == ["85.0"]
    assert "85 % on average of 2 runs, 80 % to 90 %" in map_["hovers"]["hovertext"][0]


def test_one_run_that_stands_for_several_combinations_fills_their_fields() -> None:
    map_ = drawn([Result(((2, 0.01), (4, 0.01)), 0.6)])
    assert map_["numbers"]["text"] == ["60.0", "60.0"]


def test_one_setting_alone_makes_one_row() -> None:
    axes = (AXES[0],)
    figure = heat_map(axes, [Result(((4,),), 0.5)], "units", None, "test accuracy", LABELS)
    assert len(figure["data"][0]["z"]) == 1
    assert figure["layout"]["xaxis"]["ticktext"] == ["2", "4"]


def test_a_line_goes_through_its_values_and_ends_at_its_score() -> None:
    figure = parallel(AXES, RESULTS, "test accuracy", LABELS)
    best = figure["data"][-1]
    assert best["x"] == [0, 1, 2, None]
    assert best["y"] == [1.0, 0.0, 1.0, None]  # the larger units, the smallest rate, the best score
    assert best["hovertext"][0] == "Units: 4<br>Learning rate: 0.01<br>test accuracy: 97 %"
    dotted = [trace for trace in figure["data"] if trace["line"].get("dash") == "dot"]
    assert len(dotted) == 1
    assert dotted[0]["y"][2] < 0
    assert sum(len(trace["x"]) // 4 for trace in figure["data"][:-1]) == 4  # one is to come


def test_with_nothing_trained_there_are_axes_alone() -> None:
    figure = parallel(AXES, [Result(((2, 0.01),), None)], "test accuracy", LABELS)
    assert figure["data"] == []
    assert any("Learning rate" in note["text"] for note in figure["layout"]["annotations"])


def test_colours_are_as_far_apart_as_the_logarithms_of_the_errors() -> None:
    scale = Scale([0.0, 0.9, 0.99])
    assert [scale.place(value) for value in (0.0, 0.9, 0.99)] == pytest.approx([0, 0.5, 1])


def test_the_scale_is_cividis_without_the_end_that_its_ground_would_hide() -> None:
    assert Scale([0.1, 0.9], dark=False).colour(0.1) == CIVIDIS[0]
    assert Scale([0.1, 0.9], dark=True).colour(0.9) == CIVIDIS[-1]
    for dark, hidden in ((False, CIVIDIS[-1]), (True, CIVIDIS[0])):
        assert hidden not in [colour for _, colour in Scale([0.1, 0.9], dark).stops()]


@pytest.mark.parametrize("values", [[], [0.5], [1.0, 1.0], [0.1, 0.2, 0.9999]])
def test_a_scale_has_two_round_numbers_or_more(values: list[float]) -> None:
    ticks = Scale(values).ticks()
    assert 2 <= len(ticks) <= 4
    assert all(0 <= place <= 1 and text.endswith(" %") for place, text in ticks)


def test_scores_are_written_with_one_digit_behind_the_point() -> None:
    assert [percent(value) for value in (0.9, 0.9123, 1.0)] == ["90 %", "91.2 %", "100 %"]

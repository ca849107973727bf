"""The lines of a sweep: where each goes and how it looks."""

from __future__ import annotations

from nncore.sweep import Axis
from ui.charts.sweep_lines import parallel_lines
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


def test_a_line_goes_through_its_values_and_ends_at_its_score() -> None:
    figure = parallel_lines(AXES, RESULTS, "test accuracy", LABELS)
    best = figure["data"][-1]
    assert best["x"] == [0, 1, 2, None]
    assert best["y"] == [1.0, 0.0, 1.0, None]  # the larger units, the smallest rate, the best score
    assert best["hovertext"][0] == "Units: 4<br>Learning rate: 0.01<br>test accuracy: 97%"
    dotted = [trace for trace in figure["data"] if trace["line"].get("dash") == "dot"]
    assert len(dotted) == 1
    assert dotted[0]["y"][2] < 0
    assert sum(len(trace["x"]) // 4 for trace in figure["data"][:-1]) == 4  # one is not trained yet


def test_with_nothing_trained_there_are_axes_alone() -> None:
    figure = parallel_lines(AXES, [Result(((2, 0.01),), None)], "test accuracy", LABELS)
    assert figure["data"] == []
    assert any("Learning rate" in note["text"] for note in figure["layout"]["annotations"])

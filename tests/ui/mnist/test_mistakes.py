"""Charts of mistakes and of layers, and what a browser may say of squares and images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nncore.analysis.metrics import calibration
from nncore.nn.network import Layer, Network
from ui.charts import calibration as calibration_module
from ui.charts import layer_outputs
from ui.components import gallery
from ui.mnist import class_scores, image_explorer
from ui.mnist import mistakes as mnist_mistakes


def rows(chart: Any, part: str) -> list[dict[str, Any]]:
    return [row for row in chart.data.to_pylist() if row["part"] == part]


def test_the_reliability_diagram_has_a_bar_a_bin_with_its_count() -> None:
    outputs = np.array([[0.95, 0.05], [0.97, 0.03], [0.35, 0.65]])
    bars = rows(calibration_module.reliability(calibration(outputs, [0, 1, 1])), "bar")
    assert [(bar["low"], bar["label"]) for bar in bars] == [(0.6, "1"), (0.9, "2")]
    assert [bar["accuracy"] for bar in bars] == [1.0, 0.5]
    assert bars[1]["confidence"] == pytest.approx(0.96)


def test_a_large_layer_shows_the_units_that_answer_most() -> None:
    activations = np.zeros(300)
    activations[[7, 250]] = 3, -5
    shown = layer_outputs.shown_units(activations)
    assert len(shown) == layer_outputs.MOST_UNITS
    assert {7, 250} < set(shown)
    assert shown == sorted(shown)
    assert layer_outputs.shown_units(np.zeros(5)) == [0, 1, 2, 3, 4]
    units = rows(layer_outputs.hidden_layer(activations - 1, activations), "unit")
    assert {"unit": "250", "sum": -6.0, "activation": -5.0, "part": "unit"} in units


def test_outputs_that_are_no_numbers_get_no_bar() -> None:
    chart = layer_outputs.outputs([np.nan, -2.0, 1.0], "abc", [2], "z")
    bars = rows(chart, "bar")
    assert [bar["value"] for bar in bars] == [None, -2.0, 1.0]
    assert [bar["kind"] for bar in bars] == ["other", "other", "marked"]


def test_a_unit_that_is_off_is_not_among_the_strongest() -> None:
    assert image_explorer.strongest_units(np.zeros(4)) == []


def test_the_strongest_units_come_first() -> None:
    assert image_explorer.strongest_units(np.array([0.5, -9, 3, 0])) == [1, 2, 0]
    kernel = np.random.default_rng(0).normal(size=(784, 8)).astype(np.float32)
    network = Network((Layer(kernel, np.zeros(8, np.float32), "relu"),))
    address = image_explorer.strongest_png(network, [7, 6, 5], is_dark=False)
    assert address.startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("message", "cell"),
    [
        ({"selection": {"points": [{"customdata": [4, 9, 17, 0.02]}]}}, (4, 9)),
        ({"selection": {"points": []}}, None),
        ({"selection": {"points": [{"customdata": [4, 99]}]}}, None),
        ({"selection": {"points": [{"customdata": ["4", []]}]}}, None),
        ({"selection": {"points": [{}]}}, None),
        (None, None),
        ("selection", None),
    ],
)
def test_only_a_square_of_the_matrix_is_a_cell(message: Any, cell: Any) -> None:
    assert mnist_mistakes.read_clicked_cell(message) == cell


@pytest.mark.parametrize("message", [None, {}, {"chosen": 3}, {"chosen": -1}, {"chosen": "1"}])
def test_only_an_image_of_the_gallery_can_be_chosen(message: Any) -> None:
    assert gallery.read_choice(message, 3) is None
    assert gallery.read_choice({"chosen": 2}, 3) == 2


@pytest.mark.parametrize(
    ("sure", "accuracy", "word"), [(0.9, 0.8, "over"), (0.8, 0.9, "under"), (0.9, 0.902, "even")]
)
def test_confidence_is_compared_with_accuracy(sure: float, accuracy: float, word: str) -> None:
    assert class_scores.judge_confidence(sure, accuracy) == word

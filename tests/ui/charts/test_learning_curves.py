"""A loss or metric over the epochs."""

import numpy as np
import pytest

from tests.ui.charts.charts import CHARTS, rows
from ui.charts import palette
from ui.charts.learning_curves import describe_curve, learning_curve

HISTORY = {
    "loss": [2.0, 1.0],
    "accuracy": [0.5, 0.6],
    "val_loss": [3.0, 2.0],
    "val_accuracy": [0.4, 1.0],
}


def test_spec_stays_the_same_from_the_first_batch_to_the_last() -> None:
    begun = learning_curve("loss", {}, [(0.1, 2.0, 0.1)], epochs=3)
    ended = learning_curve("loss", {"loss": [1, 1, 1], "accuracy": [0, 0, 1]}, epochs=3)
    assert begun.spec == ended.spec


def test_the_curve_has_a_row_for_each_epoch_and_kind_of_sample() -> None:
    assert rows(learning_curve("loss", HISTORY, epochs=5, validated=True)) == [
        {"set": "training", "epoch": 1, "loss": 2},
        {"set": "training", "epoch": 2, "loss": 1},
        {"set": "validation", "epoch": 1, "loss": 3},
        {"set": "validation", "epoch": 2, "loss": 2},
    ]
    assert rows(learning_curve("accuracy", HISTORY, epochs=5, validated=True)) == [
        {"set": "training", "epoch": 1, "accuracy": 0.5},
        {"set": "training", "epoch": 2, "accuracy": 0.6},
        {"set": "validation", "epoch": 1, "accuracy": 0.4},
        {"set": "validation", "epoch": 2, "accuracy": 1},
    ]


@pytest.mark.parametrize(("field", "values"), [("loss", [2.0, 1.0]), ("accuracy", [0.1, 0.3])])
def test_trace_lies_within_the_epochs(field: str, values: list[float]) -> None:
    chart = learning_curve(field, {}, [(0.25, 2.0, 0.1), (0.5, 1.0, 0.3)], epochs=2)
    assert [row["epoch"] for row in rows(chart)] == [0.25, 0.5]
    assert [row[field] for row in rows(chart)] == values
    assert {row["set"] for row in rows(chart)} == {"within"}


def test_the_axis_ends_at_the_planned_epochs_or_later_if_more_ran() -> None:
    history = {"loss": [1.0] * 4, "accuracy": [0.5] * 4}
    for planned, end in ((10, 10), (3, 4)):
        encoding = learning_curve("loss", history, epochs=planned).spec["encoding"]
        assert encoding["x"]["scale"]["domain"] == [0, end]


def test_legend_names_validation_only_where_there_is_any() -> None:
    for validated, names in ((False, ["training"]), (True, ["training", "validation"])):
        spec = learning_curve("loss", {}, epochs=3, validated=validated).spec
        color = spec["encoding"]["color"]
        assert color["legend"]["values"] == names
        colours = [palette.TRAINING, palette.VALIDATION][: len(names)]
        assert color["scale"]["range"][: len(names)] == colours


def test_a_diverged_loss_leaves_a_gap() -> None:
    chart = learning_curve("loss", {"loss": [1, np.inf]}, epochs=2)
    assert rows(chart)[1] == {"set": "training", "epoch": 2}


def test_a_long_trace_is_thinned_and_keeps_its_last_point() -> None:
    trace = [(i / 16, 1.0, 0.5) for i in range(1, 16_001)]
    epochs = [row["epoch"] for row in rows(learning_curve("loss", {}, trace, epochs=1000))]
    assert 200 <= len(epochs) <= 400
    assert epochs[-1] == 1000
    assert epochs == sorted(epochs)


def test_empty_axes_have_numbers_though_nothing_is_drawn() -> None:
    (row,) = rows(CHARTS["no curve yet"])
    assert row == {"set": "within", "epoch": 0, "loss": 1}
    (row,) = rows(learning_curve("accuracy", {}, epochs=2))
    assert row == {"set": "within", "epoch": 0, "accuracy": 0.5}


def test_any_metric_has_a_curve() -> None:
    history = {"loss": [1.0], "mean_squared_error": [0.25]}
    chart = learning_curve("mean_squared_error", history, [(0.5, 2.0, 0.1)], epochs=2)
    assert rows(chart) == [{"set": "training", "epoch": 1, "mean_squared_error": 0.25}]
    assert chart.spec["encoding"]["y"]["axis"]["title"] == "squared error"


def test_a_curve_is_described_with_its_last_values() -> None:
    history = {"loss": [0.5, 0.25], "val_loss": [0.6, 0.31], "accuracy": [0.9, 0.95]}
    assert describe_curve("loss", history) == (
        "loss after 2 epochs: 0.25 in training and 0.31 in validation"
    )
    assert describe_curve("accuracy", history) == "accuracy after 2 epochs: 0.95 in training"

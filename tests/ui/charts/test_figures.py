import json
from functools import cache
from pathlib import Path
from typing import Any

import altair
import jsonschema
import numpy as np
import plotly.graph_objects as go
import pytest

from ui.charts import class_counts, confusion, decision, learning_curves, palette, vega
from ui.charts import outputs as outputs_module

X = np.linspace(0.0, 1.0, 11)  # 0, 0.1, ..., 1
DIGITS = [str(i) for i in range(10)]
CHARTS = {
    "curves": learning_curves.learning_curves(
        {"loss": [1.0, 0.5], "accuracy": [0.6, 0.8]}, [(0.5, 1.2, 0.5)], epochs=10, validated=True
    ),
    "no curves yet": learning_curves.learning_curves({}, epochs=100),
    "decision": decision.decision_curve(X, np.stack([0.7 - X, X - 0.3], axis=1), 0.5),
    "outside": decision.outside_curve(
        10 * X, np.stack([0.7 - X, X - 0.3], axis=1), 0.5, bends=[(2.5, "unit 3")]
    ),
    "outputs": outputs_module.output_histogram([-1.0, 0.2, 2.0], [0, 0, 1], 0.5),
    "activation": outputs_module.activation_curve("sigmoid", [-8.0, 0.0, 8.0], [0, 0, 1]),
    "numbers": class_counts.number_histogram([0.1, 0.6], [0, 1], 0.5),
    "counts": class_counts.class_counts([0, 1, 1], "abc"),
    "probabilities": outputs_module.probability_bars([0.2, 0.8], ["no", "yes"]),
}


@cache
def vega_lite() -> Any:
    """Validates against the schema of Vega-Lite that Altair carries."""
    folder = Path(altair.__file__).parent
    (path,) = folder.rglob("vega-lite-schema.json")
    return jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))


def rows(chart: vega.Chart, part: str | None = None) -> list[dict[str, Any]]:
    """The table's rows, without what they lack."""
    kept = [row for row in chart.data.to_pylist() if part in (None, row.get("part"))]
    return [{name: v for name, v in row.items() if v is not None} for row in kept]


# All live charts


@pytest.mark.parametrize("name", CHARTS)
def test_spec_is_vega_lite(name: str) -> None:
    vega_lite().validate(CHARTS[name].spec | {"data": {"name": "source"}})


@pytest.mark.parametrize("name", CHARTS)
def test_data_stand_beside_the_spec_and_never_in_it(name: str) -> None:
    text = json.dumps(CHARTS[name].spec)
    assert '"data"' not in text
    assert '"datasets"' not in text


@pytest.mark.parametrize("name", CHARTS)
def test_every_axis_has_a_title(name: str) -> None:
    def axes(spec: Any) -> Any:
        if isinstance(spec, dict):
            yield from ([spec["axis"]] if "axis" in spec and "field" in spec else [])
            for value in spec.values():
                yield from axes(value)
        elif isinstance(spec, list):
            for value in spec:
                yield from axes(value)

    assert all("title" in axis for axis in axes(CHARTS[name].spec))


def test_spec_stays_the_same_while_numbers_change() -> None:
    one = decision.decision_curve(X, np.stack([1 - X, X], axis=1), 0.5)
    other = decision.decision_curve(X, np.stack([9 * X, 3 - X], axis=1), 0.5)
    assert one.spec == other.spec
    assert one.data != other.data


def test_spec_of_curves_stays_the_same_from_the_first_batch_to_the_last() -> None:
    begun = learning_curves.learning_curves({}, [(0.1, 2.0, 0.1)], epochs=3)
    ended = learning_curves.learning_curves({"loss": [1, 1, 1], "accuracy": [0, 0, 1]}, epochs=3)
    assert begun.spec == ended.spec


# The table


def test_table_has_a_typed_column_for_each_name() -> None:
    table = vega.arrow_table([{"part": "a", "x": 1}, {"part": "b", "label": "1.5"}])
    assert {field.name: str(field.type) for field in table.schema} == {
        "part": "string",
        "x": "double",
        "label": "string",
    }
    assert table.to_pylist() == [
        {"part": "a", "x": 1.0, "label": None},
        {"part": "b", "x": None, "label": "1.5"},
    ]


def test_table_leaves_out_what_is_not_finite() -> None:
    table = vega.arrow_table([{"x": value} for value in (1.0, np.nan, np.inf, None)])
    assert table["x"].to_pylist() == [1.0, None, None, None]


def test_table_of_nothing_has_no_rows() -> None:
    assert vega.arrow_table([]).num_rows == 0


def test_table_keeps_texts_that_look_like_times() -> None:
    assert vega.arrow_table([{"name": "2020-01-01"}])["name"].to_pylist() == ["2020-01-01"]


# Learning curves


def test_curves_have_a_row_for_each_epoch_and_kind_of_sample() -> None:
    history: dict[str, list[float]] = {
        "loss": [2, 1],
        "accuracy": [0.5, 0.6],
        "val_loss": [3, 2],
        "val_accuracy": [0.4, 1],
    }
    assert rows(learning_curves.learning_curves(history, epochs=5, validated=True)) == [
        {"set": "training", "epoch": 1, "loss": 2, "accuracy": 0.5},
        {"set": "training", "epoch": 2, "loss": 1, "accuracy": 0.6},
        {"set": "validation", "epoch": 1, "loss": 3, "accuracy": 0.4},
        {"set": "validation", "epoch": 2, "loss": 2, "accuracy": 1},
    ]


def test_trace_lies_within_the_epochs() -> None:
    chart = learning_curves.learning_curves({}, [(0.25, 2.0, 0.1), (0.5, 1.0, 0.3)], epochs=2)
    assert [row["epoch"] for row in rows(chart)] == [0.25, 0.5]
    assert {row["set"] for row in rows(chart)} == {"within"}


def test_curves_end_at_the_planned_epochs_or_beyond_where_more_were_made() -> None:
    history = {"loss": [1.0] * 4, "accuracy": [0.5] * 4}
    for planned, end in ((10, 10), (3, 4)):
        panel = learning_curves.learning_curves(history, epochs=planned).spec["vconcat"][0]
        assert panel["encoding"]["x"]["scale"]["domain"] == [0, end]


def test_legend_names_validation_only_where_there_is_any() -> None:
    for validated, names in ((False, ["training"]), (True, ["training", "validation"])):
        spec = learning_curves.learning_curves({}, epochs=3, validated=validated).spec
        color = spec["vconcat"][0]["encoding"]["color"]
        assert color["legend"]["values"] == names
        assert (
            color["scale"]["range"][: len(names)]
            == [palette.TRAINING, palette.VALIDATION][: len(names)]
        )


def test_a_diverged_loss_leaves_a_gap() -> None:
    chart = learning_curves.learning_curves({"loss": [1, np.inf], "accuracy": [0.5, 0.1]}, epochs=2)
    assert rows(chart)[1] == {"set": "training", "epoch": 2, "accuracy": 0.1}


def test_a_long_trace_is_thinned_and_keeps_its_last_point() -> None:
    trace = [(i / 16, 1.0, 0.5) for i in range(1, 16_001)]
    epochs = [row["epoch"] for row in rows(learning_curves.learning_curves({}, trace, epochs=1000))]
    assert 200 <= len(epochs) <= 400
    assert epochs[-1] == 1000
    assert epochs == sorted(epochs)


def test_empty_axes_have_numbers_though_nothing_is_drawn() -> None:
    (row,) = rows(CHARTS["no curves yet"])
    assert row == {"set": "within", "epoch": 0, "loss": 1, "accuracy": 0.5}


def test_another_metric_takes_the_lower_panel() -> None:
    history = {"loss": [1.0], "mean_squared_error": [0.25]}
    chart = learning_curves.learning_curves(history, epochs=2, metric="mean_squared_error")
    assert rows(chart) == [{"set": "training", "epoch": 1, "loss": 1, "mean_squared_error": 0.25}]
    assert chart.spec["vconcat"][1]["encoding"]["y"]["axis"]["title"] == "squared error"


# Decision curve


def test_decision_curve_has_a_row_for_each_input_and_neuron() -> None:
    curve = rows(CHARTS["decision"], "curve")
    assert len(curve) == 2 * 11
    assert curve[0] == {"part": "curve", "x": 0, "output": 0.7, "neuron": "< 0.5"}
    assert curve[11] == {"part": "curve", "x": 0, "output": -0.3, "neuron": ">= 0.5"}


def test_answers_change_where_the_neurons_cross() -> None:
    # 0.73 - x and x - 0.13 are equal at 0.43: between the inputs 0.4 and 0.5
    chart = decision.decision_curve(X, np.stack([0.73 - X, X - 0.13], axis=1), 0.5)
    assert [row["x"] for row in rows(chart, "border")] == [0.43]


def test_wrong_answers_lie_between_the_labels_edge_and_the_networks() -> None:
    # It says ">= 0.5" from 0.25 on, the labels from 0.5 on.
    chart = decision.decision_curve(X, np.stack([0.25 - X, X - 0.25], axis=1), 0.5)
    (wrong,) = rows(chart, "wrong")
    assert (wrong["x"], wrong["x2"], wrong["middle"]) == pytest.approx((0.25, 0.5, 0.375))
    assert rows(chart, "said")[0]["label"] == "\u250a labels change at 0.5  \u2502 answers at 0.25"


def test_a_network_that_says_one_thing_only_is_wrong_on_the_other_side() -> None:
    chart = decision.decision_curve(X, np.stack([0 * X, 0 * X + 1], axis=1), 0.5)
    (wrong,) = rows(chart, "wrong")
    assert (wrong["x"], wrong["x2"]) == pytest.approx((0.0, 0.5))
    assert rows(chart, "border") == []
    assert rows(chart, "said")[0]["label"].endswith("answers never")


def test_no_answers_yet() -> None:
    chart = decision.decision_curve(X, np.full((11, 2), np.nan), 0.5)
    assert [row["part"] for row in rows(chart)] == ["said", "truth"]
    assert chart.spec == CHARTS["decision"].spec


# Histograms


def test_bends_are_marked_on_the_second_neurons_curve_where_it_is_drawn() -> None:
    outputs = np.stack([1 - X, X], axis=1)
    bends = [(0.25, "unit 1"), (-0.5, "unit 2"), (1.5, "unit 3")]
    (bend,) = rows(decision.outside_curve(X, outputs, 0.5, bends=bends), "bend")
    assert bend == {"part": "bend", "x": 0.25, "output": pytest.approx(0.25), "unit": "unit 1"}


def test_the_band_ends_where_the_samples_or_the_curve_end() -> None:
    outputs = np.stack([1 - X, X], axis=1)
    wide, close = (decision.outside_curve(x, outputs, 0.5) for x in (20 * X - 10, 0.5 * X + 0.25))
    assert rows(wide, "seen") == [{"part": "seen", "x": 0, "x2": 1}]
    assert rows(close, "seen") == [{"part": "seen", "x": 0.25, "x2": 0.75}]


def test_a_curve_beyond_the_data_keeps_the_rows_of_the_decision_curve() -> None:
    outputs = np.stack([1 - X, X], axis=1)
    whole = rows(decision.outside_curve(X, outputs, 0.5))
    assert all(row in whole for row in rows(decision.decision_curve(X, outputs, 0.5)))


def test_a_small_multiple_has_no_legend() -> None:
    outputs = np.stack([1 - X, X], axis=1)
    chart = decision.outside_curve(X, outputs, 0.5, legend=False)
    (curves,) = [layer for layer in chart.spec["layer"] if "strokeDash" in layer["encoding"]]
    assert curves["encoding"]["color"]["legend"] is None
    assert curves["encoding"]["strokeDash"]["legend"] is None


def test_output_histogram_counts_shares_of_each_class() -> None:
    outputs, labels = [0.1, 0.2, 0.9, 0.8, 0.3], [0, 0, 0, 1, 1]
    bars = rows(outputs_module.output_histogram(outputs, labels, 0.5, (0.0, 1.0)), "bar")
    shares = {(bar["class"], bar["verdict"]): 0.0 for bar in bars}
    for bar in bars:
        shares[bar["class"], bar["verdict"]] += bar["share"]
    assert shares == pytest.approx(
        {
            ("not five", "right"): -2 / 3,
            ("not five", "wrong"): -1 / 3,
            ("five", "right"): 1 / 2,
            ("five", "wrong"): 1 / 2,
        },
        abs=1e-4,
    )
    assert sum(bar["count"] for bar in bars) == 5


def test_output_on_the_threshold_is_read_as_the_first_class_as_keras_does() -> None:
    (bar,) = rows(outputs_module.output_histogram([0.5], [1], 0.5), "bar")
    assert bar["verdict"] == "wrong"


def test_output_histogram_is_wide_enough_for_all_outputs_and_the_labels() -> None:
    bars = rows(outputs_module.output_histogram([-28.6, 12.1], [0, 1], 0.0), "bar")
    assert bars[0]["low"] <= -28.6 <= bars[0]["high"]
    assert bars[1]["low"] <= 12.1 <= bars[1]["high"]
    assert rows(outputs_module.output_histogram([], [], 0.0), "bar") == []


def test_outputs_beyond_a_given_range_count_at_its_ends() -> None:
    bars = rows(
        outputs_module.output_histogram([-50.0, np.nan, 50.0], [0, 0, 1], 0.5, (-2, 2)), "bar"
    )
    assert [(bar["low"], bar["high"]) for bar in bars] == [(-2, -1.9), (1.9, 2)]


def test_number_histogram_counts_by_label() -> None:
    x, y = np.array([[0.01], [0.02], [0.52], [0.53]]), [0, 1, 1, 1]
    bars = rows(class_counts.number_histogram(x, y, 0.5, bins=2), "bar")
    assert [(bar["label"], bar["low"], bar["count"]) for bar in bars] == [
        ("< 0.5", 0.0, 1),
        (">= 0.5", 0.0, 1),
        (">= 0.5", 0.5, 2),
    ]


# Activation curve


def test_weighted_sums_lie_on_the_curve() -> None:
    sums = rows(CHARTS["activation"], "sum")
    assert [(row["z"], row["class"]) for row in sums] == [
        (-8, "not five"),
        (0, "not five"),
        (8, "five"),
    ]
    assert sums[1]["a"] == 0.5
    assert sums[0]["a"] == pytest.approx(1 / (1 + np.exp(8)), rel=1e-4)


def test_curve_spans_the_weighted_sums_and_at_least_minus_6_to_6() -> None:
    curve = rows(outputs_module.activation_curve("relu", [-30.0, 2.0], [0, 1]), "curve")
    assert (curve[0]["z"], curve[0]["a"]) == (-30, 0)
    assert (curve[-1]["z"], curve[-1]["a"]) == (6, 6)


def test_lowest_and_highest_weighted_sums_are_among_those_shown() -> None:
    chart = outputs_module.activation_curve("linear", np.arange(1000.0), np.ones(1000), most=5)
    assert [row["z"] for row in rows(chart, "sum")] == [0, 250, 500, 749, 999]


# Bars


def test_class_counts_name_empty_classes_too() -> None:
    assert [(row["name"], row["label"]) for row in rows(CHARTS["counts"])] == [
        ("a", "1"),
        ("b", "2"),
        ("c", "0"),
    ]


def test_the_winner_is_the_likeliest_class_unless_named() -> None:
    assert [row["part"] for row in rows(CHARTS["probabilities"])] == ["bar", "winner"]
    named = outputs_module.probability_bars([0.2, 0.8], ["no", "yes"], winner=0)
    assert [row["part"] for row in rows(named)] == ["winner", "bar"]
    assert [row["label"] for row in rows(named)] == ["20.0%", "80.0%"]


# Plotly


def test_confusion_matrix_puts_row_i_and_column_j_where_its_axes_say() -> None:
    spec = confusion.confusion_matrix([[8, 2], [0, 5]], ["cat", "dog"])
    tiles, squares = go.Figure(spec).data
    assert [list(row) for row in tiles.z] == [
        [0.8, -1],
        [None, 1],
    ]
    assert [list(row) for row in tiles.text] == [["8", "2"], ["", "5"]]
    assert [list(cell) for cell in squares.customdata] == [
        [0, 0, 8, 0.8],
        [0, 1, 2, 0.2],
        [1, 0, 0, 0],
        [1, 1, 5, 1],
    ]
    assert list(zip(squares.y, squares.x, strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert squares.hovertext[1].startswith("Label cat, predicted dog:<br>2 images, 20.0%")
    assert spec["layout"]["yaxis"]["range"] == [1.5, -0.5]  # the first class on top


def test_confusion_matrix_shows_single_mistakes_on_a_logarithmic_scale() -> None:
    counts = [[90, 1, 21], [0, 80, 0], [3, 0, 70]]
    tiles, _ = go.Figure(confusion.confusion_matrix(counts, ["a", "b", "c"])).data
    one, three, most = (-tiles.z[0][1], -tiles.z[2][0], -tiles.z[0][2])
    assert most == 1
    assert one == pytest.approx(np.log(2) / np.log(22), rel=1e-3)
    assert 0.2 < one < three < most


def test_confusion_matrix_of_a_class_without_samples() -> None:
    tiles, _ = go.Figure(confusion.confusion_matrix([[0, 0], [1, 1]], ["a", "b"])).data
    assert list(tiles.z[0]) == [None, None]


def test_class_accuracy_is_the_recall() -> None:
    (bars,) = go.Figure(confusion.class_accuracy([[8, 2], [5, 5]], ["cat", "dog"])).data
    assert list(bars.x) == [0.8, 0.5]
    assert list(bars.text) == ["80.0%", "50.0%"]
    assert list(bars.hovertext) == ["8 of 10 predicted correctly", "5 of 10 predicted correctly"]


def test_plotly_figures_leave_the_background_to_the_page() -> None:
    for spec in (
        confusion.confusion_matrix(np.eye(10, dtype=int), DIGITS),
        confusion.class_accuracy(np.eye(10, dtype=int), DIGITS),
    ):
        layout = go.Figure(spec).layout
        assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"


# Colours


def test_each_colour_has_one_meaning() -> None:
    colours = [
        palette.POSITIVE,
        palette.NEGATIVE,
        palette.TRAINING,
        palette.VALIDATION,
        palette.RIGHT,
        palette.WRONG,
    ]
    assert len(set(colours)) == 6


def test_text_is_readable_on_every_tile() -> None:
    """At least 4.5 to 1, as the Web Content Accessibility Guidelines ask for."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    tiles, _ = confusion.confusion_matrix([[1]], ["a"])["data"]
    text = luminance(tiles["textfont"]["color"])
    for _, colour in tiles["colorscale"]:
        assert (luminance(colour) + 0.05) / (text + 0.05) >= 4.5

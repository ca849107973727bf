import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from ui.components.network import MAX_LAYER_LINES, MAX_LINES, Node, _node, describe, frame

ROOT = Path(__file__).parents[3]
KERNEL = np.array([[0.5, -2.0, 0.25]], np.float32)  # one input, three units
BIAS = np.array([0.1, -0.4, 0.0], np.float32)


def weights(*sizes: int) -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    shapes = [s for a, b in pairwise(sizes) for s in ((a, b), (b,))]
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


# What is drawn


def test_every_weight_of_a_small_network_is_a_line_the_strongest_last() -> None:
    (lines,) = frame((1, 3), [KERNEL, BIAS])["lines"]
    assert lines == {
        "from": [0, 0, 0],
        "to": [2, 0, 1],
        "weights": [0.25, 0.5, -2.0],
        "largest": 2.0,
    }


def test_lines_join_the_units_that_the_weight_joins() -> None:
    kernel, bias = weights(4, 3)
    (lines,) = frame((4, 3), [kernel, bias])["lines"]
    for source, target, weight in zip(lines["from"], lines["to"], lines["weights"], strict=True):
        assert weight == pytest.approx(kernel[source, target], rel=1e-3)
    assert len(set(zip(lines["from"], lines["to"], strict=True))) == 12


def test_units_have_their_biases_and_inputs_have_none() -> None:
    inputs, units = frame((1, 3), [KERNEL, BIAS])["columns"]
    assert inputs["biases"] is None
    assert units["biases"] == [0.1, -0.4, 0.0]
    assert units["largest"] == 0.4


def test_titles_count_the_units_and_name_the_activation() -> None:
    columns = frame((784, 32, 1), activations=("relu", "sigmoid"))["columns"]
    assert [column["title"] for column in columns] == [
        ["784 inputs"],
        ["32 units", "relu"],
        ["1 output", "sigmoid"],
    ]
    assert frame((1, 1024, 2))["columns"][1]["title"] == ["1,024 units"]


def test_labels_name_inputs_and_outputs() -> None:
    columns = frame((1, 3, 2), labels=(("x",), ("< 0.5", ">= 0.5")))["columns"]
    assert [column["labels"] for column in columns] == [["x"], [], ["< 0.5", ">= 0.5"]]


def test_without_weights_the_lines_have_none() -> None:
    for none in (None, ()):
        drawn = frame((2, 3), none)
        assert drawn["lines"] == [
            {"from": [0, 0, 0, 1, 1, 1], "to": [0, 1, 2, 0, 1, 2], "weights": None, "largest": 0}
        ]
        assert drawn["note"] == "No weights yet: it has not been trained."


# What is left out


def test_a_column_that_does_not_fit_shows_its_first_units_and_its_last() -> None:
    column = frame((1, 512, 2), weights(1, 512, 2), height=92 + 14 * 10)["columns"][1]
    assert column["units"] == [*range(8), 511]  # ten rows: eight units, the dots, one unit
    assert column["more"] == 503
    assert len(column["biases"]) == 9


def test_inputs_that_do_not_fit_become_a_bar_on_which_each_has_its_place() -> None:
    drawn = frame((784, 1), weights(784, 1))
    assert drawn["columns"][0]["units"] == []
    assert max(drawn["lines"][0]["from"]) > 700


def test_the_strongest_lines_of_each_layer_are_kept() -> None:
    kernel, bias = weights(784, 1)
    (lines,) = frame((784, 1), [kernel, bias])["lines"]
    strongest = np.sort(np.abs(kernel.ravel()))[-MAX_LAYER_LINES:]
    np.testing.assert_allclose(np.abs(lines["weights"]), strongest, rtol=1e-3)


def test_a_large_network_stays_small_on_the_wire() -> None:
    sizes = (784, 1024, 1024, 1024, 10)
    drawn = frame(sizes, weights(*sizes))
    assert sum(len(layer["from"]) for layer in drawn["lines"]) == MAX_LINES
    assert drawn["note"] == "The 600 strongest of 2,910,208 weights."
    assert len(json.dumps(drawn)) < 20_000


def test_width_is_relative_to_the_largest_weight_of_the_whole_layer() -> None:
    kernel, bias = weights(1, 512)
    kernel[0, 300] = 99.0  # a unit that is not shown
    (lines,) = frame((1, 512), [kernel, bias])["lines"]
    assert lines["largest"] == 99.0


def test_numbers_that_are_not_finite_come_as_null() -> None:
    kernel = np.array([[np.nan, np.inf, -3.0]], np.float32)
    drawn = frame((1, 3), [kernel, np.full(3, np.nan, np.float32)])
    assert drawn["lines"][0]["weights"] == [None, None, -3.0]
    assert drawn["lines"][0]["largest"] == 3.0
    json.dumps(drawn, allow_nan=False)


def test_lit_nodes_come_as_pairs() -> None:
    assert frame((1, 3), lit=[Node(0, 0), (1, 2)])["lit"] == [[0, 0], [1, 2]]
    assert frame((1, 3))["lit"] is None


# In words


def test_the_network_in_a_sentence() -> None:
    assert describe((1, 8, 2), ("relu", "softmax")) == (
        "Network with 1 input, 8 hidden units relu, 2 outputs softmax; 34 parameters"
    )
    assert describe((784, 1)) == "Network with 784 inputs, 1 output; 785 parameters"
    assert describe((784, 300, 1, 10), ("relu",)) == (
        "Network with 784 inputs, 300 hidden units relu, 1 hidden unit, 10 outputs; "
        "235,821 parameters"
    )


def test_weights_of_another_shape_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"weights must have the shapes \[\(2, 3\), \(3,\)\]"):
        frame((2, 3), [KERNEL, BIAS])


# On a page


def page(sizes: tuple[int, ...]) -> None:
    import streamlit as st

    from ui.components.network import draw_network

    st.text(str(draw_network(sizes, key="test.network", clickable=True)))


@pytest.mark.parametrize("sizes", [(1, 8, 2), (784, 32, 10)])
def test_it_mounts_on_a_page(sizes: tuple[int, ...]) -> None:
    test = AppTest.from_function(page, args=(sizes,)).run()
    assert not test.exception
    assert test.text[0].value == "None"
    (drawn,) = json.loads(test.main[0].proto.json)
    assert drawn["text"] == describe(sizes)
    assert drawn["clickable"] is True


@pytest.mark.parametrize(
    ("clicked", "node"),
    [
        ({"layer": 1, "unit": 7}, Node(1, 7)),
        ({"layer": 1, "unit": 8}, None),
        ({"layer": -1, "unit": 0}, None),
        ({"layer": 1, "unit": 0.5}, None),
        ({"layer": "1", "unit": 0}, None),
        ({"unit": 0}, None),
        ("<script>", None),
        (None, None),
    ],
)
def test_only_a_node_of_the_network_counts_as_clicked(clicked: object, node: Node | None) -> None:
    assert _node(clicked, (1, 8, 2)) == node


PAGE = """
import streamlit as st
from ui.charts import class_counts, confusion, learning_curves
from ui.components.network import draw_network

draw_network((1, 8, 2), key="a")
st.vega_lite_chart(*learning_curves.learning_curve("loss", {}, epochs=3), key="b")
st.vega_lite_chart(*class_counts.class_counts([1, 2, 0], "abc"), key="c")
st.plotly_chart(confusion.confusion_matrix([[1, 2], [3, 4]], "ab"), key="d")
"""
VISIT = """
import sys
from streamlit.testing.v1 import AppTest

assert not AppTest.from_string(sys.argv[1]).run(timeout=60).exception
assert "pandas" not in sys.modules
"""


def test_a_page_of_charts_and_networks_does_not_load_pandas() -> None:
    visit = [sys.executable, "-c", VISIT, PAGE]
    run = subprocess.run(visit, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr

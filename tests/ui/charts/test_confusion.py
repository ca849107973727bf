"""The confusion matrix and the accuracy of each class."""

import numpy as np
import plotly.graph_objects as go
import pytest

from ui.charts import confusion

DIGITS = [str(i) for i in range(10)]


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


def test_plotly_figures_leave_the_background_to_the_page() -> None:
    layout = go.Figure(confusion.confusion_matrix(np.eye(10, dtype=int), DIGITS)).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"


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

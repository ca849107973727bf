"""The drawing field of lesson 4: a canvas, a grid for the keyboard, and what is shown of a drawing.

Whatever the learner draws with, a drawing is ink: `(height, width)` uint8, 0 where there is none.
The session holds, beside widgets:

    draw.mount    number of the canvas that is on the page; another number is another canvas
    draw.start    the ink that it started with, or None
    draw.colour   the colour of its ink
    draw.ink      the ink that is on it now, or None
    draw.sample   number of the test image that it started with, or None

This file knows neither what the ink becomes (`nncore.drawing`) nor who reads it.
"""

# NumPy's own annotations give Any for most of what is computed here.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import base64
import io
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from nncore.analysis import png_data_uri, to_grey
from nncore.data import Dataset
from nncore.drawing import FIELD, Pixels, Stages, render_strokes
from ui import figures, state

Cell: TypeAlias = tuple[int, int]

#: Pixels of the canvas's sides.
SIDE = 280
#: The pen's width in pixels of the canvas: at first, and the narrowest and widest.
PEN, NARROWEST, WIDEST = 20, 8, 40
#: The keyboard's grid.
ROWS, COLUMNS = 9, 7
TOOLS = {"pen": ":material/draw: Pen", "grid": ":material/grid_on: Grid"}
#: The card that holds the canvas: it must not be narrower than that, nor need it be wider.
CARD = SIDE + 34
#: The grey around pictures.
FRAME = 140
_SPACE = "\N{NO-BREAK SPACE}"
#: From here on the answer is given as one digit, below as a choice of two.
SURE = 0.8


class DrawingError(ValueError):
    """What came from the browser is no picture of the canvas."""


# Drawing.


def field() -> Pixels | None:
    """Draws the canvas, or the keyboard's grid, with its tools; gives back the ink on it.

    Raises:
        DrawingError: If the browser sent something else than a picture of the canvas.
    """
    state.put("draw.tool", tool := state.get("draw.tool", "pen"))
    st.segmented_control(
        "Draw with",
        list(TOOLS),
        format_func=TOOLS.__getitem__,
        required=True,
        key="draw.tool",
        on_change=_mount_again,
        label_visibility="collapsed",
        persist_state="session",
    )
    place = st.container()  # what is drawn on needs the width that is chosen below it
    with st.container(horizontal=True, vertical_alignment="bottom"):
        width = st.slider(
            "Pen width", NARROWEST, WIDEST, PEN, key="draw.width", persist_state="session"
        )
        st.button("Clear", icon=":material/delete:", key="draw.clear", on_click=clear)
    with place:
        return _grid(width) if tool == "grid" else _canvas(width)


def clear() -> None:
    """Takes all ink away, also from the grid."""
    for row in range(ROWS):
        state.put(f"draw.row.{row}", [])
    _mount(None)


def dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def _canvas(width: int) -> Pixels | None:
    from streamlit_drawable_canvas import st_canvas  # cannot be imported before a server runs

    _keep(colour := "#ffffff" if dark() else "#000000")
    start: Pixels | None = state.get("draw.start", None)
    result = st_canvas(
        stroke_width=width,
        stroke_color=colour,
        height=SIDE,
        width=SIDE,
        initial_drawing=None if start is None else as_object(start, colour),
        return_image_data=True,
        key=_key(),
    )
    sent = result.image_bytes
    ink = _whole(start) if sent is None else read_png(sent)
    state.put("draw.ink", ink)
    return ink


def _keep(colour: str) -> None:
    """Makes a new canvas with the same ink where the one that was there is gone.

    It is gone after a visit to another page, and its colour is wrong after a change of theme.
    """
    ink = state.get("draw.ink", None)
    gone = state.get(_key(), None) is None or state.get("draw.colour", colour) != colour
    if ink is not None and gone and state.get("draw.start", None) is not ink:
        _mount(ink, state.get("draw.sample", None))
    state.put("draw.colour", colour)


def _mount(ink: Pixels | None, sample: int | None = None) -> None:
    """Puts a new canvas on the page: one that is there cannot be told what to show."""
    state.put("draw.mount", state.get("draw.mount", 0) + 1)
    state.put("draw.start", ink)
    state.put("draw.ink", ink)
    state.put("draw.sample", sample)


def _mount_again() -> None:
    _mount(state.get("draw.ink", None), state.get("draw.sample", None))


def _key() -> str:
    return f"draw.canvas.{state.get('draw.mount', 0)}"


def _whole(ink: Pixels | None) -> Pixels | None:
    """Ink as it lies on the canvas: an MNIST image is enlarged."""
    return None if ink is None else ink.repeat(SIDE // len(ink), 0).repeat(SIDE // len(ink), 1)


def as_object(ink: Pixels, colour: str) -> dict[str, Any]:
    """A drawing for the canvas (Fabric.js) that consists of one picture.

    Args:
        ink: (n, n) uint8, enlarged to the canvas's size.
        colour: What colour it gets, such as `"#000000"`.
    """
    pixels = np.empty((*ink.shape, 4), np.uint8)
    pixels[..., :3] = 0 if colour == "#000000" else 255
    pixels[..., 3] = ink
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    address = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    picture = {"type": "Image", "src": address, "imageSmoothing": False}
    place = {"left": 0, "top": 0, "originX": "left", "originY": "top"}
    size = {"width": len(ink), "height": len(ink)}
    scale = {"scaleX": SIDE / len(ink), "scaleY": SIDE / len(ink)}
    return {"objects": [picture | place | size | scale]}


def read_png(data: bytes) -> Pixels:
    """The ink of a picture that the canvas sent: it is transparent where nothing was drawn.

    Args:
        data: A PNG file. Anybody can send anything, so its size is looked at before it is read.

    Raises:
        DrawingError: If it is not a picture of the canvas.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.size != (SIDE, SIDE) or image.mode != "RGBA":
                raise ValueError(f"{image.mode} of {image.width} x {image.height} pixels")
            return np.asarray(image)[..., 3]
    except (OSError, ValueError, SyntaxError) as error:
        raise DrawingError(
            f"The canvas must send an RGBA picture of {SIDE} x {SIDE} pixels. Received: {error}"
        ) from error


# The keyboard's grid.


def _grid(width: int) -> Pixels | None:
    st.caption("Tab to a row, arrow keys along it, Space to fill a cell.")
    cells: set[Cell] = set()
    with st.container(gap=None):
        for row in range(ROWS):
            chosen = st.segmented_control(
                f"Row {row + 1} of {ROWS}",
                range(COLUMNS),
                selection_mode="multi",
                format_func=lambda column: f":small[:gray[{column + 1}]]",
                key=f"draw.row.{row}",
                label_visibility="collapsed",
                wrap=False,
                persist_state="session",
            )
            cells |= {(row, column) for column in chosen}
    return render_strokes(strokes(cells), SIDE, width) if cells else None


def strokes(cells: Collection[Cell]) -> list[list[list[float]]]:
    """Pen strokes that connect filled cells with their filled neighbours.

    Args:
        cells: Filled cells, (row, column). Neighbours at a corner are connected where no filled
            cell beside both of them does it.

    Returns:
        A dot for each cell, and a line for each connection, in pixels of the canvas.
    """
    drawn = [[_centre(cell)] for cell in sorted(cells)]
    for row, column in sorted(cells):
        for other in ((row, column + 1), (row + 1, column)):
            if other in cells:
                drawn.append([_centre((row, column)), _centre(other)])
        for side in (-1, 1):
            beside = {(row, column + side), (row + 1, column)}
            if (row + 1, column + side) in cells and not beside & set(cells):
                drawn.append([_centre((row, column)), _centre((row + 1, column + side))])
    return drawn


def _centre(cell: Cell) -> list[float]:
    pitch = SIDE / (ROWS + 1)
    row, column = cell
    return [SIDE / 2 + (column - (COLUMNS - 1) / 2) * pitch, (row + 1) * pitch]


# Test images.


def samples(dataset: Dataset) -> None:
    """Offers test images: the next one of a digit is put on the canvas.

    Args:
        dataset: Whose test set it is.
    """
    st.pills(
        "**4 Test** · put an image of the test set on the canvas, and draw into it",
        dataset.class_names,
        key="draw.digit",
        on_change=_put_sample,
        args=(dataset,),
    )
    row = state.get("draw.sample", None)
    if row is not None and state.get("draw.tool", "pen") == "pen":
        name = dataset.class_names[dataset.y_test[row]]
        st.caption(f"On the canvas: test image {row:,}. Its label says **{name}**.")


def _put_sample(dataset: Dataset) -> None:
    """Puts the next test image of the chosen digit on the canvas."""
    digit = state.get("draw.digit", None)
    if digit is None:
        return
    turn = state.get("draw.turn", 0)
    rows = np.flatnonzero(dataset.y_test == dataset.class_names.index(digit))
    row = int(rows[turn % len(rows)])
    state.put("draw.turn", turn + 1)
    state.put("draw.tool", "pen")
    state.put("draw.digit", None)  # so that the same digit can be asked for again
    _mount(dataset.x_test[row], row)


# What is shown of it.


def view(stages: Stages) -> None:
    """Shows what the network is given: 28 x 28 pixels, enlarged.

    Args:
        stages: The drawing on its way there.
    """
    blank = stages.image is None
    pixels = np.zeros((FIELD, FIELD), np.uint8) if stages.image is None else stages.image
    words = "nothing yet" if blank else "your drawing, centred"
    _picture(pixels, 7 * FIELD, f"What the network sees, {FIELD} by {FIELD} pixels: {words}")


def bars(outputs: NDArray[np.float32] | None, names: Sequence[str]) -> figures.Chart:
    """A bar for each class; without outputs the same chart without bars.

    Args:
        outputs: (classes,), or None. What lies outside 0 to 1 is cut there.
        names: What the classes are called.
    """
    values = np.zeros(len(names)) if outputs is None else np.clip(np.nan_to_num(outputs), 0, 1)
    chart = figures.probability_bars(values, names)
    if outputs is not None:
        return chart
    rows: list[figures.Row] = [{"part": "bar", "name": n, "value": 0, "label": ""} for n in names]
    return chart._replace(data=figures.table(rows))


def stages_row(stages: Stages, texts: Sequence[str]) -> None:
    """Shows the stages of a drawing side by side, each under its text.

    Args:
        stages: Of a drawing that is not blank.
        texts: One for each of the four stages, in Markdown.
    """
    shown = (stages.ink, stages.cropped, stages.boxed, stages.centred)
    with st.container(horizontal=True, gap="small"):  # on a narrow screen two and two
        for pixels, text in zip(shown, texts, strict=True):
            if pixels is None:
                continue
            with st.container(width=5 * FIELD + 14):
                height, width = pixels.shape
                _picture(pixels, 5 * FIELD, text)
                st.caption(f"{height} × {width} pixels")
                st.markdown(text)


def _picture(pixels: NDArray[Any], side: int, words: str) -> None:
    """Shows ink in a frame, its longer side `side` pixels long; pixels stay squares."""
    scale = max(1, side // max(pixels.shape))
    enlarged = to_grey(pixels, dark=dark()).repeat(scale, 0).repeat(scale, 1)
    framed = np.pad(enlarged, ((1, 1), (1, 1), (0, 0)), constant_values=FRAME)
    width = round(side * pixels.shape[1] / max(pixels.shape))
    st.image(png_data_uri(framed), width=max(1, width), alt=words)


def verdict(outputs: NDArray[np.float32], names: Sequence[str]) -> str:
    """The answer in words.

    Args:
        outputs: (classes,) one number for each class, probabilities or not.
        names: What the classes are called.
    """
    if not np.isfinite(outputs).all():
        return "I cannot answer: my numbers have grown out of bounds. Choose another network."
    second, first = (int(i) for i in np.argsort(outputs, kind="stable")[-2:])
    if not are_probabilities(outputs):
        return f"My largest output is that for {_one(names[first])}."
    if outputs[first] >= SURE:
        return f"I read {_one(names[first])}, {_percent(outputs[first])} sure."
    likely = f"{_one(names[first])} ({_percent(outputs[first])})"
    return f"Perhaps {likely} or {_one(names[second])} ({_percent(outputs[second])})."


def runner_up(outputs: NDArray[np.float32], names: Sequence[str]) -> str:
    """The answer that comes second.

    Args:
        outputs: (classes,) probabilities.
        names: What the classes are called.
    """
    second = int(np.argsort(outputs, kind="stable")[-2])
    return f"Next comes {_one(names[second])}: {_percent(outputs[second])}."


def are_probabilities(outputs: NDArray[np.float32]) -> bool:
    """Whether outputs lie from 0 to 1 and add up to 1, as those of softmax do."""
    return bool((outputs >= 0).all() and abs(float(outputs.sum()) - 1) < 1e-3)


def _one(name: str) -> str:
    return f"an **{name}**" if name == "8" else f"a **{name}**"


def _percent(share: float) -> str:
    """A probability in whole percents; none is quite certain."""
    if 0.01 <= share <= 0.99:
        return f"{100 * share:.0f}{_SPACE}%"
    return f"more than 99{_SPACE}%" if share > 0.5 else f"less than 1{_SPACE}%"

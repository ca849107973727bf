"""The drawing field of lesson 4: a canvas with its tools, and the test images put on it.

Whatever the learner draws with, a drawing is ink: `(height, width)` uint8, 0 where there is none.
The session holds, beside widgets:

    draw.mount    number of the canvas that is on the page; another number is another canvas
    draw.start    the ink that it started with, or None
    draw.colour   the colour of its ink
    draw.ink      the ink that is on it now, or None
    draw.sample   number of the test image that it started with, or None
    draw.mend     what is to be mended of an image that was sent here (see `mend.py`), or None

This file knows neither what the ink becomes (`nncore.digits.preprocess`) nor who reads it.
"""

# NumPy's own annotations give Any for most of what is computed here.

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from nncore.data.datasets import Dataset
from nncore.digits.ink import Pixels
from ui.core import state
from ui.draw import pixel_grid
from ui.draw.answer import dark

#: Pixels of the canvas's sides.
SIDE = 280
#: The pen's width in pixels of the canvas: at first, and the narrowest and widest.
PEN, NARROWEST, WIDEST = 20, 8, 40
TOOLS = {
    "pen": ":material/draw: Pen",
    "eraser": ":material/ink_eraser: Eraser",
    "grid": ":material/grid_on: Grid",
}
#: Ink and paper, in light and in dark: the eraser draws in the paper's colour.
LIGHT, DARK = ("#000000", "#ffffff"), ("#ffffff", "#171614")
#: The card that holds the canvas: it must not be narrower than that, nor need it be wider.
CARD = SIDE + 34
#: Pixels of the slider of the pen's width.
SLIDER = 180


class DrawingError(ValueError):
    """What came from the browser is no picture of the canvas."""


# Drawing.


def tools() -> None:
    """Draws what one draws with: pen or grid, the pen's width, and a way to begin anew.

    They stand outside of what runs at each stroke, which is the quicker the less there is of it.
    """
    state.put("draw.tool", state.get("draw.tool", "pen"))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.segmented_control(
            "Draw with",
            list(TOOLS),
            format_func=TOOLS.__getitem__,
            required=True,
            key="draw.tool",
            on_change=_change_tool,
            label_visibility="collapsed",
            persist_state="session",
        )
        st.button("Clear", icon=":material/delete:", key="draw.clear", on_click=clear)
        state.put("draw.width", state.get("draw.width", PEN))
        st.slider(
            "Pen width",
            NARROWEST,
            WIDEST,
            format="Pen %d px",
            key="draw.width",
            label_visibility="collapsed",
            persist_state="session",
            width=SLIDER,
        )


def field() -> Pixels | None:
    """Draws the canvas, or the keyboard's grid; gives back the ink on it.

    Raises:
        DrawingError: If the browser sent something else than a picture of the canvas.
    """
    width, tool = int(state.get("draw.width", PEN)), state.get("draw.tool", "pen")
    if tool == "grid":
        return pixel_grid.grid(SIDE, width)
    return _canvas(width, erase=tool == "eraser")


def clear() -> None:
    """Takes all ink away, also from the grid."""
    pixel_grid.clear()
    _mount(None)


def put(ink: Pixels) -> None:
    """Puts a drawing of the learner's own, (28, 28), on the canvas."""
    state.put("draw.tool", "pen")
    _mount(ink)


def put_foreign(ink: Pixels, mend: object) -> None:
    """Puts somebody else's image, (28, 28), on the canvas, and what is to be mended of it."""
    put(ink)
    state.put("draw.mend", mend)


def begun_with_a_test_image() -> bool:
    """Whether what is on the canvas began as somebody else's."""
    on_canvas = state.get("draw.tool", "pen") != "grid"
    foreign = state.get("draw.sample", None) is not None or state.get("draw.mend", None) is not None
    return on_canvas and foreign


def _canvas(width: int, *, erase: bool) -> Pixels | None:
    from streamlit_drawable_canvas import st_canvas  # cannot be imported before a server runs

    colour, paper = DARK if dark() else LIGHT
    _keep(colour)
    start: Pixels | None = state.get("draw.start", None)
    result = st_canvas(
        stroke_width=width,
        stroke_color=paper if erase else colour,
        height=SIDE,
        width=SIDE,
        initial_drawing=None if start is None else as_object(start, colour),
        return_image_data=True,
        key=_key(),
    )
    sent = result.image_bytes
    ink = None if start is None else whole(start)
    if sent is not None:
        ink = read_png(sent, dark=dark())
    state.put("draw.ink", ink)
    return ink


def _keep(colour: str) -> None:
    """Makes a new canvas with the same ink where the one that was there is gone.

    It is gone after a visit to another page, and its colour is wrong after a change of theme.
    """
    ink = state.get("draw.ink", None)
    gone = state.get(_key(), None) is None or state.get("draw.colour", colour) != colour
    if ink is not None and gone and state.get("draw.start", None) is not ink:
        _mount(ink, state.get("draw.sample", None), state.get("draw.mend", None))
    state.put("draw.colour", colour)


def _mount(ink: Pixels | None, sample: int | None = None, mend: object = None) -> None:
    """Puts a new canvas on the page: one that is there cannot be told what to show."""
    if ink is not state.get("draw.ink", None):
        state.drop("draw.trail")
    state.put("draw.mend", mend)
    state.put("draw.mount", state.get("draw.mount", 0) + 1)
    state.put("draw.start", ink)
    state.put("draw.ink", ink)
    state.put("draw.sample", sample)


def _change_tool() -> None:
    """Makes another canvas where there was none; pen and eraser share theirs."""
    before, now = state.get("draw.tool.before", "pen"), state.get("draw.tool", "pen")
    state.put("draw.tool.before", now)
    if "grid" in (before, now):
        _mount_again()


def _mount_again() -> None:
    sample, mend = state.get("draw.sample", None), state.get("draw.mend", None)
    _mount(state.get("draw.ink", None), sample, mend)


def _key() -> str:
    return f"draw.canvas.{state.get('draw.mount', 0)}"


def whole(ink: Pixels) -> Pixels:
    """Ink as it lies on the canvas: an MNIST image is enlarged."""
    return ink.repeat(SIDE // len(ink), 0).repeat(SIDE // len(ink), 1)


def as_object(ink: Pixels, colour: str) -> dict[str, Any]:
    """A drawing for the canvas (Fabric.js) that consists of one picture.

    Args:
        ink: (n, n) uint8, enlarged to the canvas's size.
        colour: What colour it gets, such as `"#000000"`.
    """
    address = address_of(ink, dark=colour != "#000000")
    picture = {"type": "Image", "src": address, "imageSmoothing": False}
    place = {"left": 0, "top": 0, "originX": "left", "originY": "top"}
    size = {"width": len(ink), "height": len(ink)}
    scale = {"scaleX": SIDE / len(ink), "scaleY": SIDE / len(ink)}
    return {"objects": [picture | place | size | scale]}


def address_of(ink: Pixels, *, dark: bool) -> str:
    """A picture's address: black ink, or white in the dark, on nothing.

    Args:
        ink: (height, width) uint8.
        dark: Whether the ink is white.
    """
    pixels = np.empty((*ink.shape, 4), np.uint8)
    pixels[..., :3] = 255 if dark else 0
    pixels[..., 3] = ink
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def read_png(data: bytes, *, dark: bool = False) -> Pixels:
    """The ink of a picture that the canvas sent: it is transparent where nothing was drawn.

    Args:
        data: A PNG file. Anybody can send anything, so its size is looked at before it is read.
        dark: Whether the ink is white. What is of the paper's colour was erased.

    Raises:
        DrawingError: If it is not a picture of the canvas.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.size != (SIDE, SIDE) or image.mode != "RGBA":
                raise ValueError(f"{image.mode} of {image.width} x {image.height} pixels")
            return _ink(np.asarray(image), dark=dark)
    except (OSError, ValueError, SyntaxError) as error:
        raise DrawingError(
            f"The canvas must send an RGBA picture of {SIDE} x {SIDE} pixels. Received: {error}"
        ) from error


def _ink(pixels: Pixels, *, dark: bool) -> Pixels:
    """How much ink there is, of a picture in RGBA: opaque, and nearer to ink than to paper."""
    ink, paper = (int(colour[1:3], 16) for colour in (DARK if dark else LIGHT))
    likeness = np.clip((pixels[..., 0] - np.float32(paper)) / (ink - paper), 0, 1)
    return np.rint(pixels[..., 3] * likeness).astype(np.uint8)


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
    if row is not None and state.get("draw.tool", "pen") != "grid":
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

"""The drawing field of lesson 4: a canvas with its tools, and test images placed on it.

Whatever tool the learner uses, a drawing is ink: (height, width) uint8, 0 where there is none. This
module does not know what becomes of the ink (`nncore.digits.preprocess`), nor who reads it.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from nncore.data.datasets import Dataset
from nncore.digits.ink import Pixels
from nncore.nn.packing import PackedNetwork
from ui.components import pen, undo
from ui.core import state
from ui.core.keys import Key
from ui.draw import pixel_grid
from ui.draw.foreign_image import ForeignImage
from ui.draw.pictures import is_dark

#: The canvas's side in pixels.
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
#: The width in pixels of the card that holds the canvas.
CARD = SIDE + 34
#: The width in pixels of the slider for the pen.
SLIDER = 180

#: The tool, the one before it, and the pen's width.
TOOL, TOOL_BEFORE = Key("draw.tool", "pen"), Key("draw.tool.before", "pen")
WIDTH = Key("draw.width", PEN)
#: The number of the canvas on the page: a new number mounts a new canvas.
MOUNT = Key("draw.mount", 0)
#: The ink that the canvas started with, the ink on it now, and the ink's colour.
START, INK = Key[Pixels | None]("draw.start", None), Key[Pixels | None]("draw.ink", None)
COLOUR = Key[str | None]("draw.colour", None)
#: The row of the test image that the canvas started with, and the image that another page sent.
SAMPLE = Key[int | None]("draw.sample", None)
FOREIGN = Key[ForeignImage | None]("draw.foreign", None)
#: The predictions after each stroke into somebody else's image (see `repair`).
TRAIL = Key[Any]("draw.trail", None)
#: The chosen digit of the test set, and how many test images were placed so far.
DIGIT, TURN = Key[str | None]("draw.digit", None), Key("draw.turn", 0)
#: The canvas component itself.
_CANVAS = Key[Any]("draw.canvas", None)


class DrawingError(ValueError):
    """The browser did not send a picture of the canvas."""


def show_tools() -> None:
    """Draw the tools: pen or grid, Undo and Redo, Clear, and the pen's width.

    They are outside the part of the page that runs after each stroke, which keeps that part fast.
    """
    state.put(TOOL, state.get(TOOL))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Draw with",
            list(TOOLS),
            format_func=TOOLS.__getitem__,
            required=True,
            key=TOOL.name,
            on_change=_change_tool,
            label_visibility="collapsed",
            persist_state="session",
        )
        undo.draw(key="draw.undo")
        st.button("Clear", icon=":material/delete:", key="draw.clear", on_click=clear)
        state.put(WIDTH, state.get(WIDTH))
        st.slider(
            "Pen width",
            NARROWEST,
            WIDEST,
            format="Pen %d px",
            key=WIDTH.name,
            label_visibility="collapsed",
            persist_state="session",
            width=SLIDER,
        )


def show_field() -> Pixels | None:
    """Draw the canvas, or the keyboard's grid, and return the ink on it.

    Raises:
        DrawingError: If the browser did not send a picture of the canvas.
    """
    width, tool = int(state.get(WIDTH)), state.get(TOOL)
    if tool == "grid":
        return pixel_grid.show_grid(SIDE, width)
    return _show_canvas(width, erase=tool == "eraser")


def show_pen(reader: PackedNetwork | None) -> None:
    """Let the browser read the canvas while the pen moves, and send it when the pen is lifted.

    Args:
        reader: The network that reads; None while there is none that does not change.
    """
    tool = state.get(TOOL)
    if tool != "grid":
        pen.draw(
            reader,
            key="draw.pen",
            side=SIDE,
            greys=greys(),
            erases=tool == "eraser",
            mount=state.get(MOUNT),
        )


def greys() -> tuple[int, int]:
    """Return the grey levels of ink and paper in the visitor's theme, 0 to 255."""
    ink, paper = DARK if is_dark() else LIGHT
    return int(ink[1:3], 16), int(paper[1:3], 16)


def clear() -> None:
    """Remove all ink, also from the grid."""
    pixel_grid.clear()
    _mount(None)


def put(ink: Pixels) -> None:
    """Put one of the learner's own drawings, (28, 28), on the canvas."""
    state.put(TOOL, "pen")
    _mount(ink)


def put_foreign(foreign: ForeignImage) -> None:
    """Put somebody else's image on the canvas."""
    put(foreign.image)
    state.put(FOREIGN, foreign)


def has_foreign_start() -> bool:
    """Return True if the drawing started as somebody else's image."""
    is_canvas = state.get(TOOL) != "grid"
    return is_canvas and not (state.get(SAMPLE) is None and state.get(FOREIGN) is None)


def _show_canvas(width: int, *, erase: bool) -> Pixels | None:
    from streamlit_drawable_canvas import st_canvas  # cannot be imported before a server runs

    colour, paper = DARK if is_dark() else LIGHT
    _keep_ink(colour)
    start = state.get(START)
    result = st_canvas(
        stroke_width=width,
        stroke_color=paper if erase else colour,
        height=SIDE,
        width=SIDE,
        initial_drawing=None if start is None else to_canvas_object(start, colour),
        update_streamlit=False,  # the pen sends it once it has been lifted (`show_pen`)
        return_image_data=True,
        key=_canvas_key().name,
    )
    sent = result.image_bytes
    ink = None if start is None else enlarge(start)
    if sent is not None:
        ink = read_png(sent, dark=is_dark())
    state.put(INK, ink)
    if start is not None and ink is not None and np.array_equal(ink, enlarge(start)):
        return start  # an image of 28 x 28 pixels is read as it is
    return ink


def _keep_ink(colour: str) -> None:
    """Mount a new canvas with the same ink where the old one is gone.

    It is gone after a visit to another page, and has the wrong colour after a change of theme.
    """
    ink = state.get(INK)
    has_wrong_colour = state.get(COLOUR) not in (None, colour)
    is_gone = state.get(_canvas_key()) is None or has_wrong_colour
    if ink is not None and is_gone and state.get(START) is not ink:
        _mount(ink, state.get(SAMPLE), state.get(FOREIGN))
    state.put(COLOUR, colour)


def _mount(
    ink: Pixels | None, sample: int | None = None, foreign: ForeignImage | None = None
) -> None:
    """Replace the canvas: an existing one cannot be given new content."""
    if ink is not state.get(INK):
        state.drop(TRAIL)
    state.put(FOREIGN, foreign)
    state.put(MOUNT, state.get(MOUNT) + 1)
    state.put(START, ink)
    state.put(INK, ink)
    state.put(SAMPLE, sample)


def _change_tool() -> None:
    """Mount the canvas again after the grid; pen and eraser share one canvas."""
    before, now = state.get(TOOL_BEFORE), state.get(TOOL)
    state.put(TOOL_BEFORE, now)
    if "grid" in (before, now):
        _mount(state.get(INK), state.get(SAMPLE), state.get(FOREIGN))


def _canvas_key() -> Key[Any]:
    return _CANVAS.of(state.get(MOUNT))


def enlarge(ink: Pixels) -> Pixels:
    """Return an MNIST image's ink at the canvas's size."""
    return ink.repeat(SIDE // len(ink), 0).repeat(SIDE // len(ink), 1)


def to_canvas_object(ink: Pixels, colour: str) -> dict[str, Any]:
    """Return a drawing for the canvas (Fabric.js) that consists of one picture.

    Args:
        ink: (n, n) uint8, enlarged to the canvas's size.
        colour: Its colour, such as `"#000000"`.
    """
    address = ink_data_uri(ink, dark=colour != "#000000")
    picture = {"type": "Image", "src": address, "imageSmoothing": False}
    place = {"left": 0, "top": 0, "originX": "left", "originY": "top"}
    size = {"width": len(ink), "height": len(ink)}
    scale = {"scaleX": SIDE / len(ink), "scaleY": SIDE / len(ink)}
    return {"objects": [picture | place | size | scale]}


def ink_data_uri(ink: Pixels, *, dark: bool) -> str:
    """Return ink as the address of a transparent picture.

    Args:
        ink: (height, width) uint8.
        dark: True for white ink, False for black.
    """
    pixels = np.empty((*ink.shape, 4), np.uint8)
    pixels[..., :3] = 255 if dark else 0
    pixels[..., 3] = ink
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def read_png(data: bytes, *, dark: bool = False) -> Pixels:
    """Return the ink of a picture that the canvas sent: it is transparent where nothing was drawn.

    Args:
        data: A PNG file. Anyone can send anything, so its size is checked before it is decoded.
        dark: True for white ink. Pixels of the paper's colour were erased.

    Raises:
        DrawingError: If it is not a picture of the canvas.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.size != (SIDE, SIDE) or image.mode != "RGBA":
                raise ValueError(f"{image.mode} of {image.width} x {image.height} pixels")
            return _find_ink(np.asarray(image), dark=dark)
    except (OSError, ValueError, SyntaxError) as error:
        raise DrawingError(
            f"The canvas must send an RGBA picture of {SIDE} x {SIDE} pixels. Received: {error}"
        ) from error


def _find_ink(pixels: Pixels, *, dark: bool) -> Pixels:
    """Return the ink of an RGBA picture: opaque, and nearer to the pen's colour than to paper."""
    ink, paper = (int(colour[1:3], 16) for colour in (DARK if dark else LIGHT))
    likeness = np.clip((pixels[..., 0] - np.float32(paper)) / (ink - paper), 0, 1)
    found: Pixels = np.rint(pixels[..., 3] * likeness).astype(np.uint8)
    return found


def show_samples(dataset: Dataset) -> None:
    """Offer test images: a click on a digit puts its next one on the canvas.

    Args:
        dataset: The page's data.
    """
    st.pills(
        "**4 Test** · put a test image on the canvas, then change it",
        dataset.class_names,
        key=DIGIT.name,
        on_change=_put_sample,
        args=(dataset,),
    )
    row = state.get(SAMPLE)
    if row is not None and state.get(TOOL) != "grid":
        name = dataset.class_names[dataset.y_test[row]]
        st.caption(f"On the canvas: test image {row:,}. Its label is **{name}**.")


def _put_sample(dataset: Dataset) -> None:
    """Put the next test image of the chosen digit on the canvas."""
    digit = state.get(DIGIT)
    if digit is None:
        return
    turn = state.get(TURN)
    rows = np.flatnonzero(dataset.y_test == dataset.class_names.index(digit))
    row = int(rows[turn % len(rows)])
    state.put(TURN, turn + 1)
    state.put(TOOL, "pen")
    state.put(DIGIT, None)  # so that the same digit can be chosen again
    _mount(dataset.x_test[row], row)

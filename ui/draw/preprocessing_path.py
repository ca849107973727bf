"""The path of a drawing in lesson 4: each stage as a picture, with a switch to leave it out.

What the learner changes is a `Recipe`; the session holds what differs from MNIST's, `draw.path`.
The page's own answer is always that of MNIST's recipe; here the two stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.metrics import baseline_accuracy
from nncore.data.datasets import Dataset
from nncore.digits import preprocess
from nncore.digits.ink import Pixels
from nncore.digits.placement import BOX, FIELD
from nncore.digits.preprocess import MNIST, Recipe, Stages, apply_recipe
from nncore.nn.network import Network
from ui.charts import drawing
from ui.content.lesson import Lesson
from ui.core import resources, state
from ui.draw import answer as draw_answer
from ui.draw.readers import Reader

KEY = "draw.path"
CARD_KEY = "draw.look"
#: Pixels of a stage's picture, and of the card around it.
PICTURE, CARD = 4 * FIELD, 4 * FIELD + 30
#: The switches, one a stage, in their order: what each says.
SWITCHES = {
    "light": "ink is 1, paper 0",
    "crop": "cut to the ink",
    "fit": "20 × 20, aspect kept",
    "centre": "mass in the centre",
    "scaled": "divided by 255",
}
#: What the sliders are set to for MNIST's recipe.
SLIDERS: dict[str, float] = {"right": 0, "down": 0, "box": BOX, "thickness": 0.0}


@dataclass(frozen=True)
class Answer:
    """What a network makes of a drawing that went a certain way.

    Args:
        stages: The way.
        outputs: (classes,); None where there is no ink left, or no network.
    """

    stages: Stages
    outputs: NDArray[np.float32] | None


def answer(ink: Pixels, recipe: Recipe, network: Network | None) -> Answer:
    """Sends a drawing on its way, and has it read.

    Args:
        ink: (height, width) uint8, 0 where there is none.
        recipe: The way.
        network: Who reads; None for nobody.
    """
    stages = apply_recipe(ink, recipe, invert=False)
    if network is None or stages.image is None:
        return Answer(stages, None)
    return Answer(stages, network.predict(recipe.to_inputs(stages.image))[0])


def look(lesson: Lesson, ink: Pixels | None, reader: Reader, dataset: Dataset) -> None:
    """Draws the path, where the learner has opened it.

    Args:
        lesson: Whose texts.
        ink: The drawing; None for none.
        reader: Who reads.
        dataset: The reader's data.
    """
    title = "**1 Look** · the path of your drawing to 28 × 28 pixels, and what it is for"
    box = st.expander(title, key=CARD_KEY, on_change="rerun")
    if box.open:
        with box:
            _opened(lesson, ink, reader, dataset)


@st.fragment
def _opened(lesson: Lesson, ink: Pixels | None, reader: Reader, dataset: Dataset) -> None:
    st.markdown(lesson.text("look"))
    if ink is None or not ink.any():
        st.info("Draw something: then its stages stand here.", icon=":material/draw:")
    else:
        _path(lesson, ink, reader, dataset)
    st.caption(dataset.source)


def _path(lesson: Lesson, ink: Pixels, reader: Reader, dataset: Dataset) -> None:
    recipe = chosen()
    network = reader.network
    theirs, yours = (answer(ink, r, network) for r in (MNIST, recipe))
    _stages(lesson, yours.stages, recipe)
    controls, results = st.columns([1, 1.9], gap="medium")
    with controls:
        _controls()
    with results:
        for column, title, found in zip(
            st.columns(2, gap="small"), ("MNIST's path", "Yours"), (theirs, yours), strict=True
        ):
            with column:
                _side(title, found, dataset.class_names)
        bars, curve = st.columns(2, gap="small")
        with bars:
            chart = drawing.moving_bars(
                yours.outputs, dataset.class_names, theirs.outputs, mark="MNIST's path"
            )
            st.vega_lite_chart(*chart, key="draw.path.bars")
        with curve:
            _under_shift(lesson, recipe, reader, dataset)


# The switches and sliders.


def chosen() -> Recipe:
    """The recipe that the switches and sliders ask for."""
    on = {name: _on(name) for name in SWITCHES}
    at = {name: _at(name) for name in SLIDERS}
    return Recipe(
        thickness=float(at["thickness"]),
        crop=on["crop"],
        box=int(at["box"]) if on["fit"] else FIELD,
        keep_aspect=on["fit"],
        centre=on["centre"],
        shift=(int(at["right"]), int(at["down"])),
        light_ink=on["light"],
        scaled=on["scaled"],
    )


def _stages(lesson: Lesson, stages: Stages, recipe: Recipe) -> None:
    shown = (stages.ink, stages.cropped, stages.boxed, stages.centred, stages.moved)
    with st.container(horizontal=True, gap="small"):  # on a narrow screen two and two
        for number, (name, pixels) in enumerate(zip(SWITCHES, shown, strict=True), 1):
            with st.container(width=CARD, gap="xsmall"):
                _stage(lesson.text(f"stage_{number}"), pixels, recipe, last=number == len(shown))
                key = state.bind_widget(_widget(name), _on(name))
                st.toggle(SWITCHES[name], key=key, on_change=_change, args=(name, key))


def _stage(text: str, pixels: NDArray[np.generic] | None, recipe: Recipe, *, last: bool) -> None:
    st.markdown(text)
    if pixels is None:
        st.caption("no ink left")
        return
    flipped = pixels if last or recipe.light_ink else _inverted(pixels)
    draw_answer.picture(flipped, PICTURE, text)
    height, width = pixels.shape
    most = "1" if recipe.scaled else "255"
    st.caption(f"numbers 0 to {most}" if last else f"{height} × {width} pixels")


def _inverted(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    return 255 - pixels if pixels.dtype == np.uint8 else 1 - pixels


def _controls() -> None:
    most = preprocess.MOST_SHIFT
    _slider("Shift to the right, pixels", "right", -most, most, 1)
    _slider("Shift down, pixels", "down", -most, most, 1)
    _slider("Size: the side of the box", "box", 8, FIELD, 1, disabled=not _on("fit"))
    _slider("Lines thinner or thicker, pixels", "thickness", -2.0, 3.0, 0.5)
    st.button(
        "Back to MNIST's path",
        key="draw.path.reset",
        icon=":material/restart_alt:",
        on_click=_reset,
        disabled=chosen() == MNIST,
    )


def _slider(
    label: str, name: str, low: float, high: float, step: float, *, disabled: bool = False
) -> None:
    key = state.bind_widget(_widget(name), _at(name))
    st.slider(
        label,
        min_value=low,
        max_value=high,
        step=step,
        key=key,
        on_change=_change,
        args=(name, key),
        disabled=disabled,
    )


def _widget(name: str) -> str:
    return f"{KEY}.{name}"


def _changed() -> dict[str, float]:
    """What differs from MNIST's recipe, by the name of its switch or slider."""
    return state.get(KEY, {})


def _on(name: str) -> bool:
    return bool(_changed().get(name, True))


def _at(name: str) -> float:
    return _changed().get(name, SLIDERS[name])


def _change(name: str, key: str) -> None:
    if state.is_current(key):
        state.put(KEY, _changed() | {name: state.get(key, 0.0)})


def _reset() -> None:
    state.drop(KEY)


# What comes of it.


def _side(title: str, found: Answer, names: tuple[str, ...]) -> None:
    """The image that the network is given, and what it says to it."""
    with st.container(horizontal=True, wrap=False, gap="small"):
        image = found.stages.image
        blank = np.zeros((FIELD, FIELD), np.uint8)
        with st.container(width=3 * FIELD + 2):
            draw_answer.picture(blank if image is None else image, 3 * FIELD, title)
        with st.container(gap=None):
            st.caption(title)
            st.markdown(_said(found, names))


def _said(found: Answer, names: tuple[str, ...]) -> str:
    if found.stages.image is None:
        return "No ink is left."
    if found.outputs is None:
        return "Nobody can read this yet."
    return draw_answer.verdict(found.outputs, names)


def _under_shift(lesson: Lesson, recipe: Recipe, reader: Reader, dataset: Dataset) -> None:
    """The accuracy over the test set under the same shift, and under shorter and longer ones."""
    checkpoint = reader.checkpoint
    other_data = reader.fingerprint != dataset.fingerprint
    if checkpoint is None or not reader.made or other_data:
        st.caption(lesson.text("shift_later"))
        return
    way = along(recipe.shift)
    here = way.index(recipe.shift)
    line, place = st.empty(), st.empty()
    found: list[float | None] = [None] * len(way)
    guessing = baseline_accuracy(dataset.y_test)
    for number in _nearest(here, len(way)):
        found[number] = resources.accuracy_when_shifted(checkpoint, dataset, way[number])
        if number == here:
            line.caption(lesson.text("shift", share=found[number], count=len(dataset.y_test)))
        chart = drawing.shift_curve(found, here, guessing)
        place.vega_lite_chart(*chart)  # drawn several times in a run: a key could not be


def along(shift: tuple[int, int]) -> list[tuple[int, int]]:
    """The shifts by 0, 1, 2, ... pixels in the direction of a shift, itself among them.

    Args:
        shift: To the right and down. Without one the direction is to the right.
    """
    right, down = shift if any(shift) else (1, 0)
    far = max(abs(right), abs(down))
    return [
        (round(step * right / far), round(step * down / far))
        for step in range(preprocess.MOST_SHIFT + 1)
    ]


def _nearest(here: int, count: int) -> Iterator[int]:
    """All numbers below `count`, beginning with `here`."""
    yield from sorted(range(count), key=lambda number: (number != here, number))

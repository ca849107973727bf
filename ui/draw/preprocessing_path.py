"""The steps from a drawing to the network's input: each as a picture, with a switch to skip it.

The learner changes a `Recipe`; the session keeps the differences from MNIST's. The page's own
prediction always uses MNIST's recipe; this card compares both.
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
from ui.core import cached_results, state
from ui.core.keys import Key
from ui.draw import pictures, prediction_text
from ui.draw.reader import Reader
from ui.workbench.lesson_page import LessonPage

#: The differences from MNIST's recipe by switch or slider, which are the widgets' keys too.
CHANGES = Key[dict[str, float]]("draw.path.changes", {})
#: A switch or slider of the path, by its name.
STEP = Key[float]("draw.path", 0.0)
#: The card.
OPEN = Key("draw.look", False)
#: The width in pixels of a stage's picture, and of the card around it.
PICTURE, CARD = 4 * FIELD, 4 * FIELD + 30
#: The switches, one for each stage, with their labels.
SWITCHES = {
    "light": "ink is 1, paper 0",
    "crop": "cut to the ink",
    "fit": "20 × 20, aspect kept",
    "centre": "centre of mass",
    "scaled": "divided by 255",
}
#: The sliders' values for MNIST's recipe.
SLIDERS: dict[str, float] = {"right": 0, "down": 0, "box": BOX, "thickness": 0.0}


@dataclass(frozen=True)
class PathResult:
    """A drawing prepared by one recipe, and the network's outputs for it.

    Args:
        stages: The drawing's stages.
        outputs: (classes,); None where there is no ink left, or no network.
    """

    stages: Stages
    outputs: NDArray[np.float32] | None


def read_by_recipe(ink: Pixels, recipe: Recipe, network: Network | None) -> PathResult:
    """Prepare a drawing by a recipe, and read it.

    Args:
        ink: (height, width) uint8, 0 where there is none.
        recipe: The recipe.
        network: The network that reads, or None.
    """
    stages = apply_recipe(ink, recipe, invert=False)
    if network is None or stages.image is None:
        return PathResult(stages, None)
    return PathResult(stages, network.predict(recipe.to_inputs(stages.image))[0])


def show_card(page: LessonPage, ink: Pixels | None, reader: Reader) -> None:
    """Draw the steps, if the learner has opened the card.

    Args:
        page: The page.
        ink: The drawing; None for none.
        reader: The reader.
    """
    title = "**1 Look** · how your drawing becomes 28 × 28 pixels"
    box = st.expander(title, key=OPEN.name, on_change="rerun")
    if box.open:
        with box:
            _show_contents(page.lesson, ink, reader, page.dataset)


@st.fragment
def _show_contents(lesson: Lesson, ink: Pixels | None, reader: Reader, dataset: Dataset) -> None:
    st.markdown(lesson.text("look"))
    if ink is None or not ink.any():
        st.info(lesson.text("look_blank"), icon=":material/draw:")
    else:
        _show_path(lesson, ink, reader, dataset)
    st.caption(dataset.source)


def _show_path(lesson: Lesson, ink: Pixels, reader: Reader, dataset: Dataset) -> None:
    recipe = chosen_recipe()
    network = reader.network
    theirs, yours = (read_by_recipe(ink, r, network) for r in (MNIST, recipe))
    _show_stages(lesson, yours.stages, recipe)
    controls, results = st.columns([1, 1.9], gap="medium")
    with controls:
        _show_sliders()
    with results:
        for column, title, result in zip(
            st.columns(2, gap="small"), ("MNIST's steps", "Yours"), (theirs, yours), strict=True
        ):
            with column:
                _show_result(title, result, dataset.class_names)
        bars, curve = st.columns(2, gap="small")
        with bars:
            chart = drawing.draw_moving_bars(
                yours.outputs, dataset.class_names, theirs.outputs, mark="MNIST's steps"
            )
            st.vega_lite_chart(*chart, key="draw.path.bars")
        with curve:
            _show_shift_accuracy(lesson, recipe, reader, dataset)


def chosen_recipe() -> Recipe:
    """Return the recipe that the switches and sliders are set to."""
    on = {name: _is_on(name) for name in SWITCHES}
    at = {name: _value_of(name) for name in SLIDERS}
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


def _show_stages(lesson: Lesson, stages: Stages, recipe: Recipe) -> None:
    shown = (stages.ink, stages.cropped, stages.boxed, stages.centred, stages.moved)
    with st.container(horizontal=True, gap="small"):  # two in a row on a narrow screen
        for number, (name, pixels) in enumerate(zip(SWITCHES, shown, strict=True), 1):
            with st.container(width=CARD, gap="xsmall"):
                is_last = number == len(shown)
                _show_stage(lesson.text(f"stage_{number}"), pixels, recipe, is_last=is_last)
                key = state.bind_widget(STEP.of(name), _is_on(name))
                st.toggle(SWITCHES[name], key=key, on_change=_change, args=(name, key))


def _show_stage(
    text: str, pixels: NDArray[np.generic] | None, recipe: Recipe, *, is_last: bool
) -> None:
    st.markdown(text)
    if pixels is None:
        st.caption("no ink left")
        return
    flipped = pixels if is_last or recipe.light_ink else _invert(pixels)
    pictures.show_ink(flipped, PICTURE, text)
    height, width = pixels.shape
    most = "1" if recipe.scaled else "255"
    st.caption(f"numbers 0 to {most}" if is_last else f"{height} × {width} pixels")


def _invert(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    return 255 - pixels if pixels.dtype == np.uint8 else 1 - pixels


def _show_sliders() -> None:
    most = preprocess.MOST_SHIFT
    _show_slider("Shift to the right, pixels", "right", -most, most, 1)
    _show_slider("Shift down, pixels", "down", -most, most, 1)
    _show_slider("Size: the side of the box", "box", 8, FIELD, 1, disabled=not _is_on("fit"))
    _show_slider("Lines thinner or thicker, pixels", "thickness", -2.0, 3.0, 0.5)
    st.button(
        "Back to MNIST's steps",
        key="draw.path.reset",
        icon=":material/restart_alt:",
        on_click=_reset,
        disabled=chosen_recipe() == MNIST,
    )


def _show_slider(
    label: str, name: str, low: float, high: float, step: float, *, disabled: bool = False
) -> None:
    key = state.bind_widget(STEP.of(name), _value_of(name))
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


def _is_on(name: str) -> bool:
    return bool(state.get(CHANGES).get(name, True))


def _value_of(name: str) -> float:
    return state.get(CHANGES).get(name, SLIDERS[name])


def _change(name: str, key: str) -> None:
    if state.is_current(key):
        state.put(CHANGES, state.get(CHANGES) | {name: state.get(Key(key, 0.0))})


def _reset() -> None:
    state.drop(CHANGES)


def _show_result(title: str, result: PathResult, names: tuple[str, ...]) -> None:
    """Draw the network's input and its prediction."""
    with st.container(horizontal=True, wrap=False, gap="small"):
        image = result.stages.image
        blank = np.zeros((FIELD, FIELD), np.uint8)
        with st.container(width=3 * FIELD + 2):
            pictures.show_ink(blank if image is None else image, 3 * FIELD, title)
        with st.container(gap=None):
            st.caption(title)
            st.markdown(_describe(result, names))


def _describe(result: PathResult, names: tuple[str, ...]) -> str:
    if result.stages.image is None:
        return "No ink is left."
    if result.outputs is None:
        return "No network is trained yet."
    return prediction_text.describe_prediction(result.outputs, names)


def _show_shift_accuracy(lesson: Lesson, recipe: Recipe, reader: Reader, dataset: Dataset) -> None:
    """Draw the test accuracy with the same shift, and with shorter and longer ones."""
    checkpoint = reader.checkpoint
    other_data = reader.fingerprint != dataset.fingerprint
    if checkpoint is None or not reader.is_final or other_data:
        st.caption(lesson.text("shift_later"))
        return
    shifts = shifts_along(recipe.shift)
    here = shifts.index(recipe.shift)
    line, place = st.empty(), st.empty()
    accuracies: list[float | None] = [None] * len(shifts)
    baseline = baseline_accuracy(dataset.y_test)
    for number in _start_with(here, len(shifts)):
        accuracy = cached_results.accuracy_when_shifted(checkpoint, dataset, shifts[number])
        accuracies[number] = accuracy
        if number == here:
            line.caption(lesson.text("shift", share=accuracy, count=len(dataset.y_test)))
        chart = drawing.draw_shift_curve(accuracies, here, baseline)
        place.vega_lite_chart(*chart)  # without a key: it is drawn several times in one run


def shifts_along(shift: tuple[int, int]) -> list[tuple[int, int]]:
    """Return shifts by 0, 1, 2, ... pixels in the direction of a shift, which is one of them.

    Args:
        shift: Pixels to the right and down. For (0, 0) the direction is to the right.
    """
    right, down = shift if any(shift) else (1, 0)
    far = max(abs(right), abs(down))
    return [
        (round(step * right / far), round(step * down / far))
        for step in range(preprocess.MOST_SHIFT + 1)
    ]


def _start_with(here: int, count: int) -> Iterator[int]:
    """Yield all numbers below `count`, starting with `here`."""
    yield from sorted(range(count), key=lambda number: (number != here, number))

"""Look: make all drawings of a class smaller or larger, or move them, as an experiment.

With one class large and the other small, a network can tell them apart without a look at their
shapes. Each change is one that *Undo* takes back.
"""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from nncore.digits.own_changes import change_class
from nncore.own_drawings import OwnDrawings
from ui.content.lesson import Lesson
from ui.core.keys import Key
from ui.own import drawings
from ui.own.drawing_field import show_own_drawings

POPOVER, CHANGE_BUTTON = Key("own.size", False), Key("own.size.change", False)


class Step(NamedTuple):
    """A change to all drawings of a class.

    Attributes:
        label: The button's label.
        icon: A Material icon.
        factor: The new size as a multiple of the old one.
        across: Pixels to the right.
        down: Pixels downwards.
    """

    label: str
    icon: str
    factor: float = 1.0
    across: int = 0
    down: int = 0


STEPS = (
    Step("Half the size", ":material/zoom_in_map:", factor=0.5),
    Step("Larger", ":material/zoom_out_map:", factor=1.4),
    Step("Left", ":material/arrow_back:", across=-4),
    Step("Right", ":material/arrow_forward:", across=4),
    Step("Up", ":material/arrow_upward:", down=-4),
    Step("Down", ":material/arrow_downward:", down=4),
)


def show_size_and_place(lesson: Lesson, own: OwnDrawings, label: int) -> None:
    """Draw the popover that changes all drawings of a class.

    Args:
        lesson: The lesson, for its texts.
        own: The learner's classes and drawings.
        label: The class.
    """
    popover = st.popover(
        "Size and place",
        icon=":material/open_with:",
        key=POPOVER.of(label).name,
        on_change="rerun",
    )
    if not popover.open:
        return
    with popover:
        st.markdown(lesson.text("size_and_place"))
        with st.container(horizontal=True, gap="small"):
            for number, step in enumerate(STEPS):
                st.button(
                    step.label,
                    icon=step.icon,
                    key=CHANGE_BUTTON.of(label, number).name,
                    on_click=_change,
                    args=(own, label, step),
                )


def _change(own: OwnDrawings, label: int, step: Step) -> None:
    if own != drawings.load():  # a repeated message
        return
    title = "resized a class" if step.factor != 1 else "moved a class"
    new = change_class(own, label, step.factor, step.across, step.down)
    if drawings.try_change(title, lambda: new):
        show_own_drawings()

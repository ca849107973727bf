"""The drawings that the page trains on: the learner's own, the whole class's, or a starter set.

An address names own drawings and those of a class by their fingerprint, and the drawings themselves
go with the page's settings in the session. While the learner draws, the settings follow without a
step in the browser's history; the next change of a setting writes the new fingerprint into the
address.
"""

from __future__ import annotations

import streamlit as st

from nncore.digits import starters
from nncore.experiment import STARTERS, Experiment
from nncore.own_drawings import OwnDrawings
from ui.content.lesson import Lesson, load
from ui.core import page_settings, state
from ui.core.keys import Key
from ui.membership import class_drawings
from ui.own import drawings

PAGE = "own"
#: The options that stand for the learner's own drawings, and for those of the whole class.
MINE, CLASS = "mine", "class"
#: The widget that chooses.
CHOICE = Key("own.choice", MINE)


def attach(experiment: Experiment) -> Experiment:
    """Return the page's settings with the drawings that they name, where those are here.

    Settings that name drawings of somebody else, or of another browser, stay without them.
    """
    data = experiment.data
    if not data.is_private:
        return experiment
    part = class_drawings.find_part(data.drawings)
    if part is not None:
        return experiment.with_drawings(part.own)
    own = drawings.load()
    if data.drawings != own.fingerprint and not drawings.is_known(data.drawings):
        return experiment
    return experiment.with_drawings(own)


def find_settings() -> tuple[Lesson, Experiment]:
    """Return the lesson and the page's settings, where its drawings cannot be trained on."""
    return load(PAGE), page_settings.get_experiment(PAGE)


def use(name: str) -> None:
    """Train on other drawings: a step that *Back* undoes.

    Args:
        name: `MINE`, `CLASS`, or a starter set's name.
    """
    held = page_settings.get_experiment(PAGE)
    if name == MINE:
        page_settings.set_experiment(PAGE, held.with_drawings(drawings.load()))
    elif name == CLASS:
        collection = state.get(class_drawings.COLLECTION)
        if collection is not None:
            page_settings.set_experiment(PAGE, held.with_drawings(collection.own))
    else:
        settings = {"data.name": "own", "data.drawings": name}
        page_settings.set_experiment(PAGE, held.updated(settings))


def find_choice(experiment: Experiment) -> str:
    """Return what an experiment trains on: `MINE`, `CLASS`, or a starter set's name."""
    data = experiment.data
    if not data.is_private:
        return data.drawings
    return MINE if class_drawings.find_part(data.drawings) is None else CLASS


def find_drawings(experiment: Experiment) -> OwnDrawings | None:
    """Return the drawings that an experiment trains on; None where they are not here."""
    data = experiment.data
    return data.own if data.is_private else starters.starter(data.drawings)


def show_choice(lesson: Lesson, experiment: Experiment) -> None:
    """Draw the buttons that choose the drawings to train on."""
    has_class = state.get(class_drawings.COLLECTION) is not None
    key = state.bind_widget(CHOICE, find_choice(experiment))
    st.segmented_control(
        lesson.text("train_on"),
        (MINE, *((CLASS,) if has_class else ()), *STARTERS),
        format_func=lambda name: lesson.text(f"set_{name}"),
        key=key,
        on_change=_choose,
        args=(key,),
        required=True,
        help=lesson.text("sets"),
    )


def _choose(key: str) -> None:
    if state.is_current(key):
        use(state.get(Key(key, MINE)))

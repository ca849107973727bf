"""Look: classes that an address or a teacher brings, taken up without losing a drawing unasked."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.own_drawings import MOST_CLASSES, DrawingError, OwnDrawings, clean_name
from ui.class_store.sketches import PARAMETER
from ui.components import keep
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key
from ui.core.wording import as_typed, count, listing
from ui.own import drawings

ADD_BUTTON, REPLACE_BUTTON = Key("own.handed_out.add", False), Key("own.handed_out.only", False)
DISMISS_BUTTON = Key("own.handed_out.dismiss", False)


def read_names() -> tuple[str, ...]:
    """Return the classes that the page's address brings; none where it brings none.

    Raises:
        nncore.own_drawings.DrawingError: If it brings names that cannot be used.
    """
    given = state.read_query_values(PARAMETER)[: MOST_CLASSES + 1]
    return OwnDrawings(tuple(map(clean_name, given))).names if given else ()


def show_handed_out(lesson: Lesson) -> None:
    """Take up the classes of the page's address, or ask where the learner has drawings of others.

    Nothing happens before the browser has sent the drawings that it keeps.
    """
    if not keep.has_answered():
        return
    try:
        names = read_names()
    except DrawingError as error:
        state.take_from_query(PARAMETER)
        drawings.report(str(error))
        return
    own = drawings.load()
    if not names:
        return
    if has_all(own, names) or not len(own):
        take_up(own, names)
        return
    with st.container(border=True, gap="small"):
        show_choice(lesson, own, names)


def has_all(own: OwnDrawings, names: Sequence[str]) -> bool:
    """Return True if the learner has classes of all these names."""
    return set(names) <= set(own.names)


def show_choice(lesson: Lesson, own: OwnDrawings, names: Sequence[str]) -> None:
    """Draw the ways to take up classes: next to the learner's own, in place of them, or not at all.

    Args:
        lesson: The lesson, for its texts.
        own: The learner's classes and drawings.
        names: The classes to draw.
    """
    drawn = {own.names[one.label] for one in own.drawings}
    others = sum(own.names[one.label] not in names for one in own.drawings)
    shown = listing([as_typed(name) for name in names])
    st.markdown(lesson.text("handed_out", names=shown, drawings=count(others, "drawing")))
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Add these classes",
            icon=":material/add:",
            key=ADD_BUTTON.name,
            disabled=len(drawn | {*names}) > MOST_CLASSES,
            on_click=take_up,
            args=(own, names),
        )
        st.button(
            "Start with only these",
            icon=":material/restart_alt:",
            key=REPLACE_BUTTON.name,
            on_click=take_up,
            args=(own, names, True),
        )
        st.button(
            "Not now",
            key=DISMISS_BUTTON.name,
            type="tertiary",
            on_click=state.take_from_query,
            args=(PARAMETER,),
        )


def take_up(own: OwnDrawings, names: Sequence[str], only: bool = False) -> None:
    """Give the learner classes to draw; the change can be undone.

    Args:
        own: The learner's classes and drawings; classes without a drawing give way.
        names: The classes to draw.
        only: True to leave out the learner's other classes with their drawings.
    """
    state.take_from_query(PARAMETER)
    if has_all(own, names) and not only:
        return
    drawn = [name for name, total in zip(own.names, own.counts, strict=True) if total and not only]
    classes = dict.fromkeys((*drawn, *names))
    drawings.try_change("took up classes", lambda: own.with_classes(tuple(classes)))

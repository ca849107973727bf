"""Look, in a class: the classes that the teacher has handed out, and sharing drawings of them.

Nothing is shared before the learner presses *Share*. From then on the class has what it was given,
until the learner shares again or takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import streamlit as st

from nncore.own_drawings import LEAST, OwnDrawings
from ui.class_store import sketches
from ui.class_store.errors import ClassError
from ui.class_store.sketch import Sketch
from ui.class_store.values import MemberEvent, MemberKey, Withdrawal, new_event
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key
from ui.core.wording import as_typed, count, listing
from ui.membership import class_drawings, feed
from ui.membership.feed import Feed
from ui.own import data_choice, handed_out

BOX = Key("own.class", None)
SHARE_BUTTON, BACK_BUTTON = Key("own.class.share", False), Key("own.class.back", False)
OPEN_BUTTON = Key("own.class.open", False)


def show_class_share(lesson: Lesson, own: OwnDrawings) -> None:
    """Draw what the class draws, and the buttons that share drawings; nothing outside a class.

    Args:
        lesson: The lesson, for its texts.
        own: The learner's classes and drawings.
    """
    found = feed.refresh()
    card = None if found is None else sketches.find_handed_out(found.cards)
    if found is None or card is None:
        return
    names = sketches.read_names(card)
    with st.container(border=True, gap="small", key=BOX.name):
        st.markdown(lesson.text("class_draws", names=listing([as_typed(name) for name in names])))
        if handed_out.has_all(own, names):
            _show_sharing(lesson, found, own, names)
        elif not state.read_query_values(sketches.PARAMETER):  # asked above otherwise
            handed_out.show_choice(lesson, own, names)
        if card.kind == "drawings":
            _show_offer(lesson, found, names)


def list_sketches(own: OwnDrawings, names: Sequence[str]) -> list[Sketch]:
    """Return the learner's drawings of handed-out classes, as they are shared."""
    pairs = [(own.names[one.label], one.pixels) for one in own.drawings]
    return [Sketch(name, pixels) for name, pixels in pairs if name in names]


def list_changes(
    mine: Sequence[Sketch], shared: Mapping[str, Sketch], names: Sequence[str]
) -> Iterator[tuple[MemberEvent, str]]:
    """Yield what makes the class have exactly the learner's drawings, each with its identity.

    Args:
        mine: The learner's drawings of the handed-out classes.
        shared: What the class has of the learner, by identity.
        names: The handed-out classes; drawings of other classes stay shared.
    """
    kept, known = set(mine), set(shared.values())
    for identity, sketch in shared.items():
        if sketch.name in names and sketch not in kept:
            yield Withdrawal(identity), new_event()
    for sketch in mine:
        if sketch not in known:
            yield sketch, new_event()


def _show_sharing(lesson: Lesson, found: Feed, own: OwnDrawings, names: Sequence[str]) -> None:
    mine = list_sketches(own, names)
    shared = {i: one for i, one in found.view.sketches.items() if one.name in names}
    changes = list(list_changes(mine, shared, names))
    is_waiting = feed.open_classes().outbox.waiting(found.key) > 0
    words = "shared" if shared else "not_shared"
    st.markdown(lesson.text(words, drawings=count(len(shared), "drawing")))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            "Share what has changed" if shared else f"Share {count(len(mine), 'drawing')}",
            icon=":material/group_add:",
            key=SHARE_BUTTON.name,
            disabled=not changes or is_waiting,
            on_click=_send,
            args=(found.key, changes),
        )
        if shared:
            st.button(
                "Take them back",
                icon=":material/undo:",
                key=BACK_BUTTON.name,
                type="tertiary",
                disabled=is_waiting,
                on_click=_send,
                args=(found.key, [(Withdrawal(one), new_event()) for one in shared]),
            )
    if is_waiting:
        st.caption(lesson.text("waiting"))


def _send(key: MemberKey, events: Sequence[tuple[MemberEvent, str]]) -> None:
    """Send events; after one that is refused, no more are tried."""
    outbox = feed.open_classes().outbox
    try:
        for event, identity in events:
            outbox.send(key, event, identity)
    except ClassError as error:
        st.toast(str(error), icon=":material/error:")
    feed.refresh()


def _show_offer(lesson: Lesson, found: Feed, names: Sequence[str]) -> None:
    """Draw the button that opens the drawings of all, which the teacher offers."""
    st.button(
        "Train on the drawings of all",
        icon=":material/groups:",
        key=OPEN_BUTTON.name,
        on_click=_open,
        args=(partial(_collect, found.key, names), lesson.text("class_few", least=LEAST)),
    )


def _collect(key: MemberKey, names: Sequence[str]) -> sketches.Collection:
    return sketches.collect(names, feed.open_classes().store.list_offered_sketches(key))


def _open(read: Callable[[], sketches.Collection], too_few: str) -> None:
    try:
        collection = read()
    except ClassError as error:
        st.toast(str(error), icon=":material/error:")
        return
    if min(collection.own.counts) < LEAST:
        st.toast(too_few, icon=":material/draw:")
        return
    state.put(class_drawings.COLLECTION, collection)
    data_choice.use(data_choice.CLASS)

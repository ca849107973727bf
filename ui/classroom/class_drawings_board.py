"""Classes to draw, on the board: hand them out, see what is shared, and train on all of it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from nncore.own_drawings import LEAST, LONGEST_NAME, MOST_CLASSES, MOST_DRAWINGS, DrawingError
from ui.class_store import sketches
from ui.class_store.sketch import SketchRow
from ui.class_store.sketches import Collection
from ui.class_store.values import Card
from ui.classroom import desk
from ui.classroom.desk import Desk
from ui.classroom.hide_button import show_hide_button
from ui.components import gallery
from ui.components.gallery import Tile
from ui.content.lesson import Lesson, load
from ui.core import state
from ui.core.keys import Key
from ui.core.links import write_link
from ui.core.wording import as_typed, count, listing
from ui.membership import class_drawings
from ui.membership.visit import go_to, write_address
from ui.workbench import tables

FORM, NAMES = Key("classroom.classes.form", False), Key("classroom.classes.names", "")
HAND_OUT_BUTTON = Key("classroom.classes.send", False)
WALL = Key("classroom.classes.wall", None)
CHOSEN = Key[int | None]("classroom.classes.chosen", None)
HIDE_BUTTON = Key("classroom.classes.hide", False)
TABLE = Key("classroom.classes.table", None)
OPEN_BUTTON = Key("classroom.classes.open", False)
OFFER_BUTTON = Key("classroom.classes.offer", False)
#: Drawings on the wall at most, the newest.
MOST = 120


def show_class_drawings(texts: Lesson, found: Desk) -> None:
    """Draw the form that hands classes out, and below it what the class has drawn of them."""
    card = sketches.find_handed_out(desk.list_cards(found))
    if card is None:
        _show_form(texts, found)
        return
    names = sketches.read_names(card)
    st.markdown(texts.text("handed_out", names=listing([as_typed(name) for name in names])))
    rows = [row for row in desk.list_sketches(found) if row.sketch.name in names]
    if rows:
        wall, numbers = st.columns([1.25, 1], gap="large")
        with wall:
            _show_wall(texts, found, rows[-MOST:])
        with numbers:
            _show_counts(rows, names)
        _show_training(texts, found, sketches.collect(names, rows), card)
    else:
        st.markdown(texts.text("no_sketches"))
    with st.expander("Hand out other classes", key=FORM.name, on_change="rerun") as box:
        if box.open:
            _show_form(texts, found)


# Handing out


def _show_form(texts: Lesson, found: Desk) -> None:
    st.markdown(texts.text("hand_out"))
    st.text_area(
        texts.text("class_names"),
        key=NAMES.name,
        max_chars=MOST_CLASSES * (LONGEST_NAME + 1),
        height=110,
        placeholder="smiley\nfrown",
        width=420,
    )
    st.button(
        "Hand out to all",
        type="primary",
        icon=":material/send:",
        key=HAND_OUT_BUTTON.name,
        on_click=_hand_out,
        args=(found,),
    )


def read_lines(text: str) -> tuple[str, ...]:
    """Return the names of classes that a teacher typed: one on each line that is not blank."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line)[: MOST_CLASSES + 1]


def _hand_out(found: Desk) -> None:
    try:
        card = sketches.hand_out(read_lines(state.get(NAMES)))
    except DrawingError as error:
        st.toast(as_typed(str(error)), icon=":material/error:")
        return
    if desk.try_to(lambda store: store.send(found.key, card)):
        state.put(NAMES, "")
        st.toast("Handed out to all.", icon=":material/send:")


# What the class has drawn


def _show_wall(texts: Lesson, found: Desk, rows: Sequence[SketchRow]) -> None:
    numbers = [row.number for row in rows]
    chosen = state.get(CHOSEN)
    gallery.draw(
        np.stack([np.frombuffer(row.sketch.pixels, np.uint8).reshape(28, 28) for row in rows]),
        [Tile("", f"{row.member}: {row.sketch.name}") for row in rows],
        key=WALL.name,
        label="The drawings of the class",
        chosen=numbers.index(chosen) if chosen in numbers else None,
        dark=st.context.theme.type == "dark",
        on_choose=lambda place: state.put(CHOSEN, numbers[place]),
    )
    row = next((row for row in rows if row.number == chosen), None)
    if row is None:
        st.caption(texts.text("sketches"))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{row.member}: {as_typed(row.sketch.name)}", width="content")
        show_hide_button(found, "sketches", row.number, key=HIDE_BUTTON, chosen=CHOSEN)


def _show_counts(rows: Sequence[SketchRow], names: Sequence[str]) -> None:
    """Draw the number of drawings, by class and by member."""
    drawn = ((row.member, names.index(row.sketch.name)) for row in rows)
    counts = sketches.count_by_person(drawn, len(names))
    st.markdown(f"**{count(len(rows), 'drawing')} by {count(len(counts), 'learner')}**")
    totals = np.sum(list(counts.values()), axis=0)
    pairs = zip(names, totals, strict=True)
    st.markdown(" · ".join(f"{as_typed(name)}: **{total}**" for name, total in pairs))
    tables.show_counts("Learner", counts, names, key=TABLE.name)


# Training on all


def _show_training(texts: Lesson, found: Desk, collection: Collection, card: Card) -> None:
    counts = collection.own.counts
    fewest = min(counts)
    with st.container(border=True, gap="small"):
        st.markdown(texts.text("open_all", most=MOST_DRAWINGS))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            is_opened = st.button(
                "Open all in lesson 5",
                type="primary",
                icon=":material/arrow_forward:",
                key=OPEN_BUTTON.name,
                disabled=fewest < LEAST,
            )
            st.button(
                "Offer to all",
                icon=":material/groups:",
                key=OFFER_BUTTON.name,
                disabled=fewest < LEAST or card.kind == "drawings",
                on_click=_offer,
                args=(found, collection.own.names),
                help=texts.text("offer"),
            )
        if card.kind == "drawings":
            st.markdown(texts.text("offered"))
        if fewest < LEAST:
            name = as_typed(collection.own.names[counts.index(fewest)])
            st.caption(texts.text("open_few", least=LEAST, called=name, drawn=fewest))
    if is_opened:
        _open(collection)


def _open(collection: Collection) -> None:
    """Go to lesson 5 with a class's drawings."""
    state.put(class_drawings.COLLECTION, collection)
    experiment = load("own").on_data().default.with_drawings(collection.own)
    go_to(write_address("own", urlencode(write_link(experiment, None))))


def _offer(found: Desk, names: Sequence[str]) -> None:
    if desk.try_to(lambda store: store.send(found.key, sketches.offer(names))):
        st.toast("Offered to all.", icon=":material/groups:")

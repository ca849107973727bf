"""*Send*: a page, some settings or a question for all members; each goes there by a click."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from ui.class_store.values import MOST_TEXT, Card
from ui.classroom import desk
from ui.classroom.desk import Desk
from ui.classroom.start_form import write_task
from ui.content.lesson import Lesson, load
from ui.core import page_settings, resources, state
from ui.core.assignment import Assignment, plain
from ui.core.catalog import LESSONS, PAGES
from ui.core.keys import Key
from ui.membership.visit import read_address, write_address

KIND = Key("classroom.send.kind", "A page")
PAGE = Key("classroom.send.page", "mnist")
LINK = Key("classroom.send.link", "")
LESSON = Key("classroom.send.lesson", "mnist")
SETTINGS = Key("classroom.send.settings", "")
WORDS = Key("classroom.send.words", "")
SEND_BUTTON = Key("classroom.send.button", False)
KINDS = ("A page", "Settings", "A question")
#: The most characters of the teacher's words.
LONGEST = 200


def show_send(texts: Lesson, found: Desk) -> None:
    """Draw the form, and what was sent before."""
    st.markdown(texts.text("send"))
    kind = st.segmented_control("Send", KINDS, key=KIND.name, required=True, default=KINDS[0])
    target, words = "", ""
    if kind == "A page":
        target, words = _choose_page()
    elif kind == "Settings":
        target, words = _choose_settings()
    st.text_input(
        "Your question" if kind == "A question" else "Your words",
        key=WORDS.name,
        max_chars=LONGEST,
        placeholder=words or "Why is a 9 so often read as a 4?",
    )
    st.button(
        "Send to all",
        type="primary",
        icon=":material/send:",
        key=SEND_BUTTON.name,
        on_click=_send,
        args=(found, kind, target, words),
    )
    for card in reversed(desk.list_cards(found)[-5:]):
        st.text(f"Sent: {card.title}")


def _choose_page() -> tuple[str, str]:
    """Draw the choice of a page or a link, and return its address and words for it."""
    names = [page.name for page in PAGES if page.name != "classroom"]
    left, right = st.columns(2, gap="small")
    with left:
        page = st.selectbox("Page", names, format_func=_title_of, key=PAGE.name)
    with right:
        link = st.text_input("Or a link of this lab", key=LINK.name, placeholder="Paste it here")
    if link:
        return shorten_link(link), "Open this link"
    return write_address(page), f"Open {_title_of(page)}"


def shorten_link(link: str) -> str:
    """Return the address within the lab of a whole link; other hosts and pages are dropped."""
    path, _, query = link.strip().partition("?")
    name, parameters = read_address(f"/{path.rstrip('/').rpartition('/')[2]}?{query}")
    return write_address(name, urlencode(parameters, doseq=True))


def _title_of(page: str) -> str:
    return next(one.title for one in PAGES if one.name == page)


def _choose_settings() -> tuple[str, str]:
    """Draw the choice of a lesson's settings, and return their address and words for them."""
    page = st.selectbox(
        "Lesson", [lesson.name for lesson in LESSONS], format_func=_title_of, key=LESSON.name
    )
    lesson = load(page).on_data()
    embedded = resources.dataset(lesson.default.data).embedded
    choices = {
        preset.name: lesson.default.updated(preset.of(embedded)) for preset in lesson.presets
    }
    mine = page_settings.find_experiment(page)
    if mine is not None:
        choices = {"The settings that I have there now": mine, **choices}
    key = SETTINGS.of(page)
    if state.get(key) not in choices:
        state.put(key, next(iter(choices)))
    name = st.selectbox("Settings", list(choices), key=key.name)
    return write_address(page, write_task(page, choices[name], Assignment())), f"Try this: {name}"


def _send(found: Desk, kind: str, target: str, words: str) -> None:
    title = plain(state.get(WORDS))[:MOST_TEXT] or words
    if not title:
        st.toast("Write your question first.", icon=":material/edit:")
        return
    kinds = {"A page": "link", "Settings": "settings", "A question": "question"}
    try:
        card = Card(title, target, kinds[kind])
    except ValueError:
        st.toast("This link is too long, or no link of this lab.", icon=":material/error:")
        return
    if desk.try_to(lambda store: store.send(found.key, card)):
        state.put(WORDS, "")
        st.toast("Sent to all.", icon=":material/send:")

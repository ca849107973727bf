"""What a browser keeps, in a real one: two tabs at once, damaged content, content set aside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, serving
from tests.browser.steps import lose_message

#: A page with a slot, a field that names an entry, and what is needed to look at both.
SCRIPT = """
import streamlit as st

from ui.components import keep
from ui.components.keep.shapes import Flag, by_name
from ui.core import state
from ui.core.keys import Key

NAME = Key("test.name", "")
SLOT = keep.Slot("test", by_name(Flag(), 5), "A test")


def add():
    keep.add(SLOT, state.get(NAME), True)


def remove():
    rest = {key: True for key in keep.get(SLOT) or {} if key != state.get(NAME)}
    keep.put(SLOT, rest or None)


keep.mount([SLOT])
st.text_input("Name", key=NAME.name)
st.button("Add", key="test.add", on_click=add)
st.button("Remove", key="test.remove", on_click=remove)
st.button("Download", key="test.download", on_click=keep.order, args=("download",))
st.button("Forget", key="test.forget", on_click=keep.order, args=("forget",))
st.button("Restore", key="test.restore", on_click=keep.order, args=("restore",))
st.text("Entries: " + (", ".join(keep.get(SLOT) or {}) or "none"))
st.text("Aside: " + (", ".join(entry.name for entry in keep.list_aside()) or "none"))
st.text("Faults: " + (", ".join(keep.list_faults().values()) or "none"))
if keep.has_unsent():
    st.rerun()
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(SCRIPT, tmp_path_factory.mktemp("keep")) as address:
        yield address


def open_tab(page: Page, url: str) -> Page:
    page.goto(url)
    expect(page.get_by_role("button", name="Add")).to_be_visible(timeout=60_000)
    return page


def click(page: Page, button: str, name: str = "") -> None:
    if name:
        page.get_by_role("textbox").fill(name)
        page.get_by_role("textbox").press("Enter")
    page.get_by_role("button", name=button).click()


def shows(page: Page, text: str) -> None:
    expect(page.get_by_text(text, exact=True)).to_be_visible()


def put_in_storage(page: Page, text: str) -> None:
    page.evaluate("text => localStorage.setItem('nncore.test', text)", text)


def kept(page: Page, name: str = "nncore.test") -> str | None:
    text: str | None = page.evaluate("name => localStorage.getItem(name)", name)
    return text


def test_what_is_kept_is_there_after_a_reload(url: str, page: Page) -> None:
    open_tab(page, url)
    click(page, "Add", "a")
    shows(page, "Entries: a")
    page.wait_for_function("localStorage.getItem('nncore.test') === '{\"a\":true}'")
    page.reload()
    shows(page, "Entries: a")


def test_two_tabs_keep_what_both_add_and_nothing_that_one_removed(url: str, page: Page) -> None:
    first = open_tab(page, url)
    second = open_tab(page.context.new_page(), url)
    click(first, "Add", "a")
    shows(second, "Entries: a")
    click(second, "Add", "b")
    shows(first, "Entries: a, b")
    click(first, "Remove", "a")
    shows(second, "Entries: b")
    click(second, "Add", "c")
    shows(first, "Entries: b, c")
    shows(second, "Entries: b, c")
    first.reload()
    shows(first, "Entries: b, c")
    assert json.loads(kept(first) or "") == {"b": True, "c": True}


def test_a_tab_that_heard_nothing_of_another_brings_back_nothing(url: str, page: Page) -> None:
    """The second tab is told of no change, as one that the browser put to sleep."""
    first = open_tab(page, url)
    click(first, "Add", "a")
    click(first, "Add", "b")
    shows(first, "Entries: a, b")
    second = page.context.new_page()
    second.add_init_script(
        "addEventListener('storage', event => event.stopImmediatePropagation(), true)"
    )
    open_tab(second, url)
    shows(second, "Entries: a, b")
    click(first, "Remove", "a")
    shows(first, "Entries: b")
    first.wait_for_function("localStorage.getItem('nncore.test') === '{\"b\":true}'")
    shows(second, "Entries: a, b")
    click(second, "Add", "c")
    shows(second, "Entries: b, c")
    shows(first, "Entries: b, c")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a":tr', "damaged"),
        ('{"a":7}', "damaged"),
        (json.dumps({"a" * 40: True} | {"x" * 9000: True}), "damaged"),
        ('{"version":9,"value":{"a":true}}', "another version"),
    ],
    ids=["cut", "another type", "too long", "another version"],
)
def test_content_that_cannot_be_read_is_set_aside(
    url: str, page: Page, text: str, fault: str, tmp_path: Path
) -> None:
    open_tab(page, url)
    put_in_storage(page, text)
    page.reload()
    shows(page, f"Faults: {fault}")
    shows(page, "Aside: test.1")
    assert kept(page) is None
    assert kept(page, "nncore.aside.test.1") == text
    click(page, "Add", "b")
    shows(page, "Entries: b")
    page.wait_for_function("localStorage.getItem('nncore.test') === '{\"b\":true}'")
    with page.expect_download() as download:
        click(page, "Download")
    download.value.save_as(tmp_path / "aside.json")
    file = json.loads((tmp_path / "aside.json").read_text())
    assert file == {"format": "nncore.browser", "version": 1, "aside": {"test.1": text}}


def test_what_was_set_aside_can_be_forgotten_and_restored(url: str, page: Page) -> None:
    open_tab(page, url)
    for text in ("[1", "[2"):
        put_in_storage(page, text)
        page.reload()
        page.wait_for_function("localStorage.getItem('nncore.test') === null")
    shows(page, "Aside: test.1, test.2")
    click(page, "Forget")
    shows(page, "Aside: none")
    assert kept(page, "nncore.aside.test.1") is None
    click(page, "Restore")
    shows(page, "Aside: test.1, test.2")
    assert kept(page, "nncore.aside.test.2") == "[2"


def test_content_that_is_damaged_while_a_tab_is_open_costs_the_tab_nothing(
    url: str, new_page: NewPage
) -> None:
    page = open_tab(new_page(), url)
    click(page, "Add", "a")
    page.wait_for_function("localStorage.getItem('nncore.test') === '{\"a\":true}'")
    put_in_storage(page, "[1")
    click(page, "Add", "b")
    shows(page, "Aside: test.1")
    shows(page, "Entries: a, b")
    page.wait_for_function("localStorage.getItem('nncore.test') === '{\"a\":true,\"b\":true}'")


def test_a_browser_without_storage_still_works(url: str, page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw Error('closed') } })"
    )
    open_tab(page, url)
    click(page, "Add", "a")
    shows(page, "Entries: a")


def test_content_is_told_again_where_its_message_was_lost(url: str, page: Page) -> None:
    open_tab(page, url)
    click(page, "Add", "pear")
    shows(page, "Entries: pear")
    lost = lose_message(page, b"pear")
    page.reload()
    shows(page, "Entries: pear")
    assert lost

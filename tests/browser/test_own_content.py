"""*On this browser* on the real lab: two tabs, by keyboard, with files, and narrow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDE, Lab, NewPage

PATIENCE = 60_000
NARROW = (390, 844)
KEPT = {"nncore.answers.mnist": '{"Where":true,"Why":false}', "nncore.ladder.perceptron": '{"a":1}'}
LISTED = "Answered questions in lesson 3"
EMPTY = "This browser keeps nothing yet"


def open_tab(page: Page, lab: Lab, name: str = "browser") -> Page:
    page.goto(f"{lab.url}/{name}")
    expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)
    return page


def fill_storage(page: Page, lab: Lab, entries: dict[str, str]) -> None:
    open_tab(page, lab)
    for name, text in entries.items():
        page.evaluate("entry => localStorage.setItem(...entry)", [name, text])
    page.reload()
    expect(page.get_by_role("heading", name="What is kept")).to_be_visible(timeout=PATIENCE)


def kept(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate("({ ...localStorage })")
    others = ("nncore.browser", "nncore.tab")
    return {n: t for n, t in found.items() if n.startswith("nncore.") and n not in others}


def press(page: Page, button: str) -> None:
    """Press a button with the keyboard alone."""
    page.get_by_role("button", name=button, exact=True).focus()
    page.keyboard.press("Enter")


def wait_for_storage(page: Page, entries: dict[str, str]) -> None:
    page.wait_for_function(
        """entries => {
            const isSlot = name => /^nncore[.](?!browser|tab)/.test(name);
            const names = Object.keys(localStorage).filter(isSlot);
            return names.length === Object.keys(entries).length
                && names.every(name => localStorage.getItem(name) === entries[name]);
        }""",
        arg=entries,
    )


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_forget_all_and_undo_reach_every_tab(
    lab: Lab, new_page: NewPage, size: tuple[int, int]
) -> None:
    page = new_page(size, "dark")
    fill_storage(page, lab, KEPT)
    expect(page.get_by_text(LISTED)).to_be_visible(timeout=PATIENCE)
    other = open_tab(page.context.new_page(), lab)
    expect(other.get_by_text(LISTED)).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    press(page, "Forget all")
    expect(page.get_by_text(EMPTY)).to_be_visible(timeout=PATIENCE)
    expect(other.get_by_text(EMPTY)).to_be_visible(timeout=PATIENCE)
    wait_for_storage(page, {})
    press(page, "Undo: forgot all")
    expect(page.get_by_text(LISTED)).to_be_visible(timeout=PATIENCE)
    expect(other.get_by_text(LISTED)).to_be_visible(timeout=PATIENCE)
    wait_for_storage(page, KEPT)


def test_a_file_carries_everything_to_another_browser(
    lab: Lab, new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page()
    fill_storage(page, lab, KEPT)
    expect(page.get_by_text(LISTED)).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all").click()
    path = tmp_path / "all.json"
    download.value.save_as(path)
    assert {*json.loads(path.read_text())["slots"]} == {"answers.mnist", "ladder.perceptron"}

    elsewhere = open_tab(new_page(), lab)
    expect(elsewhere.get_by_text(EMPTY)).to_be_visible(timeout=PATIENCE)
    elsewhere.locator("input[type=file]").set_input_files(path)
    expect(elsewhere.get_by_text("Brought back:")).to_be_visible(timeout=PATIENCE)
    wait_for_storage(elsewhere, KEPT)


def test_damaged_content_is_said_on_the_page_and_can_be_downloaded(
    lab: Lab, page: Page, tmp_path: Path
) -> None:
    damaged = '{"format":"nncore.handwriting","version":1,"digits":[{"label"'
    fill_storage(page, lab, {"nncore.handwriting": damaged})
    expect(page.get_by_text("cannot read: your own digits (damaged)")).to_be_visible()
    wait_for_storage(page, {"nncore.aside.handwriting.1": damaged})
    with page.expect_download() as download:
        page.get_by_role("button", name="Download what was set aside").click()
    path = tmp_path / "aside.json"
    download.value.save_as(path)
    assert json.loads(path.read_text())["aside"] == {"handwriting.1": damaged}


def test_damaged_content_is_said_on_a_lesson_with_a_link(lab: Lab, page: Page) -> None:
    open_tab(page, lab)
    page.evaluate("localStorage.setItem('nncore.check.passed', '[1]')")
    open_tab(page, lab, "rounding")
    expect(page.get_by_text("This browser kept content that the lab cannot read")).to_be_visible(
        timeout=PATIENCE
    )
    page.get_by_test_id("stMain").get_by_role("link", name="On this browser").click()
    expect(page.get_by_role("heading", name="Set aside")).to_be_visible(timeout=PATIENCE)


def test_forgetting_cannot_be_undone_by_the_next_person(lab: Lab, page: Page) -> None:
    fill_storage(page, lab, KEPT)
    expect(page.get_by_text(LISTED)).to_be_visible(timeout=PATIENCE)
    press(page, "Forget all")
    expect(page.get_by_text(EMPTY)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Runs").click()
    expect(page.locator("h1")).to_have_text("Runs", timeout=PATIENCE)
    page.get_by_role("link", name="On this browser").click()
    expect(page.get_by_text(EMPTY)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert kept(page) == {}

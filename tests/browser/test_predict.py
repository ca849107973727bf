"""What only a browser shows of questions and words: scores outlive a reload, words explain."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, NewPage
from ui.content.lesson import glossary, load

#: Milliseconds: what a busy machine may take for the first import of TensorFlow, and to train.
PATIENCE = 120_000
SCORE = re.compile(r"\d of 1 right")


def open_card(page: Page, lab: Lab) -> None:
    """Lesson 1 with its card open."""
    page.goto(f"{lab.url}/rounding")
    page.locator("summary").filter(has_text="Predict").click(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Run it")).to_be_visible(timeout=PATIENCE)


def test_an_answer_outlives_a_reload(lab: Lab, page: Page) -> None:
    open_card(page, lab)
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)
    page.get_by_text(load("rounding").questions[0].answers[0].text).click()
    page.get_by_role("button", name="Run it").click()
    page.get_by_role("button", name="Next question").click(timeout=PATIENCE)
    expect(page.get_by_text(SCORE)).to_be_visible(timeout=PATIENCE)
    page.reload()
    expect(page.get_by_text(SCORE)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Predict 2 of")).to_be_visible()


def test_a_word_explains_itself_by_mouse_keyboard_and_finger(lab: Lab, new_page: NewPage) -> None:
    page = new_page((390, 844))
    open_card(page, lab)
    word = page.get_by_role("link", name="epoch", exact=True).first
    expect(word).to_be_visible(timeout=PATIENCE)
    meant = page.get_by_role("tooltip").filter(has_text=glossary()["epoch"])
    address = page.url

    word.hover()
    expect(meant).to_be_visible()
    box = meant.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    expect(word).to_have_attribute("aria-describedby", "nncore-term")
    page.keyboard.press("Escape")
    expect(meant).to_be_hidden()

    page.mouse.move(0, 0)
    word.focus()
    expect(meant).to_be_visible()
    word.blur()
    expect(meant).to_be_hidden()

    word.click()
    expect(meant).to_be_visible()
    assert page.url == address

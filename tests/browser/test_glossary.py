"""The piece that explains words, by itself: what no event tells it of. No lab is started."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ui.content.lesson import FOLDER

SCRIPT = FOLDER.parent / "ui" / "components" / "glossary" / "glossary.js"
WORD = '<a href="#term-epoch">epoch</a>'
HTML = f'<p>{WORD}</p><div id="place"><div class="nncore-term" id="term" popover="manual"></div>'
#: What Streamlit does at the end of each run of a page.
RUN = """() => { explain({
    data: [{ "term-epoch": "One pass." }], parentElement: document.getElementById("place"),
}); }"""


@pytest.fixture
def hovered(page: Page) -> Page:
    """A page whose word the mouse was on before the piece was there."""
    page.set_content(HTML)
    page.hover("a")
    source = SCRIPT.read_text(encoding="utf-8")
    page.add_script_tag(content=source.replace("export default function", "explain = function"))
    page.evaluate(RUN)
    return page


def test_a_word_that_the_mouse_is_on_already_is_explained(hovered: Page) -> None:
    expect(hovered.get_by_text("One pass.")).to_be_visible()


def test_a_word_that_is_drawn_anew_stays_explained(hovered: Page) -> None:
    hovered.evaluate("word => { document.querySelector('p').innerHTML = word; }", WORD)
    expect(hovered.locator("a[aria-describedby=term]")).to_be_visible()
    expect(hovered.get_by_text("One pass.")).to_be_visible()


def test_what_was_sent_away_comes_back_only_to_the_mouse(hovered: Page) -> None:
    hovered.keyboard.press("Escape")
    hovered.evaluate(RUN)
    expect(hovered.get_by_text("One pass.")).to_be_hidden()
    hovered.mouse.move(0, 0)
    hovered.hover("a")
    expect(hovered.get_by_text("One pass.")).to_be_visible()

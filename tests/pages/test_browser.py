"""On this browser: what is kept, all of it downloaded, forgotten, brought back, and undone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nncore.digits.collection import Digit, DigitCollection
from nncore.digits.own_files import to_value
from nncore.own_drawings import Drawing, OwnDrawings
from tests.pages.conftest import OpenPage, settle, written
from ui.app import SLOTS
from ui.browser.backup import write_file
from ui.components.keep import AsideEntry
from ui.core.catalog import PAGES

DIGIT = Digit.from_image(np.full((28, 28), 7, np.uint8), 7)
KEPT: dict[str, Any] = {
    "answers.mnist": {"Where": True, "Why": False},
    "ladder.perceptron": {"First": 1},
    "runs.marks": {"ab-cd": {"name": "best", "starred": True, "away": False}},
    "check.passed": {"digits": {"One": 0.9, "Two": 0.95}},
    "class.taught": {"KTRWPX": "a" * 22},
    "handwriting": DigitCollection((DIGIT,)).value,
    "tour": True,
    "own_drawings": to_value(OwnDrawings(("**x**", "<b>"), (Drawing(DIGIT.pixels, 1),))),
}


@pytest.fixture
def app(open_page: OpenPage) -> AppTest:
    """The page in a browser that keeps something in each kind of slot."""
    found = open_page("browser")
    found.session_state["keep.works"] = True
    found.session_state["keep.held"] = KEPT
    return rerun(found)


def rerun(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def go_home(app: AppTest) -> None:
    """Show the start page in its frame: AppTest runs all other pages alone."""
    rerun(app.switch_page("streamlit_app.py"))


def held(app: AppTest) -> dict[str, Any]:
    """Return the slots that hold something."""
    return {name: value for name, value in app.session_state["keep.held"].items() if value}


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.warning, app.success, app.info)
    return "\n".join(str(text.value) for kind in kinds for text in kind)


def upload(app: AppTest, data: bytes, turn: int = 0) -> None:
    files = app.file_uploader(key=f"browser.file.{turn}")
    files.set_value(("file.json", data, "application/json")).run()
    assert not app.exception, app.exception


def test_every_slot_has_a_title_and_can_be_forgotten() -> None:
    titles = [slot.title for slot in SLOTS]
    assert all(titles)
    assert len({*titles}) == len(titles)
    assert {name.split(".")[0] for name in KEPT} == {slot.name.split(".")[0] for slot in SLOTS}


def test_what_is_kept_is_listed_with_number_and_size(app: AppTest) -> None:
    table = next(text.value for text in app.markdown if text.value.startswith("| What"))
    assert "| Answered questions in lesson 3 | 2 | 0.1\N{NO-BREAK SPACE}KB |" in table
    assert "| Your own digits | 1 | 0.1\N{NO-BREAK SPACE}KB |" in table
    assert "| Stages of *Check your understanding* | 2 |" in table
    assert len(table.splitlines()) == 2 + len(KEPT) + 1
    assert not app.button(key="browser.forget").disabled
    assert app.button(key="browser.undo").disabled


def test_an_empty_browser_has_nothing_to_forget(open_page: OpenPage) -> None:
    app = open_page("browser")
    assert "keeps nothing yet" in texts(app)
    assert app.button(key="browser.forget").disabled
    assert app.get("download_button")[0].proto.disabled


def test_a_browser_that_keeps_nothing_says_so(app: AppTest) -> None:
    app.session_state["keep.works"] = False
    assert "keeps nothing over a reload" in texts(rerun(app))


def test_forget_all_empties_every_slot_in_one_click_and_undo_brings_all_back(
    app: AppTest,
) -> None:
    app.session_state["draw.digits.changes"] = ("a change",)
    app.button(key="browser.forget").click().run()
    assert held(app) == {}
    assert written(app) == dict.fromkeys(KEPT)
    assert "draw.digits.changes" not in app.session_state
    assert "keeps nothing yet" in texts(app)
    app.button(key="browser.undo").click().run()
    assert held(app) == KEPT
    assert {name for name, text in written(app).items() if text} == {*KEPT}
    assert app.session_state["draw.digits.changes"] == ("a change",)
    assert app.button(key="browser.undo").disabled


def test_forgetting_cannot_be_undone_after_another_page(app: AppTest) -> None:
    app.button(key="browser.forget").click().run()
    go_home(app)
    app.switch_page("pages/browser.py").run()
    assert app.button(key="browser.undo").disabled
    assert held(app) == {}


def test_forget_all_takes_names_and_stars_off_the_runs_of_the_tab(open_page: OpenPage) -> None:
    app = open_page("rounding", {"data.samples": "100", "fit.epochs": "1"})
    app.button(key="rounding.train").click().run()
    settle(app, "rounding")
    app.switch_page("pages/browser.py").run()
    tab = app.session_state["tab"]
    (one,) = tab.values["runs.noted"]
    tab.values["runs.noted"] = (replace(one, mark=replace(one.mark, name="best")),)
    app.session_state["keep.held"] = KEPT
    rerun(app).button(key="browser.forget").click().run()
    assert tab.values["runs.noted"][0].mark.name == ""
    app.button(key="browser.undo").click().run()
    assert tab.values["runs.noted"][0].mark.name == "best"


def test_a_file_is_added_to_what_is_kept_and_can_be_undone(app: AppTest) -> None:
    slots = {slot.name: slot for slot in SLOTS}
    other = Digit.from_image(np.full((28, 28), 9, np.uint8), 9)
    values = {
        "answers.mnist": {"Why": True, "New": True},
        "handwriting": DigitCollection((other,)).value,
    }
    upload(app, write_file([(slots[name], value) for name, value in values.items()]).encode())
    assert held(app)["answers.mnist"] == {"Where": True, "Why": True, "New": True}
    assert len(DigitCollection.from_value(held(app)["handwriting"])) == 2
    assert held(app)["ladder.perceptron"] == KEPT["ladder.perceptron"]
    assert "Brought back: Answered questions in lesson 3 and Your own digits." in texts(app)
    app.button(key="browser.undo").click().run()
    assert held(app) == KEPT


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<html>", "not a file of this lab"),
        (b'{"format":"nncore.browser","version":7,"slots":{}}', "of version 7"),
        (b'{"format":"nncore.browser","version":1,"slots":{"handwriting":7}}', "Nothing was"),
    ],
)
def test_a_wrong_file_changes_nothing_and_is_said_in_one_sentence(
    app: AppTest, data: bytes, sentence: str
) -> None:
    upload(app, data)
    assert sentence in "\n".join(text.value for text in app.warning)
    assert held(app) == KEPT
    assert app.button(key="browser.undo").disabled
    go_home(app)
    app.switch_page("pages/browser.py").run()
    assert not app.warning


def test_what_was_set_aside_is_listed_and_downloaded_on_request(app: AppTest) -> None:
    app.session_state["keep.aside"] = (AsideEntry("handwriting.1", 2500), AsideEntry("x.1", 9))
    text = texts(rerun(app))
    assert "- Your own digits: 2.5\N{NO-BREAK SPACE}KB" in text
    assert "- Something that this lab does not know: 0.1\N{NO-BREAK SPACE}KB" in text
    app.button(key="browser.aside").click().run()
    assert app.session_state["keep.orders"].command[1] == "download"
    app.button(key="browser.forget").click().run()
    assert app.session_state["keep.orders"].command[1] == "forget"
    app.button(key="browser.undo").click().run()
    assert app.session_state["keep.orders"].command[1] == "restore"


def test_content_that_cannot_be_read_is_said_on_every_page_until_it_was_seen(
    app: AppTest,
) -> None:
    app.session_state["keep.faults"] = {"handwriting": "damaged"}
    go_home(app)
    (sentence,) = faults(app)
    assert "kept content that the lab cannot read: your own digits (damaged)." in sentence
    assert "browser" in [link.proto.page for link in app.get("page_link")]
    app.session_state["browser.seen"] = {"handwriting": "damaged"}  # as on the page itself
    assert not faults(rerun(app))
    app.session_state["keep.faults"] = {"handwriting": "damaged", "runs.marks": "another version"}
    assert len(faults(rerun(app))) == 1


def faults(app: AppTest) -> list[str]:
    return [text.value for text in app.warning if "cannot read" in text.value]


def test_the_page_itself_says_what_was_set_aside_and_counts_as_seen() -> None:
    def page() -> None:
        from ui.app import SLOTS
        from ui.browser import notice
        from ui.components import keep

        keep.mount(SLOTS)
        notice.draw_notice("browser")
        notice.draw_notice("runs")

    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["keep.faults"] = {"handwriting": "damaged"}
    assert len(faults(rerun(app))) == 1


def test_the_page_is_in_the_navigation() -> None:
    assert "On this browser" in [page.title for page in PAGES]

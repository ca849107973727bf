"""A run that the server no longer knows: each page says so, until something is started there."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OpenPage, settle, until
from ui.core import server

QUERY = {"data.samples": "60", "fit.epochs": "1", "fit.batch_size": "32"}


def lose(app: AppTest, *pages: str) -> AppTest:
    """Have the browser remember pages of which the server knows no run."""
    app.session_state["tab"].values["runs.lost"] = pages
    return app.run()


def sentences(app: AppTest) -> list[str]:
    return [info.value for info in app.info if "your earlier" in info.value.lower()]


def test_a_run_that_is_gone_is_explained_until_another_is_started(open_page: OpenPage) -> None:
    app = lose(open_page("rounding", QUERY), "rounding")
    (sentence,) = sentences(app)
    assert "away for more than 10 minutes, or the lab was restarted" in sentence
    assert "press **Train**" in sentence
    app.button(key="rounding.train").click().run()
    assert not sentences(settle(app, "rounding"))


def test_a_stored_result_is_still_shown(open_page: OpenPage) -> None:
    app = open_page("rounding", QUERY)
    app.button(key="rounding.train").click().run()
    settle(app, "rounding")
    until(lambda: bool(server.lab().store.entries()))
    other = lose(open_page("rounding", QUERY), "rounding")
    (sentence,) = sentences(other)
    assert "stored result of these settings" in sentence
    assert any("From the store" in str(bar.proto.text) for bar in other.get("progress"))


@pytest.mark.parametrize(
    ("page", "words"), [("draw", "earlier run"), ("sweep", "earlier sweep"), ("runs", "Everyone's")]
)
def test_other_pages_say_it_too(open_page: OpenPage, page: str, words: str) -> None:
    (sentence,) = sentences(lose(open_page(page), page))
    assert words in sentence


def test_only_pages_without_a_run_of_this_tab_count_as_lost() -> None:
    def script() -> None:
        import streamlit as st

        from ui.core import page_runs

        page_runs.note_start("mnist")
        page_runs.note_remembered(["rounding", "mnist", "nowhere", 7, "rounding"])
        st.text(f"{page_runs.list_lost()} {page_runs.list_started()}")
        page_runs.note_start("rounding")
        st.text(f"{page_runs.list_lost()} {page_runs.list_started()}")

    app = AppTest.from_function(script).run()
    assert [text.value for text in app.text] == [
        "('rounding',) ('rounding', 'mnist')",
        "() ('mnist', 'rounding')",
    ]

"""The page's clock beside a learner who clicks: each click is done once, and shown everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serving

PAGE = """
import streamlit as st
from ui.components import clock

def count(what):
    st.session_state[what] = st.session_state.get(what, 0) + 1

@clock.every(0.1, key="clock")
def live():
    count("looks")
    st.text(f"looks {st.session_state['looks']}")

live()
st.button("Add one", on_click=count, args=("clicks",))
st.text(f"clicks {st.session_state.get('clicks', 0)}")
with st.container(key="without"):
    st.text("one")
    st.text("two")
with st.container(key="with"):
    st.text("three")
    clock.again("another", 9.0)
    st.text("four")
"""
CLICK = "[...document.querySelectorAll('button')].find(b => b.innerText === 'Add one').click();"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(PAGE, tmp_path_factory.mktemp("clock")) as address:
        yield address


BETWEEN = "es => es[1].getBoundingClientRect().top - es[0].getBoundingClientRect().bottom"


@pytest.fixture
def ticking(page: Page, url: str) -> Page:
    page.goto(url)
    expect(page.get_by_text("clicks 0")).to_be_visible()
    later(page)
    return page


def later(page: Page) -> None:
    """Waits for looks of the clock's that are still to come."""
    now = int(page.get_by_text("looks ").inner_text().split()[-1])
    page.wait_for_function(
        "n => +[...document.body.innerText.matchAll(/looks (\\d+)/g)].at(-1)[1] > n", arg=now + 1
    )


def test_a_click_is_done_once_by_a_browser_that_is_behind(ticking: Page) -> None:
    for number in range(1, 6):  # what fell due in between is all done after it, in any order
        ticking.evaluate(f"() => {{ {CLICK} for (const t = Date.now(); Date.now() < t + 400;); }}")
        expect(ticking.get_by_text(f"clicks {number}", exact=True)).to_be_visible()
        later(ticking)
        expect(ticking.get_by_text(f"clicks {number}", exact=True)).to_be_visible()


def test_a_click_that_goes_with_the_clocks_message_is_shown_everywhere(ticking: Page) -> None:
    # The clock's message waits for its turn in a timer of no time: the click comes before that.
    ticking.evaluate(
        f"""() => {{
            const setTimer = window.setTimeout;
            window.setTimeout = (call, wait, ...more) => {{
                const timer = setTimer(call, wait, ...more);
                if (wait === 0) {{ window.setTimeout = setTimer; {CLICK} }}
                return timer;
            }};
        }}"""
    )
    expect(ticking.get_by_text("clicks 1", exact=True)).to_be_visible()
    later(ticking)
    expect(ticking.get_by_text("clicks 1", exact=True)).to_be_visible()


def test_who_goes_on_doing_things_is_kept_up_to_date(ticking: Page) -> None:
    for _ in range(3):
        before = ticking.get_by_text("looks ").inner_text()
        for _ in range(30):
            ticking.keyboard.press("Shift")
            ticking.wait_for_timeout(50)
        assert ticking.get_by_text("looks ").inner_text() != before


def test_a_clock_takes_no_room(ticking: Page) -> None:
    without, with_one = (
        ticking.locator(f".st-key-{name} [data-testid=stText]") for name in ("without", "with")
    )
    expect(ticking.locator(".st-key-another")).to_have_css("position", "absolute")
    assert with_one.evaluate_all(BETWEEN) == without.evaluate_all(BETWEEN)

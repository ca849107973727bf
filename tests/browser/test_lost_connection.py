"""A tab without a connection: its run goes on, and is on the page when the connection is back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, WebSocket, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.cable import Cable, cable_to
from tests.browser.conftest import WIDE, Lab, NewPage, StartLab, free_port, running_lab
from tests.browser.steps import (
    PATIENCE,
    change,
    epoch_of,
    open_at,
    press,
    shows,
    train,
    wait_beyond,
)

#: Slow motion gives it three minutes.
RUN = "rounding?epochs=600&samples=2000&batch=32"
#: A session without a connection is given up after a second; Streamlit's own limit is 120.
SHORT_SESSIONS = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "1"}
GONE = "Your earlier run is over: this tab was away"


@contextmanager
def page_on(browser: Browser, cable: Cable) -> Iterator[tuple[Page, list[str]]]:
    """Open a page at the end of a cable; it may complain while that is pulled out.

    Yields:
        The page, and for each run of it the Streamlit session that ran it, in their order.
    """
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
    page, sessions = context.new_page(), list[str]()

    def note(payload: str | bytes) -> None:
        if isinstance(payload, bytes):
            session = ForwardMsg.FromString(payload).new_session.initialize.session_id
            if session:
                sessions.append(session)

    def listen(websocket: WebSocket) -> None:
        websocket.on("framereceived", note)

    page.on("websocket", listen)
    open_at(page, f"{cable.url}/{RUN}")
    yield page, sessions
    context.close()


@contextmanager
def offline(page: Page, cable: Cable, lab: Lab) -> Iterator[None]:
    """Take a page's connection away until the server has noticed, and what is done inside."""
    connection = page.context.new_cdp_session(page)
    speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    connection.send("Network.enable")
    connection.send("Network.emulateNetworkConditions", {"offline": True, **speed})
    cable.pull_out()
    until(page, lambda: not connections(lab))
    yield
    cable.plug_in()
    connection.send("Network.emulateNetworkConditions", {"offline": False, **speed})


def connections(lab: Lab) -> int:
    """Return the number of browsers that the server is connected with."""
    port = int(lab.url.rsplit(":", 1)[1])
    found = psutil.Process(lab.pid).net_connections()
    return sum(one.status == "ESTABLISHED" and one.laddr.port == port for one in found)


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait for something outside of the browser."""
    for _ in range(PATIENCE // 100):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It did not happen.")


def wait_for_run(page: Page, sessions: list[str], before: int) -> None:
    """Wait until a page has run again, see `page_on`.

    Args:
        page: The page.
        sessions: The session of each run.
        before: How often it had run.
    """
    until(page, lambda: len(sessions) > before)


def test_after_a_short_outage_the_same_session_goes_on(lab: Lab, browser: Browser) -> None:
    """Stands for 20 seconds: the server has noticed, and Streamlit still keeps the session."""
    with cable_to(lab.url) as cable, page_on(browser, cable) as (page, sessions):
        train(page)
        before = epoch_of(page)
        with offline(page, cable, lab):
            pass
        wait_beyond(page, before)
        assert len({*sessions}) == 1
        press(page, "Stop")
        expect(page.get_by_text(re.compile("^Stopped · "))).to_be_visible(timeout=PATIENCE)


def test_after_a_long_outage_another_session_finds_the_run(
    start_lab: StartLab, browser: Browser
) -> None:
    """Stands for 140 seconds: Streamlit has given up the session, the tab is within its grace.

    The server keeps sessions for one second instead of 120, so twenty seconds without a connection
    are as long for it as 40 minutes would be. The tab's grace is its usual ten minutes.
    """
    lab = start_lab(environment=SHORT_SESSIONS)
    with cable_to(lab.url) as cable, page_on(browser, cable) as (page, sessions):
        train(page)
        # Nothing outside shows that the session's time is up, and a busy server is late: an outage
        # that the session has outlived is followed by a longer one.
        for seconds in (2, 4, 8, 16):
            before = epoch_of(page)
            with offline(page, cable, lab):
                page.wait_for_timeout(1_000 * seconds)
            wait_beyond(page, before)
            if len({*sessions}) > 1:
                break
        assert len({*sessions}) == 2
        press(page, "Pause")
        expect(page.get_by_text(re.compile("^Paused · "))).to_be_visible(timeout=PATIENCE)
        press(page, "Stop")


def test_a_page_at_rest_is_drawn_anew_by_another_session_so_its_first_click_counts(
    start_lab: StartLab, browser: Browser
) -> None:
    """Streamlit calls no callback of a click that is a session's first message.

    Without a run under way, nothing on the page asks for the server by itself.
    """
    lab = start_lab(environment=SHORT_SESSIONS)
    with cable_to(lab.url) as cable, page_on(browser, cable) as (page, sessions):
        change(page, "Epochs", "599", "epochs=599")
        expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible(timeout=PATIENCE)
        for seconds in (2, 4, 8, 16):
            before = len(sessions)
            with offline(page, cable, lab):
                page.wait_for_timeout(1_000 * seconds)
            wait_for_run(page, sessions, before)
            if len({*sessions}) > 1:
                break
        assert len({*sessions}) == 2
        train(page)
        press(page, "Stop")


def test_after_the_grace_a_sentence_says_that_the_run_is_over(
    start_lab: StartLab, browser: Browser, new_page: NewPage
) -> None:
    """A grace of one second stands for ten minutes; another visitor sees when the run has ended."""
    lab = start_lab(environment={**SHORT_SESSIONS, "NNCORE_GRACE": "1"})
    with cable_to(lab.url) as cable, page_on(browser, cable) as (page, _):
        change(page, "Epochs", "599", "epochs=599")
        train(page)
        with offline(page, cable, lab):
            other = new_page()
            open_at(other, lab.url)

            def has_ended() -> bool:
                other.reload()
                expect(other.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)
                return other.get_by_text("training now").count() == 0

            until(other, has_ended)
            other.close()
        expect(page.get_by_text(GONE)).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("away for more than 1 second")).to_be_visible()
        shows(page, "Epochs", "599")
        page.reload()
        expect(page.get_by_text(GONE)).to_be_visible(timeout=PATIENCE)
        train(page)
        expect(page.get_by_text(GONE)).to_have_count(0)


def test_after_a_restart_the_address_brings_back_settings_and_the_stored_result(
    browser: Browser, tmp_path: Path, workers: Mapping[str, str]
) -> None:
    """One tab has a finished run, another one a run under way, which looks for itself."""
    port, cache = free_port(), tmp_path / "cache"
    start = partial(running_lab, cache_dir=cache, port=port, environment=workers)
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
    finished, moving = context.new_page(), context.new_page()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    with start(tmp_path / "one") as lab:
        open_at(finished, f"{lab.url}/rounding?epochs=2&samples=100&seed=9")
        press(finished, "Train")
        ended = finished.get_by_text(re.compile("^Trained · 2 epochs"))
        expect(ended).to_be_visible(timeout=PATIENCE)
        until(finished, lambda: bool(list((cache / "models").glob("*/checkpoint.npz"))))
        open_at(moving, f"{lab.url}/{RUN}")
        train(moving)
    with start(tmp_path / "two"):
        expect(moving.get_by_text(GONE)).to_be_visible(timeout=PATIENCE)
        shows(moving, "Epochs", "600")
        finished.reload()
        expect(finished.get_by_text(GONE)).to_be_visible(timeout=PATIENCE)
        expect(finished.get_by_text("A stored result of these settings")).to_be_visible()
        expect(finished.get_by_text(re.compile("^From the store"))).to_be_visible()
        shows(finished, "Epochs", "2")
        context.close()

"""The sidebar: one's own runs in other tabs, with a link and a Stop, and how many others train."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qsl, urlparse

import pytest
from streamlit.testing.v1 import AppTest

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import load
from nncore.experiment import Experiment
from nncore.runtime.jobs import State
from nncore.runtime.lab import OWN_SESSION, Lab
from nncore.runtime.run import Run
from tests.pages.conftest import OpenPage
from ui.content.lesson import load as load_lesson
from ui.core import page_runs, run_ledger, server, state
from ui.core.links import read_link
from ui.core.tabs import Tab
from ui.workbench.other_tabs import MOST_LISTED

BROWSER = "b" * 32
SETTINGS = Experiment().updated({"fit.epochs": 9, "model.units": (7,)})


@pytest.fixture
def app(open_page: OpenPage) -> AppTest:
    """The start page in a tab of this browser."""
    found = open_page("runs")
    found.session_state["tab"].browser = BROWSER
    found.switch_page("streamlit_app.py")  # in its frame: AppTest runs all other pages alone
    return home(found)


def home(app: AppTest) -> AppTest:
    """Show the start page as it is now."""
    app.run()
    assert not app.exception, app.exception
    return app


def open_tab(browser: str = BROWSER) -> Tab:
    """Return another tab, which is open and belongs to a browser."""
    session = uuid.uuid4().hex
    return server.tabs().claim(server.tabs().open(session), uuid.uuid4().hex, browser, session)


def begin(lab: Lab, tab: Tab, page: str = "mnist", *, paused: bool = True) -> Run:
    """Begin a run in another tab, as its page would."""
    start = Checkpoint(SETTINGS, load(SETTINGS.data).fingerprint)
    run = lab.runner.submit(tab.owner, start, paused=paused)
    noted = tab.values.get("runs.noted", ())
    tab.values["runs.noted"] = run_ledger.add_run(noted, run, page)
    return run


def links(app: AppTest) -> list[str]:
    """Return the sidebar's links to runs in other tabs."""
    return [text.value for text in app.sidebar.markdown if text.value.startswith("[")]


def captions(app: AppTest) -> str:
    return "\n".join(text.value for text in app.sidebar.caption)


def test_a_run_in_another_tab_is_listed_with_a_link_and_can_be_stopped(
    app: AppTest, lab: Lab
) -> None:
    run = begin(lab, open_tab())
    (link,) = links(home(app))
    assert link.startswith("[Lesson 3: paused in epoch 1 of 9](")
    address = urlparse(link.rpartition("(")[2].rstrip(")"))
    assert address.path.endswith("/mnist")
    lesson = load_lesson("mnist").on_data()
    assert read_link(dict(parse_qsl(address.query)), "mnist", lesson.default).experiment == SETTINGS
    assert "training now" not in captions(app)
    app.button(key=f"tabs.stop.{run.job.number}").click().run()
    assert run.peek().state is State.STOPPED
    assert not links(app)


def test_a_run_of_a_closed_tab_is_listed_too(app: AppTest, lab: Lab) -> None:
    tab = open_tab()
    begin(lab, tab)
    tab.sessions = ()
    assert "epoch 1 of 9, closed tab](" in links(home(app))[0]


def test_a_run_that_no_ledger_has_can_be_stopped_from_another_tab(app: AppTest, lab: Lab) -> None:
    tab = open_tab()
    run = begin(lab, tab)
    tab.values.clear()
    assert len(links(home(app))) == 1
    app.button(key=f"tabs.stop.{run.job.number}").click().run()
    assert run.peek().state.over


def test_a_sweep_is_one_line_that_stops_all_of_it(app: AppTest, lab: Lab) -> None:
    tab = open_tab()
    start = Checkpoint(SETTINGS, load(SETTINGS.data).fingerprint)
    queue = f"{tab.owner}/sweep"
    runs = [lab.runner.submit(queue, start, paused=True, in_line=True) for _ in range(12)]
    tab.values["sweep.started_at"] = {"v": "2", "sweep.units": "8,16"}
    (link,) = links(home(app))
    assert link.startswith("[Sweep: 12 runs left](")
    assert link.endswith("/sweep?v=2&sweep.units=8%2C16)")
    app.button(key=f"tabs.stop.{runs[0].job.number}").click().run()
    assert all(run.peek().state.over for run in runs)


def test_runs_of_other_people_are_counted_and_neither_listed_nor_stopped(
    app: AppTest, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = frozenset(
        owner
        for tab in (open_tab(), open_tab("c" * 32), open_tab("c" * 32), open_tab("d" * 32))
        for owner in tab.owners
    )
    mine = frozenset(app.session_state["tab"].owners)
    monkeypatch.setattr(lab.runner, "busy_owners", lambda: busy | mine | {OWN_SESSION})
    begin(lab, open_tab("c" * 32))
    assert "2 others training now" in captions(home(app))  # two people, three tabs
    assert not links(app)


def test_one_other_person_is_not_several(
    app: AppTest, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab.runner, "busy_owners", lambda: frozenset({"somebody"}))
    assert "1 other training now" in captions(home(app))


def test_the_list_is_bounded_and_goes_on_when_one_is_stopped(app: AppTest, lab: Lab) -> None:
    tab = open_tab()
    runs = [begin(lab, tab) for _ in range(MOST_LISTED + 2)]
    assert len(links(home(app))) == MOST_LISTED
    assert "and 2 more" in captions(app)
    app.button(key=f"tabs.stop.{runs[0].job.number}").click().run()
    assert "and 1 more" in captions(app)


def test_a_run_that_a_full_ledger_loses_is_stopped(
    app: AppTest, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_ledger, "MOST_RUNS", 2)
    tab = app.session_state["tab"]
    monkeypatch.setattr(state, "get_tab", lambda: tab)
    start = Checkpoint(SETTINGS, load(SETTINGS.data).fingerprint)
    runs = [lab.runner.submit(tab.owner, start, paused=True) for _ in range(3)]
    for run in runs:
        page_runs.note_run(run, "mnist")
    assert [run.peek().state.over for run in runs] == [True, False, False]
    assert [one.run for one in tab.values["runs.noted"]] == runs[1:]


def test_no_run_is_lost_when_a_tab_is_found_again(lab: Lab) -> None:
    kept, early = open_tab(), server.tabs().open("a session")
    first, second, third = (begin(lab, tab) for tab in (kept, early, early))
    kept.values["mnist.run"], early.values["mnist.run"] = first, second
    kept.values["draw.run"] = begin_stopped(lab, kept)
    early.values["draw.run"] = third
    found = server.tabs().claim(early, kept.name, BROWSER, "a session")
    assert found is kept
    runs = [one.run for one in found.values["runs.noted"]]
    assert {first, second, third} <= {*runs}
    assert [one.number for one in found.values["runs.noted"]] == [1, 2, 3, 4]
    assert found.values["mnist.run"] is first
    assert found.values["draw.run"] is third  # the one before is over


def begin_stopped(lab: Lab, tab: Tab) -> Run:
    run = begin(lab, tab, "draw")
    run.stop()
    return run

"""Tabs: found again after a reload, given up after the grace, bounded in number and bytes."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from nncore.runtime import machine
from ui.core import server
from ui.core import tabs as module
from ui.core.tabs import GRACE, LONGEST_RUN, Tab, Tabs, grace_of_environment

NAME, OTHER, BROWSER = "a" * 32, "b" * 32, "c" * 32


class World:
    """A pretended world: sessions, busy tabs, sizes and a clock."""

    def __init__(self) -> None:
        self.time = 0.0
        self.present: set[str] = set()
        self.busy: set[Tab] = set()
        self.sizes: dict[Tab, int] = {}
        self.ended: list[Tab] = []
        self.tabs = Tabs(
            self.present.__contains__,
            self.busy.__contains__,
            lambda tab: self.sizes.get(tab, 0),
            self.ended.append,
            now=lambda: self.time,
        )

    def visit(self, session: str, name: str = NAME) -> Tab:
        self.present.add(session)
        return self.tabs.claim(self.tabs.open(session), name, BROWSER, session)

    def after(self, seconds: float) -> None:
        self.time += seconds
        self.tabs.sweep()


@pytest.fixture
def world() -> World:
    return World()


def test_a_reload_finds_what_the_tab_worked_on(world: World) -> None:
    before = world.visit("one")
    before.values["mnist.run"] = "a run"
    world.present.clear()
    world.after(5)
    assert world.visit("two") is before
    assert before.values == {"mnist.run": "a run"}


def test_what_began_before_the_browser_spoke_is_kept(world: World) -> None:
    world.visit("one").values["mnist.run"] = "first"
    world.present.add("two")
    early = world.tabs.open("two")
    early.values |= {"mnist.run": "second", "rounding.run": "third"}
    found = world.tabs.claim(early, NAME, BROWSER, "two")
    assert found.values == {"mnist.run": "first", "rounding.run": "third"}
    assert early.owner in found.owners


def test_a_tab_that_is_shown_is_never_given_up(world: World) -> None:
    world.visit("one")
    world.after(100 * GRACE)
    assert not world.ended


def test_a_tab_that_was_left_is_given_up_after_the_grace(world: World) -> None:
    tab = world.visit("one")
    world.present.clear()
    world.after(0)
    world.after(GRACE - 1)
    assert not world.ended
    world.after(2)
    assert world.ended == [tab]
    assert len(world.tabs) == 0


def test_a_run_that_trains_goes_on_beyond_the_grace_but_not_for_ever(world: World) -> None:
    tab = world.visit("one")
    world.busy.add(tab)
    world.present.clear()
    world.after(0)
    world.after(GRACE + 1)
    assert not world.ended
    world.after(LONGEST_RUN)
    assert world.ended == [tab]


def test_one_session_that_goes_does_not_end_the_tab_that_another_shows(world: World) -> None:
    world.visit("one")
    world.visit("two")
    world.present.discard("one")
    world.after(2 * GRACE)
    assert not world.ended


def test_a_connection_that_comes_back_is_counted_again_without_a_word(world: World) -> None:
    world.visit("one")
    world.present.clear()
    world.after(20)
    world.present.add("one")
    world.after(2 * GRACE)
    assert not world.ended


def test_a_tab_is_shown_while_one_of_its_sessions_is_connected(world: World) -> None:
    tab = world.visit("one")
    world.visit("two")
    world.present.discard("two")
    assert world.tabs.is_shown(tab)
    world.present.clear()
    assert not world.tabs.is_shown(tab)


def test_a_tab_remembers_a_bounded_number_of_sessions(world: World) -> None:
    for number in range(3 * module.MOST_SESSIONS):
        tab = world.visit(f"session {number}")
    assert len(tab.sessions) == module.MOST_SESSIONS
    assert tab.sessions[-1] == f"session {3 * module.MOST_SESSIONS - 1}"


def test_a_tab_that_was_given_up_is_kept_again_when_its_session_comes_back(world: World) -> None:
    tab = world.visit("one")
    world.present.clear()
    world.after(0)
    world.after(GRACE + 1)
    world.present.add("one")
    world.tabs.claim(tab, tab.name, tab.browser, "one")
    assert world.visit("two") is tab


def test_another_tab_that_is_given_up_ends_nothing_here(world: World) -> None:
    here, other = world.visit("one"), world.visit("two", OTHER)
    world.present.discard("two")
    world.after(0)
    world.after(GRACE + 1)
    assert world.ended == [other]
    assert world.tabs.of_browser(here) == []


def test_tabs_of_one_browser_know_each_other(world: World) -> None:
    here, other = world.visit("one"), world.visit("two", OTHER)
    assert world.tabs.of_browser(here) == [other]


def test_people_are_counted_by_browser_without_the_one_who_looks(world: World) -> None:
    here, mine = world.visit("one"), world.visit("two", OTHER)
    others = [world.tabs.claim(world.tabs.open("x"), n * 32, "e" * 32, "x") for n in "12"]
    alone = world.tabs.open("y")  # its browser has not spoken yet
    owners = [tab.owner for tab in (here, mine, *others, alone)]
    assert world.tabs.count_people([*owners, "unknown"], here) == 3
    assert world.tabs.count_people(owners, alone) == 2
    assert world.tabs.count_people([], here) == 0


def test_absent_tabs_are_bounded_in_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ABSENT", 3)
    tabs = []
    for number in range(5):
        tabs.append(world.visit(f"s{number}", f"{number:032x}"))
        world.time += 1
    world.present.clear()
    world.after(1)
    assert world.ended == [tabs[1], tabs[0]]


@pytest.mark.parametrize(("memory", "most"), [(2**31, 100), (2**30, 400)])
def test_absent_tabs_are_bounded_in_bytes_by_a_quarter_on_a_small_machine(
    memory: int, most: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", most)
    monkeypatch.setattr(machine, "this_machine", lambda: machine.Machine(2, memory))
    old = world.visit("one")
    world.time += 1
    new = world.visit("two", OTHER)
    world.sizes |= {old: 60, new: 60}
    world.present.clear()
    world.after(1)
    assert world.ended == [old]


@pytest.mark.parametrize("name", ["", "a" * 31, "A" * 32, "../../etc", "g" * 32])
def test_what_is_no_identity_changes_nothing(world: World, name: str) -> None:
    tab = world.tabs.open("one")
    assert world.tabs.claim(tab, name, BROWSER, "one") is tab
    assert tab.name != name


@pytest.mark.parametrize(("text", "seconds"), [("", GRACE), ("0", 0.0), ("12.5", 12.5)])
def test_the_grace_comes_from_the_environment(
    text: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNCORE_GRACE", text)
    assert grace_of_environment() == seconds


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf"])
def test_a_grace_that_is_no_number_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNCORE_GRACE", text)
    with pytest.raises(ValueError, match="NNCORE_GRACE must be a number of seconds"):
        grace_of_environment()


def test_a_full_run_enters_its_session_again_where_the_tab_was_given_up() -> None:
    def script() -> None:
        from ui.core import state

        state.hold_tab()

    app = AppTest.from_function(script).run()
    tab = app.session_state["tab"]
    del server.tabs()._tabs[tab.name]
    app.run()
    assert server.tabs()._tabs[tab.name] is tab

"""The run of each page and the ledger of all runs: they live as long as the tab."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ui.core import state
from ui.core.catalog import PAGES
from ui.core.keys import Key, PageKey

if TYPE_CHECKING:
    from nncore.runtime.run import Run
    from ui.core.run_ledger import LedgerEntry
    from ui.core.tabs import Tab

_RUN: PageKey[Run | None] = PageKey("run", None, "tab")
_LEDGER: Key[tuple[LedgerEntry, ...]] = Key("runs.noted", (), "tab")
#: Pages on which the tab has started something, in the order of the last starts.
_STARTED: Key[tuple[str, ...]] = Key("runs.started", (), "tab")
#: Pages on which it did so before this server, or this registry of tabs, knew it.
_LOST: Key[tuple[str, ...]] = Key("runs.lost", (), "tab")


def get_owner() -> str:
    """Return the name under which the runner knows this tab's runs."""
    return state.get_tab().owner


def get_run(page: str) -> Run | None:
    """Return the page's run, under way or over."""
    return state.get(_RUN.on(page))


def set_run(page: str, run: Run | None) -> None:
    """Make `run` the page's run."""
    state.put(_RUN.on(page), run)
    if run is not None:
        note_start(page)


def note_start(page: str) -> None:
    """Note that the tab has started a run or a sweep on a page: what it lost there is history."""
    state.put(_STARTED, (*(name for name in state.get(_STARTED) if name != page), page))
    state.put(_LOST, tuple(name for name in state.get(_LOST) if name != page))


def list_started() -> tuple[str, ...]:
    """Return the pages that the browser should remember: where something was started or lost."""
    return tuple(dict.fromkeys((*state.get(_LOST), *state.get(_STARTED))))


def note_remembered(pages: Iterable[object]) -> None:
    """Find out which runs are gone: the browser remembers their pages, the tab has none there.

    Args:
        pages: What the browser says; anybody can say anything.
    """
    names, started = {page.name for page in PAGES}, state.get(_STARTED)
    lost = [page for page in pages if isinstance(page, str) and page in names]
    state.put(_LOST, tuple(dict.fromkeys(page for page in lost if page not in started)))


def list_lost() -> tuple[str, ...]:
    """Return the pages on which the tab's last run or sweep is gone."""
    return state.get(_LOST)


def note_run(run: Run, page: str, label: str = "") -> None:
    """Enter a run in the ledger: called wherever one is submitted.

    Args:
        run: The run.
        page: The page that opens it, such as `"mnist"`.
        label: Empty for a page's own run, or what it was run for, such as `"sweep"`.
    """
    from ui.core import run_ledger

    before, after = get_ledger(), run_ledger.add_run(get_ledger(), run, page, label)
    set_ledger(after)
    for lost in run_ledger.find_dropped(before, after):
        lost.stop()  # nobody could stop it any more


def get_ledger() -> tuple[LedgerEntry, ...]:
    """Return every run of the tab, in the order in which they began."""
    return state.get(_LEDGER)


def list_runs(tab: Tab) -> list[Run]:
    """Return the runs whose arrays a tab holds."""
    return [one.run for one in list_entries(tab) if one.run is not None]


def list_entries(tab: Tab) -> tuple[LedgerEntry, ...]:
    """Return every run of a tab, in the order in which they began."""
    noted: tuple[LedgerEntry, ...] = tab.values.get(_LEDGER.name, _LEDGER.default)
    return noted


def merge_values(early: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Return what a tab holds when it is found again: no run of either is lost.

    Args:
        early: What a session held before its browser said which tab it is.
        kept: What the tab held before.
    """
    from ui.core import run_ledger

    values = {**early, **kept}
    ledgers = [held.get(_LEDGER.name, _LEDGER.default) for held in (kept, early)]
    values[_LEDGER.name] = run_ledger.join(*ledgers)
    for page in PAGES:
        name = _RUN.on(page.name).name
        old, new = kept.get(name), early.get(name)
        if new is not None and (old is None or old.peek().state.over):
            values[name] = new
    return values


def set_ledger(noted: tuple[LedgerEntry, ...]) -> None:
    """Replace the ledger."""
    state.put(_LEDGER, noted)

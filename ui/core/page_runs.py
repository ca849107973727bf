"""The run of each page and the ledger of all runs: they live as long as the tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.core import state
from ui.core.keys import Key, PageKey

if TYPE_CHECKING:
    from nncore.runtime.run import Run
    from ui.core.run_ledger import LedgerEntry
    from ui.core.tabs import Tab

_RUN: PageKey[Run | None] = PageKey("run", None, "tab")
_LEDGER: Key[tuple[LedgerEntry, ...]] = Key("runs.noted", (), "tab")


def get_owner() -> str:
    """Return the name under which the runner knows this tab's runs."""
    return state.get_tab().owner


def get_run(page: str) -> Run | None:
    """Return the page's run, under way or over."""
    return state.get(_RUN.on(page))


def set_run(page: str, run: Run | None) -> None:
    """Make `run` the page's run."""
    state.put(_RUN.on(page), run)


def note_run(run: Run, page: str, label: str = "") -> None:
    """Enter a run in the ledger: called wherever one is submitted.

    Args:
        run: The run.
        page: The page that opens it, such as `"mnist"`.
        label: Empty for a page's own run, or what it was run for, such as `"sweep"`.
    """
    from ui.core import run_ledger

    set_ledger(run_ledger.add_run(get_ledger(), run, page, label))


def get_ledger() -> tuple[LedgerEntry, ...]:
    """Return every run of the tab, in the order in which they began."""
    return state.get(_LEDGER)


def list_runs(tab: Tab) -> list[Run]:
    """Return the runs whose arrays a tab holds."""
    noted: tuple[LedgerEntry, ...] = tab.values.get(_LEDGER.name, _LEDGER.default)
    return [one.run for one in noted if one.run is not None]


def set_ledger(noted: tuple[LedgerEntry, ...]) -> None:
    """Replace the ledger."""
    state.put(_LEDGER, noted)

"""Runs under way beyond this tab: the learner's own in other tabs, and how many others train.

A learner is a browser: all of its tabs tell the server the same identity. A tab that was closed
keeps its runs for a while, so its runs are listed, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nncore.runtime.lab import OWN_SESSION
from ui.core import page_runs, page_settings, server, state
from ui.core.address import build_page_link
from ui.core.catalog import home_of
from ui.core.keys import PageKey

if TYPE_CHECKING:
    from nncore.runtime.run import Run
    from ui.core.tabs import Tab

#: What the address of a page said when its work was started, where settings do not tell it.
_STARTED_AT: PageKey[Mapping[str, str]] = PageKey("started_at", {}, "tab")


@dataclass(frozen=True)
class OwnWork:
    """Runs of another tab that are not over and belong together: one run, or those of a sweep.

    Args:
        page: The page that shows them.
        runs: The runs, at least one, in the order in which they were submitted.
        address: The whole address of the page, with its settings.
        is_tab_open: Whether the tab is still there.
    """

    page: str
    runs: tuple[Run, ...]
    address: str
    is_tab_open: bool

    @property
    def number(self) -> int:
        """A number that no other work on this server has."""
        return self.runs[0].job.number

    def stop(self) -> None:
        """End all of it; what was learned until then is kept."""
        for run in reversed(self.runs):  # so that stopping one does not start the next
            run.stop()


def note_address(page: str, parameters: Mapping[str, str]) -> None:
    """Note what the address of a page says, for links from other tabs to what it started."""
    state.put(_STARTED_AT.on(page), dict(parameters))


def count_others() -> int:
    """Return how many other people have a run that waits or trains."""
    busy = server.lab().runner.busy_owners() - {OWN_SESSION}
    return server.tabs().count_people(busy, state.get_tab())


def list_elsewhere() -> list[OwnWork]:
    """Return the learner's own runs in other tabs that are not over, oldest first."""
    works = [work for tab in server.tabs().of_browser(state.get_tab()) for work in _list_work(tab)]
    return sorted(works, key=lambda work: work.number)


def _list_work(tab: Tab) -> list[OwnWork]:
    runner = server.lab().runner
    runs = [run for owner in tab.owners for run in runner.open_runs_of(owner)]
    pages = {one.run: one.page for one in page_runs.list_entries(tab) if one.run is not None}
    works = []
    for name in dict.fromkeys(_group_of(run) for run in runs):
        group = tuple(run for run in runs if _group_of(run) == name)
        page = "sweep" if name.endswith("/sweep") else pages.get(group[0])
        works.append(_describe_work(tab, page or home_of(group[0].experiment), group))
    return works


def _group_of(run: Run) -> str:
    """Return the name that all runs of a sweep share, and that no other run has."""
    return run.session if "/" in run.session else str(run.job.number)


def _describe_work(tab: Tab, page: str, runs: tuple[Run, ...]) -> OwnWork:
    if page == "sweep":
        key = _STARTED_AT.on(page)
        address = build_page_link(page, tab.values.get(key.name, key.default))
    else:
        address = page_settings.build_link(page, runs[0].experiment)
    return OwnWork(page, runs, address, server.tabs().is_shown(tab))

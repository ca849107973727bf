"""A line about the session's runs that are under way, with buttons that stop them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.checkpoint import Checkpoint
from ui.components import clock
from ui.core.keys import Key
from ui.core.run_ledger import LedgerEntry
from ui.core.run_rows import Row, row_of_entry
from ui.runs.selection import escape_markdown
from ui.workbench import run_names

STOP_POPOVER = Key("runs.stopping", False)
#: A family, one for each run of the session.
STOP_BUTTON = Key("runs.stop", False)

#: Seconds between two updates of the line.
POLL_SECONDS = 1.0
#: Runs that can be stopped one by one at most.
MOST_STOPS = 12


def draw_under_way(rows: Sequence[Row]) -> None:
    """Draw the progress of runs under way; rerun the page as soon as one is over."""
    active = [row.entry for row in rows if not row.over and row.entry is not None]
    if not active:
        return

    @clock.every(POLL_SECONDS, key="runs.clock")
    def line() -> None:
        if any(one.over for one in active):
            st.rerun()
        shares = [_share_done(one.progress.checkpoint) for one in active]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            count = f"{len(active):,} run{'s' * (len(active) > 1)}"
            st.progress(sum(shares) / len(shares), f"{count} of this session under way")
            with st.popover("Stop", icon=":material/stop:", key=STOP_POPOVER.name):
                st.caption("A stopped run keeps what it has learned.")
                for one in active[:MOST_STOPS]:
                    _draw_stop_button(one)

    line()


def _share_done(checkpoint: Checkpoint) -> float:
    epochs = checkpoint.trace[-1][0] if checkpoint.trace else 0.0
    return min(1.0, epochs / checkpoint.experiment.fit.epochs)


def _draw_stop_button(one: LedgerEntry) -> None:
    assert one.run is not None
    st.button(
        escape_markdown(run_names.title(row_of_entry(one))),
        key=STOP_BUTTON.of(one.number).name,
        on_click=one.run.stop,
        width="stretch",
    )

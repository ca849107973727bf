"""The sidebar's lines about runs beyond this tab: one's own in other tabs, and how many others."""

from __future__ import annotations

import streamlit as st

from ui.components import clock
from ui.core import own_runs
from ui.core.keys import Key
from ui.core.own_runs import OwnWork
from ui.core.wording import count
from ui.workbench import run_names

#: A family, one for each work in another tab.
STOP_BUTTON = Key("tabs.stop", False)
#: Seconds between two updates, and works that are listed at most: stopping one shows the next.
POLL_SECONDS = 2.0
MOST_LISTED = 5


def draw_other_tabs() -> None:
    """Draw how many others train, and each run in the learner's other tabs with a Stop button."""
    has_work = bool(own_runs.list_elsewhere())

    @clock.every(POLL_SECONDS if has_work else None, key="tabs.clock")
    def lines() -> None:
        works = own_runs.list_elsewhere()
        if has_work and not works:
            st.rerun()
        if works:
            st.caption(":material/tab: **Your runs in other tabs**")
        for work in works[:MOST_LISTED]:
            _draw_work(work)
        if len(works) > MOST_LISTED:
            st.caption(f"and {len(works) - MOST_LISTED} more")

    lines()
    others = own_runs.count_others()
    if others:
        st.caption(f":material/group: {count(others, 'other', 'others')} training now")


def _draw_work(work: OwnWork) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"[{describe_work(work)}]({work.address})", width="stretch")
        st.button(
            "Stop",
            key=STOP_BUTTON.of(work.number).name,
            on_click=work.stop,
            help="Ends it in its tab. What it has learned is kept.",
        )


def describe_work(work: OwnWork) -> str:
    """Return such as `"Lesson 3: epoch 4 of 10"` or `"Sweep: 12 runs left, closed tab"`."""
    closed = "" if work.is_tab_open else ", closed tab"
    if work.page == "sweep":
        return f"Sweep: {count(len(work.runs), 'run')} left{closed}"
    where, progress = run_names.where(work.page), work.runs[0].peek()
    epochs = progress.checkpoint.experiment.fit.epochs
    epoch = min(progress.checkpoint.epoch + 1, epochs)
    is_paused = not progress.state.active
    return f"{where}: {'paused in ' if is_paused else ''}epoch {epoch} of {epochs}{closed}"

"""Small runs of the session beside the page's own, kept in the session under a key.

A page's asides use them to compare: other seeds, other settings. They take their turns with all
other runs, and end with the session.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.runner import Run
from ui.components import clock
from ui.core import resources, state

#: Seconds between two looks at the small runs.
POLL = 0.4


def begin(
    key: str,
    experiments: Sequence[Experiment],
    fingerprint: str,
    *,
    keep: bool = False,
    page: str = "",
    label: str = "beside",
) -> None:
    """Starts small runs, and ends those that were there before.

    Args:
        key: Where the session keeps them.
        experiments: One for each run.
        fingerprint: The data they are on.
        keep: Whether the finished ones go into the store.
        page: Where they are at home; by default the page that the key names.
        label: What they are run for, for the ledger.
    """
    starts = [Checkpoint(experiment, fingerprint) for experiment in experiments]
    begin_at(key, starts, keep=keep, page=page or key.split(".")[0], label=label)


def begin_at(
    key: str, starts: Sequence[Checkpoint], *, keep: bool = False, page: str, label: str
) -> None:
    """As `begin`, for runs that are not all on the same data."""
    end(key)
    runner, session = resources.lab().runner, state.session()
    started = [runner.submit(session, start, keep=keep) for start in starts]
    for run in started:
        state.note_run(run, page, label)
    state.put(key, tuple(started))


def end(key: str) -> None:
    """Stops the runs."""
    for run in runs(key):
        run.stop()


def runs(key: str) -> tuple[Run, ...]:
    """The runs, under way or over."""
    return state.get(key, ())


def under_way(key: str) -> bool:
    """Whether a run is not over yet."""
    return any(not run.peek().state.over for run in runs(key))


def follow(key: str) -> None:
    """Shows how far the runs are, and runs the page anew when they are over."""

    @clock.every(POLL, key=f"{key}.clock")
    def watch() -> None:
        if not under_way(key):
            st.rerun()
        bar(key)

    watch()
    st.button("Stop", key=f"{key}.stop", icon=":material/stop:", on_click=end, args=(key,))


def bar(key: str) -> None:
    """Draws how far the runs are. Asking also says that somebody is looking."""
    progress = [run.progress() for run in runs(key)]
    done = sum(p.state.over for p in progress)
    share = sum(_share(p.checkpoint) for p in progress) / len(progress)
    st.progress(share, f"Training: {done} of {len(progress)} done")


def _share(checkpoint: Checkpoint) -> float:
    epochs = checkpoint.trace[-1][0] if checkpoint.trace else 0.0
    return min(1.0, epochs / checkpoint.experiment.fit.epochs)

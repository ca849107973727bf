"""Small runs next to the page's own run, to compare other seeds and settings.

The session keeps them under a key. They take turns with all other runs, and end with the session.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.runner import Run
from ui.components import clock
from ui.core import resources, state

#: Seconds between two looks at the runs.
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
    """Start small runs, and stop those that the key held before.

    Args:
        key: The session's key for them.
        experiments: One experiment for each run.
        fingerprint: The data.
        keep: Whether finished runs go into the store.
        page: The page that opens them; by default the page that the key names.
        label: The purpose of the runs, for the list of runs.
    """
    starts = [Checkpoint(experiment, fingerprint) for experiment in experiments]
    begin_at(key, starts, keep=keep, page=page or key.split(".")[0], label=label)


def begin_at(
    key: str, starts: Sequence[Checkpoint], *, keep: bool = False, page: str, label: str
) -> None:
    """Start runs from checkpoints, which may be on different data; otherwise as `begin`."""
    end(key)
    runner, session = resources.lab().runner, state.session()
    started = [runner.submit(session, start, keep=keep) for start in starts]
    for run in started:
        state.note_run(run, page, label)
    state.put(key, tuple(started))


def end(key: str) -> None:
    """Stop the runs."""
    for run in runs(key):
        run.stop()


def runs(key: str) -> tuple[Run, ...]:
    """Return the runs, under way or over."""
    return state.get(key, ())


def under_way(key: str) -> bool:
    """Return True while a run is not over."""
    return any(not run.peek().state.over for run in runs(key))


def follow(key: str) -> None:
    """Show the progress of the runs, and run the page again when they are over."""

    @clock.every(POLL, key=f"{key}.clock")
    def watch() -> None:
        if not under_way(key):
            st.rerun()
        bar(key)

    watch()
    st.button("Stop", key=f"{key}.stop", icon=":material/stop:", on_click=end, args=(key,))


def bar(key: str) -> None:
    """Draw the progress of the runs. Reading it also marks them as watched."""
    progress = [run.progress() for run in runs(key)]
    done = sum(p.state.over for p in progress)
    share = sum(_share(p.checkpoint) for p in progress) / len(progress)
    st.progress(share, f"Training: {done} of {len(progress)} done")


def _share(checkpoint: Checkpoint) -> float:
    epochs = checkpoint.trace[-1][0] if checkpoint.trace else 0.0
    return min(1.0, epochs / checkpoint.experiment.fit.epochs)

"""Small runs next to the page's own run, to compare other seeds and settings.

The session keeps them in named groups. They take turns with all other runs, and end with the
session.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.run import Run
from ui.components import clock
from ui.core import page_runs, server, state
from ui.core.keys import Key

CLOCK = Key("side_runs.clock", None)
STOP_BUTTON = Key("side_runs.stop", False)
#: Seconds between two looks at the runs.
POLL = 0.4


def begin(
    group: str,
    experiments: Sequence[Experiment],
    fingerprint: str,
    *,
    keep: bool = False,
    page: str = "",
    label: str = "comparison",
) -> None:
    """Start small runs, and stop those that the group held before.

    Args:
        group: A name for these runs, the page's in front, such as `"mnist.twins"`.
        experiments: One experiment for each run.
        fingerprint: The data.
        keep: Whether finished runs go into the store.
        page: The page that opens them; by default the page in front of the group's name.
        label: The purpose of the runs, for the list of runs.
    """
    starts = [Checkpoint(experiment, fingerprint) for experiment in experiments]
    begin_at(group, starts, keep=keep, page=page or group.split(".")[0], label=label)


def begin_at(
    group: str, starts: Sequence[Checkpoint], *, keep: bool = False, page: str, label: str
) -> None:
    """Start runs from checkpoints, which may be on different data; otherwise as `begin`."""
    end(group)
    runner, session = server.lab().runner, page_runs.get_owner()
    started = [runner.submit(session, start, keep=keep) for start in starts]
    for run in started:
        page_runs.note_run(run, page, label)
    state.put(_key_of(group), tuple(started))


def end(group: str) -> None:
    """Stop the runs."""
    for run in runs(group):
        run.stop()


def _key_of(group: str) -> Key[tuple[Run, ...]]:
    return Key(group, (), "tab")


def runs(group: str) -> tuple[Run, ...]:
    """Return the runs, under way or over."""
    return state.get(_key_of(group))


def under_way(group: str) -> bool:
    """Return True while a run is not over."""
    return any(not run.peek().state.over for run in runs(group))


def follow(group: str) -> None:
    """Show the progress of the runs, and run the page again when they are over."""

    @clock.every(POLL, key=CLOCK.of(group).name)
    def watch() -> None:
        if not under_way(group):
            st.rerun()
        bar(group)

    watch()
    st.button(
        "Stop", key=STOP_BUTTON.of(group).name, icon=":material/stop:", on_click=end, args=(group,)
    )


def bar(group: str) -> None:
    """Draw the progress of the runs. Reading it also marks them as watched."""
    progress = [run.progress() for run in runs(group)]
    done = sum(p.state.over for p in progress)
    share = sum(_share(p.checkpoint) for p in progress) / len(progress)
    st.progress(share, f"Training: {done} of {len(progress)} done")


def _share(checkpoint: Checkpoint) -> float:
    epochs = checkpoint.trace[-1][0] if checkpoint.trace else 0.0
    return min(1.0, epochs / checkpoint.experiment.fit.epochs)

"""The panel that starts a sweep, estimates its time, shows its progress and stops it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from nncore.experiment import Experiment
from nncore.runtime.sweep_runs import SweepProgress
from nncore.runtime.timing import estimate
from ui.components import clock
from ui.core import own_runs, page_runs, server
from ui.core.keys import Key
from ui.core.wording import describe_duration
from ui.sweep import draft_state, loaded_sweep
from ui.sweep.draft import PAGE
from ui.sweep.loaded_sweep import LoadedSweep
from ui.sweep.presets import SweepTexts
from ui.workbench import lost_run
from ui.workbench.lost_run import show_lost_run

START_BUTTON = Key(f"{PAGE}.start", False)
AGAIN_BUTTON = Key(f"{PAGE}.again", False)
STOP_BUTTON = Key(f"{PAGE}.stop", False)

#: Seconds between two updates of the panel.
POLL_SECONDS = 0.5
#: Notes on failed runs that are shown at most.
MOST_NOTES = 3


def draw_panel(texts: SweepTexts, loaded: LoadedSweep) -> None:
    """Draw the number of runs, their time and the button that trains them; progress meanwhile.

    Args:
        texts: The page's texts.
        loaded: The sweep on the page.
    """
    was_running = loaded_sweep.sweep_progress().under_way
    is_waiting = not was_running and _will_change(loaded)

    @clock.every(POLL_SECONDS if was_running or is_waiting else None, key="sweep.panel.clock")
    def frame() -> None:
        now = loaded_sweep.sweep_progress()
        if now.under_way:
            _draw_progress(texts, now)
        else:
            _draw_start(texts, loaded)
        if now.under_way != was_running or (is_waiting and not _will_change(loaded)):
            st.rerun()

    show_lost_run(PAGE, lost_run.SWEEP, "sweep")
    with st.container(border=True, gap="small"):
        frame()


def _will_change(loaded: LoadedSweep) -> bool:
    """Return True while scores are read, the lab starts or runs are timed."""
    scores, unread = loaded.scores()
    missing = loaded.missing(scores)
    lab_is_starting = not server.lab().status.ready
    return bool(unread) or (bool(missing) and (lab_is_starting or _is_timing(loaded, missing)))


def _is_timing(loaded: LoadedSweep, missing: Sequence[Experiment]) -> bool:
    """Have the kinds of run that are not timed yet timed; return True until that is done."""
    lab = server.lab()
    fitting = [one for one in missing if not lab.runner.refuse(one)]
    try:
        return lab.timings.measure(
            fitting, loaded.dataset, partial(lab.runner.enqueue, page_runs.get_owner())
        )
    except ConnectionError:
        return False


def _draw_start(texts: SweepTexts, loaded: LoadedSweep) -> None:
    scores, unread = loaded.scores()
    missing, total = loaded.missing(scores), len(loaded.experiments)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if missing:
            verb = "Continue with" if scores else "Train"
            st.button(
                f"{verb} {_runs(len(missing))}",
                key=START_BUTTON.name,
                icon=":material/play_arrow:",
                type="primary",
                on_click=_start,
                args=(loaded,),
                disabled=bool(unread),
            )
        if scores and not unread:
            st.button(
                f"Train all {total} again" if total > 1 else "Train it again",
                key=AGAIN_BUTTON.name,
                icon=":material/replay:",
                on_click=_start,
                args=(loaded, True),
                help="The same settings give the same numbers.",
            )
        with st.container(width="stretch", gap=None):
            st.markdown(_describe_runs(loaded, len(scores), unread))
            st.caption(_describe_time(loaded, missing) if missing else texts.text("store"))
    for note in loaded_sweep.failure_notes(loaded)[:MOST_NOTES]:
        st.warning(note, icon=":material/warning:")


def _start(loaded: LoadedSweep, again: bool = False) -> None:
    loaded_sweep.start(loaded, again=again)
    draft_state.write_address(loaded.draft)
    parameters = draft_state.to_parameters(loaded.draft.lesson, loaded.sweep)
    own_runs.note_address("sweep", parameters)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _describe_runs(loaded: LoadedSweep, known: int, unread: int) -> str:
    """Return such as `5 × 7 = **35 runs** · 12 already trained, 23 to train`."""
    sweep, total = loaded.sweep, len(loaded.experiments)
    if sweep.sample:
        count = f"**{_runs(total)}** of {sweep.combinations:,} combinations"
    else:
        product = " × ".join(str(len(axis.values)) for axis in sweep.axes)
        count = f"{product} = **{_runs(sweep.combinations)}**"
        count += f", {total} of them different" if total < sweep.combinations else ""
    if unread:
        return f"{count} · reading {unread} of them from the store"
    if known == total:
        return f"{count} · all trained"
    return f"{count} · {known} already trained, {total - known} to train" if known else count


def _describe_time(loaded: LoadedSweep, missing: Sequence[Experiment]) -> str:
    """Return the estimated time for the missing runs, or why there is no estimate yet."""
    lab = server.lab()
    if not lab.status.ready:
        return f":material/hourglass_top: {lab.status.sentence}"
    if _is_timing(loaded, missing):
        return ":material/timer: Timing a few short runs to estimate how long this takes"
    others = lab.runner.others(page_runs.get_owner())
    expected = estimate(missing, loaded.dataset, lab.timings.recent(), lab.slots, others)
    if expected is None:
        return ":material/timer: The time could not be estimated."
    people = own_runs.count_others()
    share = f" while {_learners(people)} too" if people else ""
    kinds = f" {expected.timed} of {expected.shapes} kinds of run were timed."
    time = f":material/timer: **{describe_duration(expected.low, expected.high)}** on this machine"
    return f"{time}{share}." + (kinds if expected.shapes > 1 else "")


def _learners(count: int) -> str:
    return "1 other learner trains" if count == 1 else f"{count} other learners train"


def _draw_progress(texts: SweepTexts, now: SweepProgress) -> None:
    """Draw the stop button and the progress in one line that keeps its place."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Stop",
            key=STOP_BUTTON.name,
            icon=":material/stop:",
            on_click=loaded_sweep.stop,
            disabled=now.stopping,
        )
        with st.container(width="stretch", gap=None):
            st.progress(now.share, " · ".join(_describe_progress(now)))
            st.caption(texts.text("leave"))


def _describe_progress(now: SweepProgress) -> list[str]:
    lab = server.lab()
    parts = [f"**{now.done} of {_runs(now.total)}** done"]
    if now.stopping:
        return [*parts, "stopping"]
    if not lab.status.ready:
        return [*parts, lab.status.sentence]
    if now.waiting:
        return [*parts, "waiting for the worker"]
    if now.left is not None:
        left = describe_duration(now.left, now.left)
        parts.append(f"{left[0].lower()}{left[1:]} left")
    others = own_runs.count_others()
    return [*parts, f"{_learners(others)} too"] if others else parts

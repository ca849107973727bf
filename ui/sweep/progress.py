"""Begins a sweep, says how long it will take and how far it is, and stops it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from nncore.data.datasets import Dataset
from nncore.experiment import Experiment, SettingError
from nncore.runtime.scores import RunScore
from nncore.runtime.sweep_runs import SweepProgress, SweepRuns
from nncore.runtime.timing import Estimate, estimate
from nncore.sweep import Sweep
from ui.components import clock
from ui.core import resources, state
from ui.sweep import draft as parts
from ui.sweep.draft import PAGE, Draft, Texts

#: Seconds between two looks at how far the sweep is, and between two drawings of its results.
POLL = 0.5
RESULTS_POLL = 2.5
#: Seconds that one run of the page may spend on reading scores from the store.
READING = 0.4


@dataclass(frozen=True)
class Case:
    """A sweep on its data.

    Args:
        draft: What the page says.
        sweep: The sweep that it makes.
        dataset: The data.
    """

    draft: Draft
    sweep: Sweep
    dataset: Dataset

    @cached_property
    def experiments(self) -> tuple[Experiment, ...]:
        """What the runs do."""
        return self.sweep.experiments

    def scores(self) -> tuple[dict[Experiment, RunScore], int]:
        """What is known of them, and how many are still to be read from the store."""
        found = resources.lab().scores
        return found.find(self.experiments, self.dataset.fingerprint, READING)


def trials() -> SweepRuns | None:
    """The session's sweep, under way or over; None before there was one."""
    found: SweepRuns | None = state.get(f"{PAGE}.trials", None)
    return found


def standing() -> SweepProgress:
    """How far it is."""
    found = trials()
    return found.progress() if found else SweepProgress()


def panel(texts: Texts, draft: Draft, case: Case | None) -> None:
    """The card that says how many runs there are and how long they take, with its buttons."""
    with st.container(border=True, gap="small"):
        if case is None:
            assert isinstance(draft.made, SettingError)
            st.warning(str(draft.made), icon=":material/rule_settings:")
            return
        _live(texts, case)


def _live(texts: Texts, case: Case) -> None:
    busy = standing().under_way
    waits = not busy and _unsettled(case)

    @clock.every(POLL if busy or waits else None, key="sweep.panel.clock")
    def frame() -> None:
        now = standing()
        if now.under_way:
            _progress(texts, now)
        else:
            _offer(texts, case)
        if now.under_way != busy or (waits and not _unsettled(case)):
            st.rerun()

    frame()


def _unsettled(case: Case) -> bool:
    """Whether what the card says will change by itself: something is read, started or timed."""
    scores, left = case.scores()
    missing = _missing(case, scores)
    return bool(left) or (bool(missing) and (not resources.lab().status.ready or _timing(case)))


def _timing(case: Case) -> bool:
    """Has the missing runs' shapes timed, as far as they are not known; whether that goes on."""
    lab = resources.lab()
    scores, _ = case.scores()
    try:
        return lab.timings.measure(_missing(case, scores), case.dataset, lab.runner.ask)
    except ConnectionError:
        return False


def _missing(case: Case, scores: dict[Experiment, RunScore]) -> list[Experiment]:
    return [one for one in case.experiments if one not in scores]


def _offer(texts: Texts, case: Case) -> None:
    """How many runs, how long, and the button."""
    scores, left = case.scores()
    missing, total = _missing(case, scores), len(case.experiments)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        label = f"Train {_runs(len(missing))}" if not scores else f"Go on: {_runs(len(missing))}"
        if missing:
            _button("start", label, "play_arrow", case, bool(left), primary=True)
        if scores and not left:
            _button("again", f"Train all {total} again", "replay", case, False)
        with st.container(width="stretch", gap=None):
            st.markdown(_counted(case, total, len(scores), left))
            st.caption(_how_long(case, missing) if missing else texts.text("store"))
    _notes(case)


def _runs(count: int) -> str:
    return f"{count} run" if count == 1 else f"{count} runs"


def _counted(case: Case, total: int, known: int, left: int) -> str:
    """`5 × 7 = **35 runs** · 12 are there already, 23 to train`."""
    sizes = [len(axis.values) for axis in case.sweep.axes]
    product = " × ".join(map(str, sizes))
    said = f"{product} = **{_runs(case.sweep.combinations)}**"
    if case.sweep.sample:
        said = f"**{_runs(total)}** of {case.sweep.combinations:,} combinations"
    elif total < case.sweep.combinations:
        said += f", {total} of them different"
    if left:
        return f"{said} · reading {left} of them from the store"
    if known == total:
        return f"{said} · all trained"
    if known:
        return f"{said} · {known} trained already, {total - known} to train"
    return said


def _how_long(case: Case, missing: Sequence[Experiment]) -> str:
    """The expected time, as it was measured."""
    lab = resources.lab()
    if not lab.status.ready:
        return f":material/hourglass_top: {lab.status.sentence}"
    if _timing(case):
        return ":material/timer: Timing a few short slices, to say how long it will take"
    others = lab.runner.others(state.session())
    expected = estimate(missing, case.dataset, lab.timings.recent(), lab.slots, others)
    if expected is None:
        return ":material/timer: How long it takes could not be measured."
    return f":material/timer: **{about(expected)}**, as the machine is now{_beside(others)}. " + (
        f"Measured on {expected.timed} of {expected.shapes} kinds of run."
        if expected.shapes > 1
        else "Measured."
    )


def _beside(others: int) -> str:
    if not others:
        return ""
    return f", beside {others} other learner{'s' if others > 1 else ''}"


def about(expected: Estimate) -> str:
    """From and to how long, no more exactly than is known."""
    low, high = expected.low, expected.high
    if high < 5:
        return "A few seconds"
    for unit, seconds in (("hour", 3600.0), ("minute", 60.0), ("second", 1.0)):
        if high >= 1.5 * seconds or unit == "second":
            break
    ends = _round(low / seconds), _round(high / seconds)
    if ends[0] == ends[1]:
        return f"About {ends[1]:g} {unit}{'' if ends[1] == 1 else 's'}"
    return f"About {ends[0]:g} to {ends[1]:g} {unit}s"


def _round(value: float) -> float:
    """To halves below 3, to ones below 10, then to fives."""
    if value < 3:
        return max(0.5, round(value * 2) / 2)  # 0.5 minutes, not 0
    return float(round(value) if value < 10 else 5 * round(value / 5))


def _button(
    name: str, label: str, icon: str, case: Case, off: bool, *, primary: bool = False
) -> None:
    st.button(
        label,
        key=f"{PAGE}.{name}",
        icon=f":material/{icon}:",
        type="primary" if primary else "secondary",
        on_click=_begin,
        args=(case, name == "again"),
        disabled=off,
        help="The same settings give the same numbers." if name == "again" else None,
    )


def _begin(case: Case, again: bool) -> None:
    found = trials()
    if found is None:
        found = resources.lab().sweep_runs(state.session())
        state.put(f"{PAGE}.trials", found)
    found.begin(case.experiments, case.dataset, again=again)
    parts.carry(case.draft)


def _stop() -> None:
    found = trials()
    if found is not None:
        found.stop()


def _progress(texts: Texts, now: SweepProgress) -> None:
    """How far the sweep is, in one line that stays where it is."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Stop",
            key=f"{PAGE}.stop",
            icon=":material/stop:",
            on_click=_stop,
            disabled=now.stopping,
        )
        with st.container(width="stretch", gap=None):
            st.progress(now.share, " · ".join(_said(now)))
            st.caption(texts.text("leave"))


def _said(now: SweepProgress) -> list[str]:
    lab = resources.lab()
    said = [f"**{now.done} of {_runs(now.total)}** done"]
    if now.stopping:
        return [*said, "stopping"]
    if not lab.status.ready:
        return [*said, lab.status.sentence]
    if now.waiting:
        return [*said, "waiting for the worker"]
    if now.left is not None:
        said.append(f"{about(Estimate(now.left, now.left, 1, 1)).lower()} left")
    others = lab.runner.others(state.session())
    return [*said, _beside(others).removeprefix(", ")] if others else said


def _notes(case: Case) -> None:
    """Why runs have no score that were not given one."""
    found = trials()
    notes = found.notes() if found else {}
    told = {notes[one] for one in case.experiments if one in notes}
    for note in sorted(told)[:3]:
        st.warning(note, icon=":material/warning:")

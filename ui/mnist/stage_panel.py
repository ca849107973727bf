"""Check your understanding: stages on Fashion-MNIST, or on digits where there is no fashion.

A stage is passed by the run that the page shows, trained just now or stored, once it is finished.
What was passed is kept by the browser (`ui/components/keep`). The session holds, beside widgets:

    mnist.check.mine     what it has seen pass; the browser may not have said yet what it keeps
    mnist.check.noted    the run that was looked at last
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from nncore.data.datasets import Dataset, DataUnavailable
from nncore.experiment import DataConfig, Experiment
from ui.charts import palette
from ui.components import keep
from ui.content import stages
from ui.content.lesson import Lesson
from ui.content.stages import Check, Passed, Stage
from ui.core import resources, state
from ui.mnist import figures as parts
from ui.mnist.look import offer_download
from ui.workbench import controls
from ui.workbench.run_view import View

#: What the title calls each kind of data.
_CALLED = {"fashion": "Fashion", "digits": "digits"}
_MINE, _NOTED = "mnist.check.mine", "mnist.check.noted"


def check(lesson: Lesson, experiment: Experiment, shown: View) -> None:
    """Takes the page's run into account, and draws the stages where they are open.

    Args:
        lesson: Lesson 3.
        experiment: The page's settings.
        shown: What the page shows of a run.
    """
    found = stages.load()
    _note(found, shown)
    opened = st.expander(  # with a title that stays: another one would close it
        f"**{found.title}: Fashion** · stages with a target",
        key="mnist.check",
        on_change="rerun",
        icon=":material/flag:",
    )
    if opened.open:
        with opened:
            _open(found, lesson, experiment, shown)


def _open(found: Check, lesson: Lesson, experiment: Experiment, shown: View) -> None:
    try:
        dataset = resources.dataset(DataConfig("fashion"))
        st.markdown(found.texts["intro"])
    except DataUnavailable as error:
        dataset = resources.dataset(DataConfig("digits"))
        st.info(str(error), icon=":material/cloud_off:")
        if experiment.data.name != "fashion":  # else the page offers it at its top
            offer_download("fashion")
        st.markdown(found.texts["intro_digits"])
    kind = stages.kind_of(dataset)
    accuracy = _accuracy(shown, dataset)
    left, right = st.columns([1.6, 1], gap="medium")
    with left:
        for number, stage in enumerate(found.stages, 1):
            with st.container(border=True, gap="small"):
                _stage(number, stage, kind, accuracy, shown)
                _set_up(lesson, stage, dataset)
    with right:
        _beside(found, kind, accuracy)
        _foot(found)


def _stage(number: int, stage: Stage, kind: str, accuracy: float | None, shown: View) -> None:
    """One stage: what to do, its target, and how far the learner is."""
    target = stage.targets.get(kind)
    aim = "train it, whatever comes out" if target is None else f"over {target:.0%}"
    best = _passed().get(kind, {}).get(stage.name)
    mark = "○" if best is None else ":green[✓]"
    st.markdown(f"{mark} **{number}. {stage.name}** · target: {aim}")
    st.markdown(stage.task)
    if best is not None:
        st.caption(f"Passed: {best:.1%} of the test set.")
    elif accuracy is not None and not stage.passed(shown.experiment, accuracy, kind):
        st.caption(missed(stage, shown.experiment, accuracy, kind))
    if stage.hint and best is None:
        st.caption(f":material/lightbulb: {stage.hint}")


def missed(stage: Stage, experiment: Experiment, accuracy: float, kind: str) -> str:
    """Why a finished run does not pass a stage.

    Args:
        stage: The stage.
        experiment: The run's settings.
        accuracy: Its accuracy on the test set.
        kind: One of `stages.KINDS`.
    """
    objection = stage.objection(experiment)
    if objection:
        return f"Your run of {accuracy:.1%} does not count here: {objection}."
    return f"Your run reached {accuracy:.1%}, not over {stage.targets[kind]:.0%}."


def _set_up(lesson: Lesson, stage: Stage, dataset: Dataset) -> None:
    """Sets the stage's settings, or at least its data where the page is on others."""
    other = state.experiment(lesson.name, lesson.default).data.name != dataset.name
    if not stage.settings and not other:
        return
    st.button(
        "Set it up" if stage.settings else f"Change to {_CALLED[dataset.name]}",
        key=f"mnist.check.{stage.name}",
        icon=":material/tune:",
        on_click=_use,
        args=(lesson, stage.settings, dataset.name),
    )


def _use(lesson: Lesson, settings: Mapping[str, object], data: str) -> None:
    if settings:
        state.set_experiment(lesson.name, lesson.default.updated({**settings, "data.name": data}))
    else:
        controls.set_experiment(lesson.name, {"data.name": data})
    st.toast("Set. Now press Train.", icon=":material/tune:")


def _beside(found: Check, kind: str, accuracy: float | None) -> None:
    """The run beside what people reach, and beside guessing."""
    values = {} if accuracy is None else {"your run": accuracy}
    people = found.people.get(kind)
    if people is not None:
        values["people"] = people
    values["guessing"] = 0.1
    chart = parts.bars(
        np.array(list(values.values())),
        list(values),
        palette.MUTED,
        "right on the test set",
        ".1%",
        150,
    )
    st.vega_lite_chart(*chart, key="mnist.check.beside")
    if accuracy is None:
        st.caption(found.texts["no_run"])
    if people is not None:
        st.caption(found.texts["people"].format(people=people))


def _foot(found: Check) -> None:
    if not _passed():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if keep.is_lasting():
            st.caption(found.texts["kept"], width="content")
        st.button("Forget it", key="mnist.check.forget", type="tertiary", on_click=_forget)


def _forget() -> None:
    keep.put(stages.SLOT, None)
    state.drop(_MINE)


def _passed() -> Passed:
    mine: Passed = state.get(_MINE, {})
    return stages.merged(keep.get(stages.SLOT) or {}, mine)


def _note(found: Check, shown: View) -> None:
    """Keeps what the page's run has passed; looks at each run once."""
    dataset = resources.dataset(shown.experiment.data)
    accuracy, kind = _accuracy(shown, dataset), stages.kind_of(dataset)
    run = f"{shown.experiment.digest}-{dataset.fingerprint}-{accuracy}"
    if accuracy is not None and kind in stages.KINDS and state.get(_NOTED, "") != run:
        state.put(_NOTED, run)
        new = stages.newly_passed(found.stages, shown.experiment, accuracy, kind)
        state.put(_MINE, stages.merged(state.get(_MINE, {}), new))
    # Not before the browser has said what it keeps: what a session puts counts as newer.
    if keep.has_answered() and state.get(_MINE, {}) and _passed() != keep.get(stages.SLOT):
        keep.put(stages.SLOT, _passed())


def _accuracy(shown: View, dataset: Dataset) -> float | None:
    """The test accuracy of the page's run, if it is finished and was on such data."""
    run = shown.checkpoint
    if run is None or not shown.done or not shown.trained:
        return None
    mine = resources.dataset(run.experiment.data)
    same = stages.kind_of(mine) == stages.kind_of(dataset) and run.fingerprint == mine.fingerprint
    return resources.outcome(run, mine).accuracy if same else None

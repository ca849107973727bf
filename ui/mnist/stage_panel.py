"""Check your understanding: stages on Fashion-MNIST, or on digits if Fashion-MNIST is missing.

A stage is passed by the finished run on the page, whether it was trained just now or stored. The
browser keeps which stages are passed (`ui/components/keep`).
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from nncore.data.datasets import Dataset, DataUnavailable
from nncore.experiment import DataConfig, Experiment
from ui.charts import palette
from ui.charts.share_bars import share_bars
from ui.components import assist, keep
from ui.content import stages
from ui.content.lesson import Lesson
from ui.content.stages import Check, Passed, Stage
from ui.core import cached_results, learner_place, page_settings, resources, state
from ui.core.keys import Key
from ui.workbench import widgets
from ui.workbench.data_download import offer_download
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_controls import BENCH
from ui.workbench.run_view import View

#: What a button calls each kind of data.
_DATA_NAMES = {"fashion": "Fashion", "digits": "digits"}
CHECK = Key("mnist.check", False)
#: The stages that this session has passed; the browser may not have reported yet what it keeps.
SESSION_PASSED: Key[Passed] = Key("mnist.check.mine", {})
#: The run that was checked last, so that each run is checked once.
CHECKED_RUN = Key("mnist.check.run", "")


def show_stages(page: LessonPage, view: View) -> None:
    """Check the page's run against the stages, and draw the stages if their expander is open."""
    check = stages.load()
    _check_run(check, view)
    expander = st.expander(  # its title never changes: another title would close it
        f"**{check.title}: Fashion** · stages with a target",
        key=CHECK.name,
        on_change="rerun",
        icon=":material/flag:",
    )
    if expander.open:
        with expander:
            _show_open_stages(check, page, view)


def _show_open_stages(check: Check, page: LessonPage, view: View) -> None:
    try:
        dataset = resources.dataset(DataConfig("fashion"))
        st.markdown(check.texts["intro"])
    except DataUnavailable as error:
        dataset = resources.dataset(DataConfig("digits"))
        st.info(str(error), icon=":material/cloud_off:")
        if page.experiment.data.name != "fashion":  # else the page offers it at its top
            offer_download("fashion")
        st.markdown(check.texts["intro_digits"])
    kind = stages.kind_of(dataset)
    accuracy = _test_accuracy(view, dataset)
    left, right = st.columns([1.6, 1], gap="medium")
    with left:
        for number, stage in enumerate(check.stages, 1):
            with st.container(border=True, gap="small"):
                _show_stage(number, stage, kind, accuracy, view)
                _offer_set_up(page, stage, dataset)
    with right:
        _show_comparison(check, kind, accuracy)
        _show_foot(check)


def _show_stage(number: int, stage: Stage, kind: str, accuracy: float | None, view: View) -> None:
    """Draw one stage: its task, its target, and how far the learner is."""
    target = stage.targets.get(kind)
    aim = "train it, any accuracy counts" if target is None else f"over {target:.0%}"
    best = _all_passed().get(kind, {}).get(stage.name)
    mark = "○" if best is None else ":green[✓]"
    st.markdown(f"{mark} **{number}. {stage.name}** · target: {aim}")
    st.markdown(stage.task)
    if best is not None:
        st.caption(f"Passed: {best:.1%} of the test set.")
    elif accuracy is not None and not stage.passed(view.experiment, accuracy, kind):
        st.caption(explain_miss(stage, view.experiment, accuracy, kind))
    if stage.hint and best is None:
        st.caption(f":material/lightbulb: {stage.hint}")


def explain_miss(stage: Stage, experiment: Experiment, accuracy: float, kind: str) -> str:
    """Return why a finished run does not pass a stage.

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


def _offer_set_up(page: LessonPage, stage: Stage, dataset: Dataset) -> None:
    """Draw the button that sets the stage's settings, or at least its data."""
    is_on_other_data = page.experiment.data.name != dataset.name
    if not stage.settings and not is_on_other_data:
        return
    st.button(
        "Set it up" if stage.settings else f"Change to {_DATA_NAMES[dataset.name]}",
        key=CHECK.of(stage.name).name,
        icon=":material/tune:",
        on_click=_set_up,
        args=(page.lesson, stage.settings, dataset.name),
    )


def _set_up(lesson: Lesson, settings: Mapping[str, object], data: str) -> None:
    if settings:
        wanted = lesson.default.updated({**settings, "data.name": data})
        page_settings.set_experiment(lesson.name, wanted)
    else:
        widgets.set_experiment(lesson.name, {"data.name": data})
    assist.scroll_to(BENCH.on(lesson.name).name)
    st.toast("Set. Now press Train.", icon=":material/tune:")


def _show_comparison(check: Check, kind: str, accuracy: float | None) -> None:
    """Draw the run's accuracy with people's and with guessing."""
    values = {} if accuracy is None else {"your run": accuracy}
    people = check.people.get(kind)
    if people is not None:
        values["people"] = people
    values["guessing"] = 0.1
    chart = share_bars(
        list(values.values()), list(values), palette.MUTED, "test accuracy", height=150
    )
    st.vega_lite_chart(*chart, key="mnist.check.beside")
    if accuracy is None:
        st.caption(check.texts["no_run"])
    if people is not None:
        st.caption(check.texts["people"].format(people=people))


def _show_foot(check: Check) -> None:
    """Draw where the passed stages are kept, and the button that forgets them."""
    if not _all_passed():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if keep.is_lasting():
            st.caption(check.texts["kept"], width="content")
        st.button(
            "Forget what I passed",
            key=CHECK.of("forget").name,
            type="tertiary",
            on_click=_forget_passed,
        )


def _forget_passed() -> None:
    keep.put(stages.SLOT, None)
    state.drop(SESSION_PASSED)


def _all_passed() -> Passed:
    return stages.merged(keep.get(stages.SLOT) or {}, state.get(SESSION_PASSED))


def _check_run(check: Check, view: View) -> None:
    """Keep the stages that the page's run has passed; check each run once."""
    dataset = resources.dataset(view.experiment.data)
    accuracy, kind = _test_accuracy(view, dataset), stages.kind_of(dataset)
    run = f"{view.experiment.digest}-{dataset.fingerprint}-{accuracy}"
    if accuracy is not None and kind in stages.KINDS and state.get(CHECKED_RUN) != run:
        new = stages.newly_passed(check.stages, view.experiment, accuracy, kind)
        state.put(SESSION_PASSED, stages.merged(state.get(SESSION_PASSED), new))
        state.put(CHECKED_RUN, run)
    # Only once the browser has reported what it keeps: what a session stores counts as newer.
    if keep.has_answered() and state.get(SESSION_PASSED):
        passed = _all_passed()
        count = len(passed.get(kind, {}))
        learner_place.note_stage("mnist", f"{count} of {len(check.stages)} stages")
        if passed != keep.get(stages.SLOT):
            keep.put(stages.SLOT, passed)
        state.drop(SESSION_PASSED)  # or it would come back after another tab has forgotten it


def _test_accuracy(view: View, dataset: Dataset) -> float | None:
    """Return the test accuracy of the page's run, if it is finished and on this kind of data."""
    run = view.checkpoint
    if run is None or not view.done or not view.trained:
        return None
    own = resources.dataset(run.experiment.data)
    is_same = stages.kind_of(own) == stages.kind_of(dataset) and run.fingerprint == own.fingerprint
    return cached_results.outcome(run, own).accuracy if is_same else None

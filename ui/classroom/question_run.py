"""The run that decides a class's question: the teacher's tab trains it once, for the whole class.

It may have any settings, those of the class's task included, so it is the teacher's run and none of
the lab's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.run import Run
from ui.content.lesson import Lesson
from ui.content.questions import Question, judge
from ui.content.run_metrics import FinishedRun
from ui.core import resources, state
from ui.core.keys import Key
from ui.core.links import read_link
from ui.membership.votes import write_outcome
from ui.workbench import side_runs

#: The question whose run was started.
STARTED = Key("classroom.question.started", "", "tab")
#: The group of side runs that decides it.
_GROUP = "classroom.question.runs"
#: The most characters of an outcome that a class keeps.
MOST = 2500


@dataclass(frozen=True)
class Outcome:
    """The state of the run that decides a question.

    Args:
        text: What happened, in Markdown; empty before the run is over.
        is_running: True while it is under way.
        share: How much of it is done, 0 to 1.
        words: The same in words.
        problem: One sentence if the run ended without a result.
    """

    text: str = ""
    is_running: bool = False
    share: float = 0.0
    words: str = ""
    problem: str = ""


def start(lesson: Lesson, question: Question, task: str) -> None:
    """Train what decides a question, unless the store has it; the arguments of `find_outcome`."""
    state.put(STARTED, question.name)
    starts = [
        Checkpoint(experiment, resources.dataset(experiment.data).fingerprint)
        for experiment in list_experiments(lesson, question, task)
        if _find_stored(experiment) is None
    ]
    side_runs.begin_at(_GROUP, starts, keep=True, page=lesson.name, label="class question")


def forget() -> None:
    """Stop the run that was started, if any: another question is next."""
    side_runs.end(_GROUP)
    state.drop(STARTED)


def find_outcome(lesson: Lesson, question: Question, task: str) -> Outcome:
    """Return what happened when a question was run; nothing before it was started.

    Args:
        lesson: The question's lesson.
        question: The question.
        task: The query string of the class's task, for questions about the present settings.

    Raises:
        nncore.data.datasets.DataUnavailable: If the data cannot be loaded.
    """
    if state.get(STARTED) != question.name:
        return Outcome()
    runs = list_experiments(lesson, question, task)
    found = [_find_finished(experiment) for experiment in runs]
    if any(run is None for run in found):
        return _describe_progress(runs)
    decisive, *others = [run for run in found if run is not None]
    embedded = resources.dataset(lesson.default.data).embedded
    verdict = judge(question, 0.0, decisive, others[0] if others else None)
    why = question.why_sample if embedded and question.why_sample else question.why
    whole = write_outcome(verdict.correct, verdict.numbers, why)
    short = write_outcome(verdict.correct, verdict.numbers, "")
    return Outcome(whole if len(whole) <= MOST else short[:MOST])


def list_experiments(lesson: Lesson, question: Question, task: str) -> list[Experiment]:
    """Return the run that decides a question, and the one to compare with if there is one."""
    embedded = resources.dataset(lesson.default.data).embedded
    present = read_link(dict(parse_qsl(task)), lesson.name, lesson.default).experiment
    comparison = question.comparison(lesson.default, embedded)
    wanted = [question.experiment(lesson.default, present, embedded), comparison]
    return [experiment for experiment in wanted if experiment is not None]


def _find_finished(experiment: Experiment) -> FinishedRun | None:
    """Return a run of the store, else the one that was started, once it has finished."""
    found = _find_stored(experiment)
    if found is None and (run := _find_run(experiment)) is not None:
        checkpoint = run.peek().checkpoint
        found = checkpoint if checkpoint.finished and checkpoint.weights else None
    return None if found is None else FinishedRun(found, resources.dataset(experiment.data))


def _find_stored(experiment: Experiment) -> Checkpoint | None:
    return resources.stored(experiment, resources.dataset(experiment.data).fingerprint)


def _find_run(experiment: Experiment) -> Run | None:
    runs = side_runs.runs(_GROUP)
    return next((run for run in runs if run.experiment == experiment), None)


def _describe_progress(runs: list[Experiment]) -> Outcome:
    """Return how far the first run that is missing has come, or why it ended."""
    waiting = next(run for run in runs if _find_finished(run) is None)
    run = _find_run(waiting)
    if run is None or (progress := run.progress()).state.over:
        note = progress.note if run is not None else ""
        return Outcome(problem=note or "The run was stopped.")
    epochs, done = waiting.fit.epochs, progress.checkpoint.epoch
    return Outcome(
        is_running=True, share=min(1.0, done / epochs), words=f"Epoch {done} of {epochs}"
    )

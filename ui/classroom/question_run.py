"""The run that decides a class's question: the lab trains it once, for everyone."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from nncore.experiment import Experiment
from nncore.runtime.jobs import Progress
from ui.content.lesson import Lesson
from ui.content.questions import Question, judge
from ui.content.run_metrics import FinishedRun
from ui.core import resources, state
from ui.core.keys import Key
from ui.core.links import read_link
from ui.membership.votes import write_outcome
from ui.workbench import predictions

#: The question whose run was started.
STARTED = Key("classroom.question.started", "")
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
    """

    text: str = ""
    is_running: bool = False
    share: float = 0.0
    words: str = ""


def start(question: str) -> None:
    """Start the run of a question."""
    state.put(STARTED, question)


def forget() -> None:
    """Forget that a run was started: another question is next."""
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
    """Return a run of the store, else start the one that the lab trains for everyone."""
    dataset = resources.dataset(experiment.data)
    stored = resources.stored(experiment, dataset.fingerprint)
    if stored is None:
        checkpoint = predictions.shared(experiment).peek().checkpoint
        stored = checkpoint if checkpoint.finished and checkpoint.weights else None
    return None if stored is None else FinishedRun(stored, dataset)


def _describe_progress(runs: list[Experiment]) -> Outcome:
    waiting = [run for run in runs if _find_finished(run) is None]
    progress: Progress = predictions.shared(waiting[0]).peek()
    epochs = waiting[0].fit.epochs
    done = progress.checkpoint.epoch
    return Outcome(
        is_running=True, share=min(1.0, done / epochs), words=f"Epoch {done} of {epochs}"
    )

"""A learner's predictions: what they committed to, the runs that decide, and the verdict.

`prediction_card.py` draws them. The browser keeps which questions were answered right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.jobs import State
from nncore.runtime.run import Run
from nncore.runtime.scheduling import RAN_OUT
from ui.components import keep
from ui.components.keep.shapes import Flag, by_name
from ui.content.lesson import Lesson
from ui.content.questions import Question, Verdict, judge
from ui.content.run_metrics import FinishedRun
from ui.core import page_runs, page_settings, resources, server, state
from ui.core.catalog import find_lesson
from ui.core.keys import PageKey


@dataclass(frozen=True)
class Prediction:
    """A learner's answer to a question, and the runs that decide it.

    Args:
        question: The question's name.
        answer: The number that was given, or the index of the chosen answer.
        run: The run that decides.
        comparison: The run that it is compared with, if there is one.
        verdict: The result; None before the runs are over.
        idea: The run of the learner's own idea; None before they asked for it.
        is_idea_over: Whether that run is over.
    """

    question: str
    answer: float
    run: Experiment
    comparison: Experiment | None = None
    verdict: Verdict | None = None
    idea: Experiment | None = None
    is_idea_over: bool = False

    @property
    def is_wrong(self) -> bool:
        """Return True if the runs have decided against the learner."""
        return self.verdict is not None and self.verdict.right is False


PREDICTION = PageKey[Prediction | None]("bet", None, "tab")
#: Names of the questions that were skipped.
SKIPPED = PageKey[tuple[str, ...]]("skipped", ())
IS_CARD_OPEN = PageKey("asking", False)
#: The experiment whose stored result the learner asked to see before answering.
REVEALED = PageKey[Experiment | None]("revealed", None)


def slot(page: str) -> keep.Slot[Mapping[str, bool]]:
    """Return where a lesson's answers are kept: whether each was right, by the question's name."""
    lesson = find_lesson(page)
    where = f"lesson {lesson.number}" if lesson is not None else page
    return keep.Slot(f"answers.{page}", by_name(Flag()), f"Answered questions in {where}")


def answers(lesson: Lesson) -> Mapping[str, bool]:
    """Return the lesson's answered questions by name, and whether each was answered right."""
    kept = keep.get(slot(lesson.name)) or {}
    return {q.name: kept[q.name] for q in lesson.questions if q.name in kept}


def current(lesson: Lesson, prediction: Prediction | None) -> Question | None:
    """Return the question under way, else the first that is neither answered nor skipped."""
    done = {*answers(lesson), *state.get(SKIPPED.on(lesson.name))}
    for question in lesson.questions:
        if prediction is None and question.name not in done:
            return question
        if prediction is not None and question.name == prediction.question:
            return question
    return None


def gives_answer_away(lesson: Lesson, experiment: Experiment) -> bool:
    """Return True if the result of a run would answer a question that still waits.

    Args:
        lesson: Its questions.
        experiment: The run, which somebody else has trained before.
    """
    if state.get(REVEALED.on(lesson.name)) == experiment:
        return False
    question = current(lesson, state.get(PREDICTION.on(lesson.name)))
    if question is None or question.name in answers(lesson):
        return False
    embedded = resources.dataset(lesson.default.data).embedded
    return question.experiment(lesson.default, experiment, embedded) == experiment


def stays_closed(lesson: Lesson, experiment: Experiment) -> bool:
    """Return True if the stored result of a run must not open by itself.

    So it is while a question asks for it, and where a teacher's task asks each learner to train.

    Args:
        lesson: Its questions.
        experiment: The run, which somebody else has trained before.
    """
    if state.get(REVEALED.on(lesson.name)) == experiment:
        return False
    is_closed = page_settings.get_assignment(lesson.name).is_closed
    return is_closed or gives_answer_away(lesson, experiment)


def open_card(page: str, is_open: bool = True) -> None:
    """Open or close the card that asks."""
    state.put(IS_CARD_OPEN.on(page), is_open)


def decided(lesson: Lesson) -> Prediction | None:
    """Return the learner's prediction, with the verdict as soon as the runs are over."""
    key = PREDICTION.on(lesson.name)
    before = state.get(key)
    question = next((q for q in lesson.questions if before and q.name == before.question), None)
    if before is None or question is None:
        return None
    now = (
        _judged(lesson.name, question, before)
        if before.verdict is None
        else _with_idea(lesson.name, before)
    )
    if now != before:
        state.put(key, now)
        open_card(lesson.name)
    return now


def _judged(page: str, question: Question, prediction: Prediction) -> Prediction:
    """Return the prediction with its verdict, which is kept; unchanged before the runs are over."""
    run = finished(page, prediction.run)
    wanted = prediction.comparison
    comparison = _compared(page, wanted) if wanted is not None else None
    if run is None or (wanted is not None and comparison is None):
        return prediction
    verdict = judge(question, prediction.answer, run, comparison)
    if verdict.right is not None:
        keep.add(slot(page), question.name, verdict.right)
    return replace(prediction, verdict=verdict)


def _with_idea(page: str, prediction: Prediction) -> Prediction:
    is_over = prediction.idea is not None and finished(page, prediction.idea) is not None
    return replace(prediction, is_idea_over=prediction.is_idea_over or is_over)


def finished(page: str, experiment: Experiment) -> FinishedRun | None:
    """Return a run that is over: the page's, or one from the store."""
    dataset = resources.dataset(experiment.data)
    if under_way(page, experiment):
        return None
    run = page_runs.get_run(page)
    found = run.peek().checkpoint if run is not None and run.experiment == experiment else None
    if found is None or not _is_whole(found) or found.fingerprint != dataset.fingerprint:
        found = resources.stored(experiment, dataset.fingerprint)
    return None if found is None or not found.weights else FinishedRun(found, dataset)


def _is_whole(checkpoint: Checkpoint) -> bool:
    return checkpoint.finished and bool(checkpoint.weights) and not checkpoint.edits


def _compared(page: str, experiment: Experiment) -> FinishedRun | None:
    """Return the run to compare with: a finished one, else the one the lab trains for everyone."""
    found = finished(page, experiment)
    if found is None:
        checkpoint = shared(experiment).peek().checkpoint
        if _is_whole(checkpoint):
            found = FinishedRun(checkpoint, resources.dataset(experiment.data))
    return found


def shared(experiment: Experiment) -> Run:
    """Return the run that the lab trains for everyone who compares; start it again if it failed.

    One that needs more memory than there is would fail again and again, so it stays as it is.
    """
    lab, fingerprint = server.lab(), resources.dataset(experiment.data).fingerprint
    run = lab.shared(experiment, fingerprint)
    progress = run.peek()
    is_lost = progress.state.over and not progress.checkpoint.finished
    if not is_lost or is_too_large(run):
        return run
    return lab.shared(experiment, fingerprint, again=True)


def is_too_large(run: Run) -> bool:
    """Return True if a run has failed because it needs more memory than there is."""
    progress = run.peek()
    is_refused = progress.note in (RAN_OUT, server.lab().runner.refuse(run.experiment))
    return progress.state is State.FAILED and is_refused


def under_way(page: str, experiment: Experiment) -> bool:
    """Return True if the page's run is of this experiment and not over."""
    run = page_runs.get_run(page)
    return run is not None and run.experiment == experiment and not run.peek().state.over

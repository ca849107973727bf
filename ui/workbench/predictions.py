"""A learner's predictions: what was said, the runs that decide it, and what became of it.

What a session holds of them is listed in `predict.py`, which draws them. Which questions were
answered right is kept by the browser, see `ui/components/keep`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.runner import Run
from ui.components import keep
from ui.components.keep.shapes import Flag, by_name
from ui.content.lesson import Lesson
from ui.content.questions import Question, Verdict, judge
from ui.content.run_metrics import Finished
from ui.core import resources, state


@dataclass(frozen=True)
class Bet:
    """What a learner has committed to.

    Args:
        question: The question's name.
        answer: The number that was given, or which of the options, from 0.
        run: The run that answers it.
        beside: The run that it is compared with, if there is one.
        verdict: What the runs say; None before they are over.
        idea: The run of the learner's own idea; None before it was asked for.
        tried: Whether that run is over.
    """

    question: str
    answer: float
    run: Experiment
    beside: Experiment | None = None
    verdict: Verdict | None = None
    idea: Experiment | None = None
    tried: bool = False

    @property
    def wrong(self) -> bool:
        """Whether the runs have decided against the learner."""
        return self.verdict is not None and self.verdict.right is False


def slot(page: str) -> keep.Slot[Mapping[str, bool]]:
    """Return where a lesson's answers are kept: whether each was right, by the question's name."""
    return keep.Slot(f"answers.{page}", by_name(Flag()))


def answers(lesson: Lesson) -> Mapping[str, bool]:
    """Which of the lesson's questions were answered, and whether they were answered right."""
    kept = keep.get(slot(lesson.name)) or {}
    return {q.name: kept[q.name] for q in lesson.questions if q.name in kept}


def current(lesson: Lesson, bet: Bet | None) -> Question | None:
    """The question under way, or else the first that is neither answered nor skipped."""
    done = {*answers(lesson), *state.get(f"{lesson.name}.skipped", ())}
    for question in lesson.questions:
        if question.name == bet.question if bet is not None else question.name not in done:
            return question
    return None


def open_card(page: str, opened: bool = True) -> None:
    """Opens or closes the card that asks."""
    state.put(f"{page}.asking", opened)


def settled(lesson: Lesson) -> Bet | None:
    """What the learner has committed to, with the verdict as soon as the runs are over."""
    bet: Bet | None = state.get(f"{lesson.name}.bet", None)
    question = next((q for q in lesson.questions if bet and q.name == bet.question), None)
    if bet is None or question is None:
        return None
    now = _judged(lesson.name, question, bet) if bet.verdict is None else _tried(lesson.name, bet)
    if now != bet:
        state.put(f"{lesson.name}.bet", now)
        open_card(lesson.name)
    return now


def _judged(page: str, question: Question, bet: Bet) -> Bet:
    """The bet with its verdict, which counts from then on; as it was before the runs are over."""
    run = finished(page, bet.run)
    beside = _compared(page, bet.beside) if bet.beside is not None else None
    if run is None or (bet.beside is not None and beside is None):
        return bet
    verdict = judge(question, bet.answer, run, beside)
    _score(page, question.name, verdict)
    return replace(bet, verdict=verdict)


def _tried(page: str, bet: Bet) -> Bet:
    over = bet.idea is not None and finished(page, bet.idea) is not None
    return replace(bet, tried=bet.tried or over)


def _score(page: str, name: str, verdict: Verdict) -> None:
    if verdict.right is not None:
        keep.add(slot(page), name, verdict.right)


def finished(page: str, experiment: Experiment) -> Finished | None:
    """A run that is over: the page's, or one that is stored."""
    dataset = resources.dataset(experiment.data)
    if under_way(page, experiment):
        return None
    run = state.run(page)
    found = run.peek().checkpoint if run is not None and run.experiment == experiment else None
    if found is None or not _is_whole(found) or found.fingerprint != dataset.fingerprint:
        found = resources.stored(experiment, dataset.fingerprint)
    return None if found is None or not found.weights else Finished(found, dataset)


def _is_whole(checkpoint: Checkpoint) -> bool:
    return checkpoint.finished and bool(checkpoint.weights) and not checkpoint.edits


def _compared(page: str, experiment: Experiment) -> Finished | None:
    """The run to compare with: one that is there, else the lab trains it for all who ask."""
    dataset = resources.dataset(experiment.data)
    found = finished(page, experiment)
    if found is None:
        progress = shared(experiment).peek()
        if _is_whole(progress.checkpoint):
            found = Finished(progress.checkpoint, dataset)
    return found


def shared(experiment: Experiment) -> Run:
    """The run that the lab trains for all who compare with it; anew where it was lost."""
    lab, fingerprint = resources.lab(), resources.dataset(experiment.data).fingerprint
    run = lab.shared(experiment, fingerprint)
    progress = run.peek()
    lost = progress.state.over and not progress.checkpoint.finished
    return lab.shared(experiment, fingerprint, again=True) if lost else run


def under_way(page: str, experiment: Experiment) -> bool:
    """Whether the page's run is of this experiment and not over."""
    run = state.run(page)
    return run is not None and run.experiment == experiment and not run.peek().state.over

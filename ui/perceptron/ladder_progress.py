"""How far a learner is on lesson 2's ladder, and which answers the browser keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ui.components import keep
from ui.components.keep.shapes import Whole, by_name
from ui.content.rungs import Rung, read_rungs
from ui.core import learner_place, page_settings, state
from ui.core.keys import Key
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

#: Number of the learner's rung, from 0.
RUNG: Key[int] = Key("perceptron.rung_place", 0)


#: The last answer to each rung's question, by the rung's name.
SLOT = keep.Slot[Mapping[str, int]](
    "ladder.perceptron", by_name(Whole(0, 19), 50), "Rungs of lesson 2's ladder"
)


@dataclass(frozen=True)
class LadderProgress:
    """The ladder, and the learner's place on it.

    Args:
        rungs: The rungs, lowest first.
        place: Number of the learner's rung, from 0.
        is_on_rung: The page's settings are those of this rung.
        answers: Number of the last choice, by the rung's name.
    """

    rungs: tuple[Rung, ...]
    place: int
    is_on_rung: bool
    answers: Mapping[str, int]

    @property
    def rung(self) -> Rung:
        """The learner's rung."""
        return self.rungs[self.place]

    @property
    def is_top(self) -> bool:
        """The learner's rung is the highest."""
        return self.place + 1 == len(self.rungs)

    @property
    def is_answered(self) -> bool:
        """The learner has answered the question of this rung, right or wrong."""
        return self.rung.name in self.answers

    @property
    def hides_answer(self) -> bool:
        """The question of this rung is still open, so no text may give the answer away."""
        return self.is_on_rung and not self.is_solved(self.rung)

    def is_solved(self, rung: Rung) -> bool:
        """Return True if the learner's last answer to a rung's question is right."""
        chosen = self.answers.get(rung.name)
        return chosen is not None and rung.choices[chosen].is_right

    def can_ask(self, shown: View) -> bool:
        """Return True if the run shown is a finished one of this rung."""
        ran = shown.checkpoint
        is_over = shown.trained and ran is not None and (ran.epoch > 0 or bool(ran.failure))
        return self.is_on_rung and is_over and self.rung.fits(shown.experiment)

    def waits_for_answer(self, shown: View) -> bool:
        """Return True while the question is asked and not yet solved."""
        return self.can_ask(shown) and self.hides_answer


def find_progress(page: LessonPage) -> LadderProgress:
    """Return the learner's place: the rung with the page's settings, else the last one visited."""
    rungs = read_rungs(page.lesson, embedded=page.dataset.embedded)
    place = min(state.get(RUNG), len(rungs) - 1)
    fitting = [number for number, rung in enumerate(rungs) if rung.fits(page.experiment)]
    if fitting and place not in fitting:
        place = fitting[0]
        state.put(RUNG, place)
    kept: Mapping[str, int] = keep.get(SLOT) or {}
    answers = {
        rung.name: kept[rung.name]
        for rung in rungs
        if rung.name in kept and kept[rung.name] < len(rung.choices)
    }
    learner_place.note_stage("perceptron", f"rung {place + 1} of {len(rungs)}")
    return LadderProgress(rungs, place, bool(fitting), answers)


def keep_answer(progress: LadderProgress, chosen: int | None) -> None:
    """Keep the answer to the question of the learner's rung, in this browser too."""
    if chosen is not None:
        keep.add(SLOT, progress.rung.name, chosen)


def go_to_rung(rungs: tuple[Rung, ...], place: int) -> None:
    """Set the page to a rung's settings."""
    state.put(RUNG, place)
    page_settings.set_experiment("perceptron", rungs[place].experiment)

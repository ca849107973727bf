"""What a learner of lesson 5 is advised to draw next: which class, and how many drawings."""

from __future__ import annotations

from typing import Literal, NamedTuple

from nncore.own_drawings import LEAST, OwnDrawings

#: Drawings of each class at which a first try makes sense, and from which on more change little.
FIRST_TRY, ENOUGH = 5, 20
#: How far a learner has got, see `Advice`.
Stage = Literal["draw", "try", "more", "enough"]


class Advice(NamedTuple):
    """The progress of a learner with drawing.

    Attributes:
        stage: `"draw"` where a class still has fewer than `LEAST` drawings, so that nothing can be
            trained; `"try"` while a class has fewer than `FIRST_TRY`; `"more"` where a first try
            makes sense and more drawings would help; `"enough"` from `ENOUGH` of each class on.
        label: The class with the fewest drawings.
        missing: How many drawings this class needs for the next stage; 0 at `"enough"`.
        uneven: True where one class has more than three times the drawings of another.
    """

    stage: Stage
    label: int
    missing: int
    uneven: bool

    @property
    def can_train(self) -> bool:
        """True where there are enough drawings to train at all."""
        return self.stage != "draw"

    @property
    def is_worth_a_try(self) -> bool:
        """True where a first try makes sense."""
        return self.stage in ("more", "enough")


def advise(own: OwnDrawings) -> Advice:
    """Return how far a learner has got, and which class to draw for next."""
    fewest = min(own.counts)
    label = own.counts.index(fewest)
    uneven = max(own.counts) > 3 * fewest
    goals: tuple[tuple[Stage, int], ...] = (
        ("draw", LEAST),
        ("try", FIRST_TRY),
        ("more", ENOUGH),
    )
    for stage, goal in goals:
        if fewest < goal:
            return Advice(stage, label, goal - fewest, uneven)
    return Advice("enough", label, 0, uneven)

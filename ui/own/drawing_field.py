"""Look: the field in which the learner draws, and what becomes of a drawing."""

from __future__ import annotations

from collections.abc import Sequence

from nncore.digits.ink import Pixels
from nncore.digits.preprocess import to_mnist
from nncore.digits.strokes import render_strokes
from nncore.own_drawings import Drawing, OwnDrawings
from ui.components import keep, sketchpad
from ui.components.sketchpad import Added, ClassButton, Heard, Strokes
from ui.content.lesson import Lesson
from ui.core import page_settings
from ui.core.keys import Key
from ui.core.wording import count
from ui.own import data_choice, drawings

#: The last drawing that was taken over from the browser's field.
_HEARD = Key("own.heard", Heard())
_FIELD = "own.field"


def show_field(lesson: Lesson, own: OwnDrawings, is_dark: bool) -> None:
    """Draw the field with a button for each class.

    Args:
        lesson: The lesson, for its texts.
        own: The learner's classes and drawings.
        is_dark: Whether the page is dark.
    """
    names = zip(own.names, own.counts, strict=True)
    sketchpad.collect(
        [ClassButton(label, name, total) for label, (name, total) in enumerate(names)],
        _HEARD,
        key=_FIELD,
        label=lesson.text("field"),
        hint=lesson.text("hint"),
        dark=is_dark,
        is_ready=keep.has_answered(),
        on_add=_add,
    )


def _add(added: Sequence[Added]) -> None:
    own = drawings.load()
    images = ((one.key, prepare(one.strokes)) for one in added)
    new = [
        Drawing.from_image(image, label)
        for label, image in images
        if image is not None and label in range(own.classes)
    ]
    new = [one for one in new if one not in own.drawings]  # sent again after a reload
    if new and drawings.try_change(_title(len(new)), lambda: own.add(*new)):
        show_own_drawings()


def _title(number: int) -> str:
    return "added a drawing" if number == 1 else f"added {count(number, 'drawing')}"


def show_own_drawings() -> None:
    """Have the page train on the learner's drawings from now on, if it trains on others."""
    held = page_settings.find_experiment(data_choice.PAGE)
    if held is not None and data_choice.find_choice(held) != data_choice.MINE:
        data_choice.use(data_choice.MINE)


def prepare(strokes: Strokes) -> Pixels | None:
    """Return strokes as the network gets them, (28, 28) uint8; None where nothing is drawn."""
    if not strokes:
        return None
    return to_mnist(render_strokes(strokes, sketchpad.SIDE, sketchpad.PEN), invert=False).image

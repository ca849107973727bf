"""The learner's own digits in the session: adding a drawing, and undoing a change.

The collection lives in the session, and this browser keeps it over reloads (see
`ui/components/keep`). This module knows neither who reads the digits nor how they are shown.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.collection import LONGEST, MOST, Digit, DigitCollection, DigitError
from ui.components import keep
from ui.components.keep.shapes import Checked
from ui.core import state
from ui.core.keys import Key

#: The most changes that can be undone.
MOST_UNDONE = 50


class Change(NamedTuple):
    """A change to the collection.

    Attributes:
        title: The change in a few words, such as `"added a 7"`.
        before: The collection before it.
        after: The collection after it.
    """

    title: str
    before: DigitCollection
    after: DigitCollection


#: The browser's value, and the collection that was read from it.
READ = Key[tuple[Any, DigitCollection]]("draw.digits", (None, DigitCollection()))
#: The changes that can be undone, the last one at the end.
CHANGES = Key[tuple[Change, ...]]("draw.digits.changes", ())
#: How often the gallery changed: a new number mounts a new chart, in which nothing is chosen.
VERSION = Key("draw.digits.version", 0)
#: True from a change until the whole page runs.
IS_CHANGED = Key("draw.digits.changed", False)
#: A sentence on an addition that failed, shown once.
PROBLEM = Key("draw.digits.problem", "")


def _is_collection(value: object) -> bool:
    try:
        DigitCollection.from_value(value)
    except DigitError:
        return False
    return True


def _merge(base: Any, mine: Any, other: Any) -> Any:
    """Merge the collections of two tabs: what each added stays, what each removed goes."""
    first, own, others = (
        DigitCollection() if value is None else DigitCollection.from_value(value)
        for value in (base, mine, other)
    )
    merged = others.merge(own, first)
    return merged.value if len(merged) else None


#: The browser's slot. Its name is in browsers: never rename it.
SLOT = keep.Slot[Any](
    "handwriting",
    Checked(LONGEST, _is_collection),
    "Your own digits",
    merge=_merge,
    count=lambda value: len(value["digits"]),
    leftovers=(CHANGES,),
)


def load() -> DigitCollection:
    """Return the learner's digits."""
    kept = keep.get(SLOT)
    value, digits = state.get(READ)
    if kept is not value:
        digits = DigitCollection() if kept is None else DigitCollection.from_value(kept)
        state.put(READ, (kept, digits))
    return digits


def change(title: str, new: DigitCollection) -> None:
    """Make `new` the learner's collection; the change can be undone.

    Args:
        title: The change in a few words.
        new: The new collection.
    """
    state.put(CHANGES, (*state.get(CHANGES), Change(title, load(), new))[-MOST_UNDONE:])
    _save(new)


def _save(new: DigitCollection) -> None:
    value = new.value if len(new) else None
    keep.put(SLOT, value)
    state.put(READ, (value, new))
    state.put(IS_CHANGED, True)


def add(image: NDArray[np.uint8], label: int) -> None:
    """Add a digit to the collection; the page says so where it is full.

    Args:
        image: (28, 28) uint8.
        label: The digit, 0 to 9.
    """
    try:
        change(f"added {name_digit(label)}", load().add(Digit.from_image(image, label)))
    except DigitError as error:
        state.put(PROBLEM, str(error))


def name_digit(label: int) -> str:
    """Return a digit with its article: `"a 7"`, `"an 8"`."""
    return f"an {label}" if label == 8 else f"a {label}"


def undo() -> None:
    """Undo the last change; what another tab has changed since stays as it is."""
    changes = state.get(CHANGES)
    if changes:
        state.put(CHANGES, changes[:-1])
        last, now = changes[-1], load()
        _save(last.before if now == last.after else now.merge(last.before, last.after))


def show_undo(key: str, **options: Any) -> None:
    """Draw a button that undoes the last change and names it."""
    changes = state.get(CHANGES)
    words = f"Undo: {changes[-1].title}" if changes else "Undo"
    st.button(
        words, icon=":material/undo:", key=key, disabled=not changes, on_click=undo, **options
    )


def find_label(image: NDArray[np.uint8]) -> int | None:
    """Return the label under which the collection holds this very image."""
    pixels = image.tobytes()
    return next((d.label for d in reversed(load().digits) if d.pixels == pixels), None)


def describe_storage() -> str:
    """Return a sentence on where the collection is kept, and how full it is."""
    if not keep.is_lasting():
        return "This browser keeps nothing over a reload. Download your digits to keep them."
    return f"Only this browser keeps them: {len(load())} of at most {MOST}."

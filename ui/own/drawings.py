"""The learner's own classes and drawings in the session: changing them, and undoing a change.

They live in the session, and this browser keeps them over reloads (see `ui/components/keep`). This
module knows neither how they are drawn nor what is trained on them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nncore.digits import own_files
from nncore.own_drawings import Change, DrawingError, OwnDrawings, undo
from ui.components import keep
from ui.components.keep.shapes import Checked
from ui.core import state
from ui.core.keys import Key

#: What a learner begins with: two classes without a drawing.
EMPTY = OwnDrawings(("Class 1", "Class 2"))
#: The sentence where a change changes nothing, such as a drawing that is there already.
SAME = "That is exactly as it was: each drawing counts once."
#: The most changes that can be undone.
MOST_UNDONE = 100

#: The browser's value, and the drawings that were read from it.
_READ = Key[tuple[Any, OwnDrawings]]("own.drawings", (None, EMPTY))
#: The changes that can be undone, the last one at the end.
CHANGES = Key[tuple[Change, ...]]("own.changes", ())
#: Fingerprints that this tab's drawings have or had: an address may name an earlier one.
_KNOWN = Key[tuple[str, ...]]("own.known", (), "tab")
#: A sentence on a change that was not possible, shown once.
_PROBLEM = Key("own.problem", "")
#: How many fingerprints are remembered.
_MOST_KNOWN = 500


def _is_drawings(value: object) -> bool:
    try:
        own_files.from_value(value)
    except DrawingError:
        return False
    return True


def _merge(base: Any, mine: Any, other: Any) -> Any:
    """Merge the drawings of two tabs: what each added stays, what each removed goes."""
    if mine is None or other is None:
        return other if mine == base else mine
    first = None if base is None else own_files.from_value(base)
    return own_files.to_value(own_files.from_value(other).merge(own_files.from_value(mine), first))


#: The browser's slot. Its name is in browsers: never rename it.
SLOT = keep.Slot[Any](
    "own_drawings",
    Checked(own_files.LONGEST, _is_drawings),
    "Your own classes and drawings",
    merge=_merge,
    count=lambda value: len(value["drawings"]),
    leftovers=(CHANGES,),
)


def load() -> OwnDrawings:
    """Return the learner's classes and drawings."""
    kept = keep.get(SLOT)
    value, own = state.get(_READ)
    if kept is not value:
        own = EMPTY if kept is None else own_files.from_value(kept)
        state.put(_READ, (kept, own))
    _note(own)
    return own


def _note(own: OwnDrawings) -> None:
    known = state.get(_KNOWN)
    if own.fingerprint not in known:
        state.put(_KNOWN, (*known, own.fingerprint)[-_MOST_KNOWN:])


def is_known(fingerprint: str) -> bool:
    """Return True for a fingerprint that this tab's drawings have, or had before a change."""
    return fingerprint in state.get(_KNOWN)


def change(title: str, new: OwnDrawings) -> None:
    """Make `new` the learner's drawings; the change can be undone.

    Args:
        title: The change in a few words without a class's name, such as `"added a drawing"`.
        new: The new classes and drawings.
    """
    state.put(CHANGES, (*state.get(CHANGES), Change(title, load(), new))[-MOST_UNDONE:])
    _save(new)


def try_change(title: str, make: Callable[[], OwnDrawings]) -> bool:
    """Make a change; where it is not possible the page says why.

    Args:
        title: The change in a few words without a class's name.
        make: Returns the new classes and drawings, or raises a `DrawingError`.

    Returns:
        True where something has changed.
    """
    try:
        new = make()
    except DrawingError as error:
        state.put(_PROBLEM, str(error))
        return False
    if new == load():
        state.put(_PROBLEM, SAME)
        return False
    change(title, new)
    return True


def report(sentence: str) -> None:
    """Have the page say once why something was not possible."""
    state.put(_PROBLEM, sentence)


def _save(new: OwnDrawings) -> None:
    value = None if new == EMPTY else own_files.to_value(new)
    keep.put(SLOT, value)
    state.put(_READ, (value, new))
    _note(new)


def undo_last() -> None:
    """Undo the last change; what another tab has changed since stays as it is."""
    changes = state.get(CHANGES)
    if changes:
        state.put(CHANGES, changes[:-1])
        _save(undo(load(), changes[-1]))


def last_title() -> str:
    """Return the last change in a few words; empty where there is none to undo."""
    changes = state.get(CHANGES)
    return changes[-1].title if changes else ""


def take_problem() -> str:
    """Return why the last change was not possible, once; empty where it was."""
    sentence = state.get(_PROBLEM)
    state.drop(_PROBLEM)
    return sentence

"""The learner's own classes and drawings in the session: changing them, undoing, training on them.

This browser keeps them over reloads (see `ui/components/keep`); the tab keeps those that its page
trains on. The page's address has their fingerprint only. `attach` puts the drawings to the settings
that an address names. This module draws nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nncore.digits.own_files import LONGEST, from_json, from_value, to_value
from nncore.experiment import Experiment
from nncore.own_drawings import (
    MOST_DRAWINGS,
    Change,
    DrawingError,
    OwnDrawings,
    advise,
)
from nncore.own_drawings import undo as take_back
from ui.components import keep
from ui.components.keep.shapes import Checked
from ui.content.lesson import load as load_lesson
from ui.core import page_runs, page_settings, state
from ui.core.keys import Key

PAGE = "own"
#: The most changes that can be undone.
MOST_UNDONE = 50
#: The classes that a learner begins with.
BLANK = OwnDrawings(("Class 1", "Class 2"))

#: The browser's value, and the drawings that were read from it.
READ = Key[tuple[Any, OwnDrawings]]("own.drawings", (None, BLANK))
#: The changes that can be undone, the last one at the end.
CHANGES = Key[tuple[Change, ...]]("own.drawings.changes", ())
#: The drawings that the page's settings were last made for.
USED = Key[OwnDrawings | None]("own.drawings.used", None, "tab")
#: A sentence on a change that failed, shown once.
PROBLEM = Key("own.drawings.problem", "")


def _is_readable(value: object) -> bool:
    try:
        from_value(value)
    except DrawingError:
        return False
    return True


def _merge(base: Any, mine: Any, other: Any) -> Any:
    """Merge the drawings of two tabs: what each added stays, what each removed goes."""
    first, own, others = (BLANK if one is None else from_value(one) for one in (base, mine, other))
    merged = others.merge(own, first)
    return None if merged == BLANK else to_value(merged)


#: The browser's slot. Its name is in browsers: never rename it.
SLOT = keep.Slot[Any](
    "own_drawings",
    Checked(LONGEST, _is_readable),
    "Your own classes and drawings",
    merge=_merge,
    count=lambda value: len(value["drawings"]),
    leftovers=(CHANGES, USED),
)


def load() -> OwnDrawings:
    """Return the learner's classes and drawings; two classes without drawings at the start."""
    kept = keep.get(SLOT)
    value, own = state.get(READ)
    if kept is not value:
        own = BLANK if kept is None else from_value(kept)
        state.put(READ, (kept, own))
    return own


def change(title: str, new: OwnDrawings) -> None:
    """Make `new` the learner's drawings; the change can be undone.

    The page trains on them from then on, if there are enough of each class.

    Args:
        title: The change in a few words, such as `"added a drawing"`.
        new: The new drawings.
    """
    state.put(CHANGES, (*state.get(CHANGES), Change(title, load(), new))[-MOST_UNDONE:])
    _save(new)


def undo() -> None:
    """Undo the last change; what another tab has changed since stays as it is."""
    changes = state.get(CHANGES)
    if changes:
        state.put(CHANGES, changes[:-1])
        _save(take_back(load(), changes[-1]))


def get_undo_title() -> str:
    """Return the last change in a few words; empty where there is nothing to undo."""
    changes = state.get(CHANGES)
    return changes[-1].title if changes else ""


def _save(new: OwnDrawings) -> None:
    value = None if new == BLANK else to_value(new)
    keep.put(SLOT, value)
    state.put(READ, (value, new))
    use_own()


def bring(data: bytes) -> str:
    """Replace the learner's drawings by those of a file; return a sentence if it cannot be read.

    Args:
        data: The file's content; it may be anything.
    """
    try:
        own = from_json(data)
    except DrawingError as error:
        return str(error)
    change("brought a file", own)
    return ""


def count_room() -> int:
    """Return how many drawings there is still room for."""
    return MOST_DRAWINGS - len(load())


# Which drawings the page trains on.


def use_own() -> None:
    """Let the page's settings name the learner's own drawings, if each class has enough."""
    own, experiment = load(), page_settings.find_experiment(PAGE)
    if experiment is not None and advise(own).can_train:
        state.put(USED, own)
        page_settings.set_experiment(PAGE, experiment.with_drawings(own))


def use_starter(name: str) -> None:
    """Let the page's settings name a starter set.

    Args:
        name: One of `nncore.experiment.STARTERS`.
    """
    experiment = page_settings.get_experiment(PAGE)
    page_settings.set_experiment(PAGE, experiment.updated({"data.drawings": name}))


def is_on_own(experiment: Experiment) -> bool:
    """Return True if settings train on drawings of a learner, not on a starter set."""
    return experiment.data.is_private


def attach(experiment: Experiment) -> Experiment:
    """Return settings together with the drawings that they name, where this browser has them.

    They are looked for among the learner's present drawings, those that the page trained on last,
    and those of the tab's runs. Drawings that are nowhere stay missing: loading the data then
    raises `DrawingsMissing`, and the page offers to bring the file.

    Args:
        experiment: The page's settings, as an address names them.
    """
    if not experiment.data.is_private or experiment.data.own is not None:
        return experiment
    runs = [one.experiment.data.own for one in reversed(page_runs.get_ledger())]
    for own in (load(), state.get(USED), *runs):
        if own is not None and own.fingerprint == experiment.data.drawings:
            return replace(experiment, data=replace(experiment.data, own=own))
    return experiment


def go_back_to_starter() -> None:
    """Let the page's settings name the lesson's starter set again."""
    use_starter(load_lesson(PAGE).default.data.drawings)

"""The drawings of a whole class that are open in lesson 5, for its teacher or for a member.

They are held next to the learner's own drawings and never among them, for as long as the tab lives.
One person's drawings can be left out; the page's address names what is left by its fingerprint.
"""

from __future__ import annotations

from typing import NamedTuple

from nncore.own_drawings import LEAST, OwnDrawings
from ui.class_store.sketches import Collection
from ui.core import state
from ui.core.keys import Key

#: The drawings that are open; None for none.
COLLECTION = Key[Collection | None]("class.collection", None, "tab")


class Part(NamedTuple):
    """A class's drawings, all of them or all but one person's.

    Attributes:
        own: The drawings to train on.
        left_out: The person whose drawings are left out; empty where none are.
    """

    own: OwnDrawings
    left_out: str = ""


def find_part(fingerprint: str) -> Part | None:
    """Return the part of the open drawings that a fingerprint names; None if it names none."""
    collection = state.get(COLLECTION)
    if collection is None:
        return None
    whole = Part(collection.own)
    if whole.own.fingerprint == fingerprint:
        return whole
    parts = (Part(own, author) for author, own in collection.parts.items())
    return next((part for part in parts if part.own.fingerprint == fingerprint), None)


def list_spare(collection: Collection) -> list[str]:
    """Return the people without whose drawings there are still enough to train on."""
    return [one for one, own in collection.parts.items() if min(own.counts) >= LEAST]

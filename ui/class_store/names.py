"""Friendly generated names, so that no member types one: "Blue Heron"."""

from __future__ import annotations

import secrets
from collections.abc import Collection

#: Words of one sound each: a name can be called out in a classroom. 24 x 32 = 768 names.
COLOURS = tuple(
    """Amber Blue Bronze Brown Copper Coral Cream Crimson Golden Green Grey Indigo Ivory Jade Lilac
    Lemon Olive Orange Pearl Purple Ruby Scarlet Silver Violet""".split()
)
ANIMALS = tuple(
    """Badger Beaver Bison Camel Crane Dolphin Eagle Falcon Ferret Finch Fox Gecko Hare Hedgehog
    Heron Ibis Koala Lark Lynx Magpie Marten Otter Owl Panda Puffin Raven Robin Seal Swan Tiger
    Turtle Wombat""".split()
)
NAMES = tuple(f"{colour} {animal}" for colour in COLOURS for animal in ANIMALS)


def choose_name(taken: Collection[str]) -> str:
    """Return a random name that is not taken.

    Args:
        taken: The names that are in use; fewer than there are names.
    """
    used = set(taken)
    return secrets.choice([name for name in NAMES if name not in used])

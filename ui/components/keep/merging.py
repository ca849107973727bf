"""Merge what two tabs of one browser have changed: what each added stays, what each removed goes.

Both tabs began with the same value, the base. Without it nothing counts as removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def merge_entries(
    base: Mapping[K, V],
    mine: Mapping[K, V],
    other: Mapping[K, V],
    choose: Callable[[V, V], V] = lambda mine, other: mine,
) -> dict[K, V]:
    """Return the entries that two tabs make of the same ones.

    An entry that one tab has removed is gone, unless the other tab has changed it since.

    Args:
        base: The entries that both began with.
        mine: Those of this tab.
        other: Those of the other tab.
        choose: Return the value of an entry that both have changed, from this tab's and the
            other's.

    Returns:
        The entries: the other tab's in their order, then those that this tab has changed.
    """
    merged = {
        key: value for key, value in other.items() if key in mine or is_changed(key, base, other)
    }
    for key, value in mine.items():
        if not is_changed(key, base, mine):
            continue
        both = key in other and is_changed(key, base, other)
        merged.pop(key, None)  # the newest entries come last
        merged[key] = choose(value, other[key]) if both else value
    return merged


def is_changed(key: K, base: Mapping[K, Any], entries: Mapping[K, Any]) -> bool:
    """Return True for an entry that is not in the base as it is here."""
    return key not in base or base[key] != entries[key]

"""Two tabs of one browser: what each added stays, what each removed stays removed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.components.keep import Slot
from ui.components.keep.merging import is_changed, merge_entries
from ui.components.keep.shapes import Checked, Flag, by_name

TABLES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2))


@given(TABLES, TABLES, TABLES)
def test_an_added_entry_stays_and_a_removed_one_goes(
    base: dict[str, int], mine: dict[str, int], other: dict[str, int]
) -> None:
    merged = merge_entries(base, mine, other)
    for key in {*base, *mine, *other}:
        changes = [tab[key] for tab in (mine, other) if key in tab and is_changed(key, base, tab)]
        if changes:
            assert merged[key] == changes[0]
        else:
            assert (key in merged) == (key in mine and key in other)


@given(TABLES, TABLES, TABLES)
def test_both_tabs_agree_on_which_entries_there_are(
    base: dict[str, int], mine: dict[str, int], other: dict[str, int]
) -> None:
    assert {*merge_entries(base, mine, other)} == {*merge_entries(base, other, mine)}


@given(TABLES, TABLES, TABLES)
def test_a_message_that_arrives_twice_changes_nothing_more(
    base: dict[str, int], mine: dict[str, int], other: dict[str, int]
) -> None:
    merged = merge_entries(base, mine, other)
    assert merge_entries(base, merged, other) == merged


@given(TABLES, TABLES)
def test_a_tab_that_changed_nothing_takes_over_what_the_other_has(
    base: dict[str, int], other: dict[str, int]
) -> None:
    assert list(merge_entries(base, base, other).items()) == list(other.items())


def test_an_entry_that_both_have_changed_can_be_chosen() -> None:
    assert merge_entries({}, {"a": 1}, {"a": 2}, max) == {"a": 2}


def test_the_oldest_entries_go_where_two_tabs_have_too_many() -> None:
    slot = Slot[Any]("a", by_name(Flag(), 2))
    assert slot.combine(None, {"x": True}, {"y": True, "z": True}) == {"z": True, "x": True}


def test_nothing_is_left_where_both_tabs_removed_all() -> None:
    slot = Slot[Any]("a", by_name(Flag()))
    assert slot.combine({"x": True}, None, None) is None
    assert slot.combine({"x": True}, {"x": True}, None) is None


@pytest.mark.parametrize(("mine", "expected"), [([1], [2]), ([3], [3]), (None, None)])
def test_other_values_are_those_of_the_tab_that_changed_them(mine: Any, expected: Any) -> None:
    slot = Slot[Any]("a", Checked(99, lambda value: True))
    assert slot.combine([1], mine, [2]) == expected

"""The file of *Download all*: read as it was written, and refused in one sentence otherwise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.digits.collection import DigitCollection
from ui.browser.backup import Backup, BackupError, most_bytes, read_file, write_file
from ui.browser.kept import write_size, write_table
from ui.components.keep import Slot
from ui.components.keep.shapes import Flag, Whole, by_name

ANSWERS = Slot[Any]("answers", by_name(Flag()), "Answers")
RUNGS = Slot[Any]("rungs", by_name(Whole(0, 9)), "Rungs", version=2)
SLOTS = (ANSWERS, RUNGS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


def file(**parts: Any) -> bytes:
    return json.dumps({"format": "nncore.browser", "version": 1} | parts).encode()


def test_a_file_brings_back_what_was_written() -> None:
    values = {"answers": {"Where": True}, "rungs": {"first": 3}}
    data = write_file([(slot, values[slot.name]) for slot in SLOTS])
    assert read_file(data.encode(), SLOTS) == Backup(values)


def test_parts_that_no_slot_can_use_are_named_and_the_others_brought_back() -> None:
    data = file(
        slots={"answers": {"Where": 7}, "rungs": {"version": 2, "value": {"first": 3}}, "new": 1}
    )
    assert read_file(data, SLOTS) == Backup({"rungs": {"first": 3}}, ("Answers",), 1)


def test_a_part_of_another_version_is_named() -> None:
    data = file(slots={"rungs": {"version": 3, "value": {"first": 3}}})
    assert read_file(data, SLOTS) == Backup({}, ("Rungs",))


def test_what_was_set_aside_is_brought_back_by_a_lab_that_can_read_it() -> None:
    aside = {
        "rungs.1": '{"version":2,"value":{"a":1}}',
        "rungs.2": '{"version":2,"value":{"b":2}}',
        "answers.1": '{"x":tr',
        "answers.2": 7,
    }
    assert read_file(file(aside=aside), SLOTS) == Backup({"rungs": {"a": 1, "b": 2}}, ("Answers",))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "damaged, or it is not a file of this lab"),
        (b'{"format":"nncore.bro', "damaged, or it is not a file of this lab"),
        (b"\xff\xfe\x00", "damaged, or it is not a file of this lab"),
        (b"[" * 9_000, "damaged, or it is not a file of this lab"),
        (b"[]", "not a file that *Download all* has written"),
        (b'{"format":"other"}', "not a file that *Download all* has written"),
        (DigitCollection().to_json().encode(), "Add it in lesson 4"),
        (file(version=2), "of version 2. This lab reads version 1."),
        (file(version="1"), "names no version"),
        (file(version=10**400), "its version is not possible"),
        (file(slots=[]), "no list of parts"),
        (file(slots={}, aside="x"), "no list of parts"),
        (b" " * (most_bytes(SLOTS) + 1), "too large"),
    ],
    ids=str,
)
def test_another_file_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(BackupError) as error:
        read_file(data, SLOTS)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 120


@given(st.dictionaries(st.sampled_from(["slots", "aside", "version", "format", "x"]), JSON))
def test_no_file_gives_a_value_that_its_slot_refuses(parts: dict[str, Any]) -> None:
    try:
        backup = read_file(file(**parts), SLOTS)
    except BackupError:
        return
    for slot in SLOTS:
        if slot.name in backup.values:
            assert slot.shape.matches(backup.values[slot.name])


def test_the_table_has_a_row_for_each_slot_and_the_total() -> None:
    table = write_table([(ANSWERS, {"Where": True, "Why": False}), (RUNGS, {"first": 3})])
    assert table.splitlines() == [
        "| What | How many | Size |",
        "|:--|--:|--:|",
        "| Answers | 2 | 0.1\N{NO-BREAK SPACE}KB |",
        "| Rungs | 1 | 0.1\N{NO-BREAK SPACE}KB |",
        "| **Total** |  | 0.1\N{NO-BREAK SPACE}KB |",
    ]
    assert write_size(1_234_567) == "1,234.6\N{NO-BREAK SPACE}KB"

"""What a browser keeps: nothing that comes from it is trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ui.components import keep
from ui.components.keep import Slot, read_message
from ui.components.keep.shapes import Checked, Entries, Fields, Flag, Real, Text, Whole, by_name
from ui.workbench import predictions

NUMBERS = Slot[Any]("my.numbers", Checked(-20, lambda value: isinstance(value, list)))
ANSWERS = predictions.slot("rounding")


def held(text: object) -> Any:
    works, values = read_message({"works": True, "held": {"my.numbers": text}}, [NUMBERS])
    assert works
    return values.get("my.numbers")


def test_what_was_kept_is_read_again() -> None:
    assert held(NUMBERS.to_json([1, 2.5, None])) == [1, 2.5, None]


@pytest.mark.parametrize(
    "text",
    [
        "[1,",
        "{}",
        "null",
        "[" + "1," * 20 + "1]",
        "[" * 20,
        None,
        7,
        [1],
    ],
    ids=["broken", "another shape", "nothing", "too long", "deep", "none", "number", "list"],
)
def test_what_is_not_of_the_slot_is_left_out(text: object) -> None:
    assert held(text) is None


def test_depth_ends_no_server() -> None:
    deep = Slot[Any]("deep", Checked(10**6, lambda value: True))
    assert deep.from_json("[" * 500_000) is None


def test_slots_that_nobody_named_are_left_out() -> None:
    assert read_message({"works": True, "held": {"other": "[1]"}}, [NUMBERS]) == (True, {})


@pytest.mark.parametrize("message", [None, 3, [], {"works": "yes", "held": {}}, {"held": []}])
def test_a_message_of_another_shape_says_nothing(message: object) -> None:
    assert read_message(message, [NUMBERS]) == (True, {})


def test_a_browser_may_say_that_it_keeps_nothing() -> None:
    assert read_message({"works": False, "held": {}}, [NUMBERS]) == (False, {})


def test_what_is_too_large_or_of_another_shape_is_not_sent() -> None:
    for value in ([1] * 20, {"a": 1}, [float("nan")]):
        with pytest.raises(ValueError):  # noqa: PT011
            NUMBERS.to_json(value)


@pytest.mark.parametrize("name", ["", "Upper", "a b", "a/b", "x" * 65, "1a"])
def test_a_slots_name_is_plain(name: str) -> None:
    with pytest.raises(ValueError, match="name must be lower-case"):
        Slot[Any](name, Flag())


def test_a_session_has_what_was_put() -> None:
    def page() -> None:
        from ui.components import keep
        from ui.components.keep.shapes import Checked

        slot = keep.Slot[object]("a", Checked(99, lambda value: True))
        keep.put(slot, [1])
        keep.mount([slot])
        assert keep.get(slot) == [1]
        keep.put(slot, None)
        assert keep.get(slot) is None
        assert keep.is_lasting()

    app = AppTest.from_function(page).run()
    assert not app.exception, app.exception


@pytest.mark.parametrize(
    "value",
    [[], {"a": 1}, {"a": "true"}, {"x" * 81: True}, {f"{i}": True for i in range(101)}],
    ids=["list", "number", "text", "long name", "too many"],
)
def test_answers_of_another_shape_are_refused(value: object) -> None:
    assert ANSWERS.from_json(json.dumps(value)) is None


def test_answers_are_kept_by_the_questions_name() -> None:
    assert ANSWERS.from_json('{"Ten times the batch":true,"Where":false}') == {
        "Ten times the batch": True,
        "Where": False,
    }
    assert keep.read_message({"works": True, "held": {}}, [ANSWERS]) == (True, {})


@pytest.mark.parametrize(
    ("shape", "fitting", "others"),
    [
        (Flag(), True, [1, "true", None]),
        (Whole(0, 9), 9, [10, -1, 1.0, True, "1"]),
        (Real(0, 1), 0.5, [1.5, True, "0", None]),
        (Text(3, "[a-z]*"), "abc", ["abcd", "A", 1, None]),
        (Fields({"a": Flag()}), {"a": False}, [{}, {"a": 1}, {"a": True, "b": True}, []]),
        (
            Entries(Text(2), Flag(), 1),
            {"ab": True},
            [{"abc": True}, {"a": 1}, {"a": True, "b": True}],
        ),
    ],
)
def test_a_shape_takes_nothing_else(shape: Any, fitting: object, others: list[object]) -> None:
    assert shape.matches(fitting)
    assert not any(map(shape.matches, others))


def test_the_longest_value_of_a_shape_is_within_its_limit() -> None:
    shape = Entries(Text(5), Fields({"name": Text(7), "share": Real(-1e308, 1e308)}), 2)
    entry = {"name": "😀" * 7, "share": -1.2345678901234567e307}
    value = {"😀" * 5: entry, "🙂" * 5: entry}
    assert shape.matches(value)
    assert len(json.dumps(value, separators=(",", ":"))) <= shape.limit


def test_another_version_of_a_slot_does_not_read_what_was_kept() -> None:
    first, second = (Slot[Any]("a", by_name(Flag()), version=n) for n in (1, 2))
    assert second.from_json(first.to_json({"x": True})) is None
    assert first.from_json(second.to_json({"x": True})) is None
    assert second.from_json(second.to_json({"x": True})) == {"x": True}


def test_the_oldest_entry_goes_where_there_are_too_many() -> None:
    def page() -> None:
        from collections.abc import Mapping

        from ui.components import keep
        from ui.components.keep.shapes import Flag, by_name

        slot = keep.Slot[Mapping[str, bool]]("a", by_name(Flag(), 2))
        for name in ("one", "two", "three", "two"):
            keep.add(slot, name, True)
        assert list(keep.get(slot) or ()) == ["three", "two"]

    app = AppTest.from_function(page).run()
    assert not app.exception, app.exception

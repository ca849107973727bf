"""What a browser keeps: nothing that comes from it is trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ui.components import keep
from ui.components.keep import AsideEntry, Message, Slot, read_message
from ui.components.keep.message import MOST_ASIDE
from ui.components.keep.shapes import Checked, Entries, Fields, Flag, Real, Text, Whole, by_name
from ui.workbench import predictions

NUMBERS = Slot[Any]("my.numbers", Checked(-20, lambda value: isinstance(value, list)))
ANSWERS = predictions.slot("rounding")


def held(text: object) -> Any:
    message = read_message({"works": True, "held": {"my.numbers": text}}, [NUMBERS])
    assert message.is_keeping
    return NUMBERS.from_json(message.texts.get("my.numbers"))


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
    assert read_message({"works": True, "held": {"other": "[1]"}}, [NUMBERS]) == Message()


@pytest.mark.parametrize("message", [None, 3, [], {"works": "yes", "held": {}}, {"held": []}])
def test_a_message_of_another_shape_says_nothing(message: object) -> None:
    assert read_message(message, [NUMBERS]) == Message()


def test_a_browser_may_say_that_it_keeps_nothing() -> None:
    assert read_message({"works": False, "held": {}}, [NUMBERS]) == Message(is_keeping=False)


@pytest.mark.parametrize(
    "more",
    [
        {"stamp": "7", "base": [], "moved": 1, "aside": {}},
        {"stamp": -1, "base": {"my.numbers": 7}, "moved": ["other"]},
        {"stamp": True, "base": None, "moved": None},
        {"stamp": float("nan"), "base": {"my.numbers": "1" * 99}},
    ],
)
def test_what_a_message_adds_is_read_only_in_its_own_form(more: dict[str, Any]) -> None:
    assert read_message({"works": True, "held": {}, **more}, [NUMBERS]) == Message()


def test_the_list_of_what_was_set_aside_is_bounded() -> None:
    aside = [["my.numbers.1", 3.0], ["../x", 1], ["a", 1], [1, 2], *[["a.1", 1]] * 200]
    message = read_message({"works": True, "held": {}, "aside": aside}, [NUMBERS])
    assert message.aside is not None
    assert message.aside[0] == AsideEntry("my.numbers.1", 3)
    assert message.aside[0].slot == "my.numbers"
    assert len(message.aside) == MOST_ASIDE - 3


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
    assert keep.read_message({"works": True, "held": {}}, [ANSWERS]) == Message()


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


def session(script: str) -> AppTest:
    """Run a script in a session, with `slot` for entries and `say` for the browser's messages."""
    head = """
import json
from ui.components import keep
from ui.components.keep.shapes import Flag, by_name
slot = keep.Slot("a", by_name(Flag(), 3))
def say(text, base=None, stamp=1):
    message = {"works": True, "stamp": stamp, "held": {"a": text}, "base": {"a": base}}
    keep.receive(message, [slot])
def order():
    return keep.state.get(keep._ORDERS)
"""
    app = AppTest.from_string(head + script).run()
    assert not app.exception, app.exception
    return app


def test_what_the_browser_holds_is_taken_over_and_not_written_back() -> None:
    session("""
say('{"x":true}')
assert keep.get(slot) == {"x": True}
assert order().write == {} and order().heard == 1
say(None, base='{"x":true}', stamp=2)
assert keep.get(slot) is None
assert order().write == {} and order().heard == 2
""")


def test_what_was_put_before_the_browser_answered_joins_what_it_holds() -> None:
    session("""
keep.add(slot, "y", False)
say('{"x":true}')
assert keep.get(slot) == {"x": True, "y": False}
assert json.loads(order().write["a"][1]) == {"x": True, "y": False}
""")


def test_what_another_tab_has_removed_stays_removed() -> None:
    session("""
say('{"x":true,"y":true}')
keep.add(slot, "z", True)
say('{"y":true}', base='{"x":true,"y":true}')
assert keep.get(slot) == {"y": True, "z": True}
""")


def test_a_write_that_another_tab_has_made_needless_is_dropped() -> None:
    session("""
keep.put(slot, {"x": True})
say('{"x":true}')
assert order().write == {}
""")


def test_the_same_value_can_be_written_twice() -> None:
    session("""
keep.put(slot, {"x": True})
first = order().write["a"]
keep.put(slot, {"x": True})
assert order().write["a"][0] != first[0]
""")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"x":tr', "damaged"),
        ('{"x":1}', "damaged"),
        ("[]", "damaged"),
        ("null", "damaged"),
        ('{"version":2,"value":{"x":true}}', "another version"),
    ],
)
def test_a_text_that_does_not_fit_is_set_aside_and_nothing_of_the_session_lost(
    text: str, fault: str
) -> None:
    session(f"""
keep.put(slot, {{"y": True}})
say({text!r}, base='{{"y":true}}', stamp=7)
assert order().aside == {{"a": 7}}
assert keep.list_faults() == {{"a": {fault!r}}}
assert keep.get(slot) == {{"y": True}}
assert json.loads(order().write["a"][1]) == {{"y": True}}
""")


def test_a_text_that_fits_has_no_fault() -> None:
    assert ANSWERS.find_fault('{"Where":false}') == ""
    assert ANSWERS.find_fault('{"version":true}') == ""


def test_what_the_browser_set_aside_by_itself_is_noted() -> None:
    session("""
keep.receive({"works": True, "held": {}, "moved": ["a"], "aside": [["a.1", 12]]}, [slot])
assert keep.list_faults() == {"a": "damaged"}
assert keep.list_aside() == (keep.AsideEntry("a.1", 12),)
keep.order("forget")
assert keep.list_faults() == {} and keep.has_unsent()
""")

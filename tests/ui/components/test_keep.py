"""What a browser keeps: nothing that comes from it is trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ui.components import keep
from ui.components.keep import Slot, told
from ui.workbench import predictions

NUMBERS = Slot("my.numbers", 20, lambda value: isinstance(value, list))
ANSWERS = predictions.slot("rounding")


def held(text: object) -> Any:
    works, values = told({"works": True, "held": {"my.numbers": text}}, [NUMBERS])
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
    deep = Slot("deep", 10**6, lambda value: True)
    assert deep.from_json("[" * 500_000) is None


def test_slots_that_nobody_named_are_left_out() -> None:
    assert told({"works": True, "held": {"other": "[1]"}}, [NUMBERS]) == (True, {})


@pytest.mark.parametrize("message", [None, 3, [], {"works": "yes", "held": {}}, {"held": []}])
def test_a_message_of_another_shape_says_nothing(message: object) -> None:
    assert told(message, [NUMBERS]) == (True, {})


def test_a_browser_may_say_that_it_keeps_nothing() -> None:
    assert told({"works": False, "held": {}}, [NUMBERS]) == (False, {})


def test_what_is_too_large_or_of_another_shape_is_not_sent() -> None:
    for value in ([1] * 20, {"a": 1}, [float("nan")]):
        with pytest.raises(ValueError):  # noqa: PT011
            NUMBERS.to_json(value)


@pytest.mark.parametrize("name", ["", "Upper", "a b", "a/b", "x" * 65, "1a"])
def test_a_slots_name_is_plain(name: str) -> None:
    with pytest.raises(ValueError, match="name must be lower-case"):
        Slot(name, 10, lambda value: True)


def test_a_session_has_what_was_put() -> None:
    def page() -> None:
        from ui.components import keep

        slot = keep.Slot("a", 99, lambda value: True)
        keep.put(slot, [1])
        keep.mount([slot])
        assert keep.get(slot) == [1]
        keep.put(slot, None)
        assert keep.get(slot) is None
        assert keep.lasting()

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
    assert keep.told({"works": True, "held": {}}, [ANSWERS]) == (True, {})

"""What this browser keeps for its learner, over reloads: small values of JSON in named slots.

A slot has a name, a bound on its size and a test of its value:

    DRAWN = keep.Slot("drawn.digits", 200_000, is_list_of_digits)

It is named once a page in `keep.mount([..., DRAWN])` (the frame does that), and then

    keep.put(DRAWN, [...])       # kept from now on, by this session and this browser
    keep.get(DRAWN)              # what was put or kept; None where there is nothing
    keep.put(DRAWN, None)        # forgotten

In the browser it is the entry `nncore.drawn.digits` of `localStorage`. What comes from there is
anybody's: `told` takes only slots that are known, small enough, JSON, and pass their test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ui.components.component import register
from ui.core import state

_NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}")
#: Where the session has them: values by slot, what is to be written, and whether it is kept.
_HELD, _WRITTEN, _WORKS = "keep.held", "keep.written", "keep.works"
#: What of that has been given to the browser.
_SENT = "keep.sent"
_KEY = "keep.browser"


@dataclass(frozen=True)
class Slot:
    """A place for one value of JSON.

    Args:
        name: Lower-case letters, digits, points and underscores; a letter first.
        limit: How many characters its JSON may have.
        valid: Whether a value is one of this slot; it is asked about anything that JSON can be.
        merge: Puts this session's value and one that another window has kept together; either may
            be None. Without it the last to write wins.

    Raises:
        ValueError: If the name is none.
    """

    name: str
    limit: int
    valid: Callable[[Any], bool]
    merge: Callable[[Any, Any], Any] | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name must be lower-case, such as 'a.b'. Received: {self.name!r}")

    def to_json(self, value: Any) -> str:
        """A value as the text that is kept.

        Raises:
            ValueError: If the value is not one of this slot, or too large.
        """
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
        if not self.valid(value) or len(text) > self.limit:
            raise ValueError(
                f"value must be valid for the slot {self.name!r} and have at most "
                f"{self.limit:,} characters. Received: {len(text):,} characters"
            )
        return text

    def from_json(self, text: object) -> Any:
        """The value of a text from a browser; None where it is not one of this slot."""
        if not isinstance(text, str) or len(text) > self.limit:
            return None
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return value if self.valid(value) else None


_component = register("keep")


def mount(slots: Sequence[Slot]) -> None:
    """Puts the piece on the page, where nobody sees it: once a page, before all else.

    The browser answers with what it holds, which runs the page once more; after that, what `put`
    is given goes to the browser at the beginning of each run.

    Args:
        slots: All that this lab keeps.
    """
    works: bool | None = state.get(_WORKS, None)
    # Also where something is written already: the other slots have not been told yet.
    ask = works is None
    sent = {"limits": {s.name: s.limit for s in slots}, "write": _written(), "ask": ask}
    sent["merge"] = [slot.name for slot in slots if slot.merge is not None]
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    _component(key=_KEY, data=[sent | {"works": works}], on_told_change=partial(_hear, slots))
    state.put(_SENT, _written())


def waiting() -> bool:
    """Whether something was put since the piece was mounted, which goes with the next run."""
    return bool(_written() != state.get(_SENT, {}))


def get(slot: Slot) -> Any:
    """A slot's value; None where there is none, or the browser has not said it yet."""
    return _held().get(slot.name)


def put(slot: Slot, value: Any) -> None:
    """Gives a slot another value, or none.

    Args:
        slot: Which.
        value: What `json` can write; None empties the slot.

    Raises:
        ValueError: If the value is not one of the slot, or too large.
    """
    text = None if value is None else slot.to_json(value)
    state.put(_HELD, {**_held(), slot.name: value})
    state.put(_WRITTEN, {**_written(), slot.name: text})


def lasting() -> bool:
    """Whether values outlive a reload, as far as the browser has said: it is taken to keep them."""
    return bool(state.get(_WORKS, True))


def heard() -> bool:
    """Whether the browser has said what it holds."""
    return state.get(_WORKS, None) is not None


def told(message: object, slots: Sequence[Slot]) -> tuple[bool, dict[str, Any]]:
    """What a browser's message says, with all that cannot be trusted left out.

    Args:
        message: What came; anything.
        slots: What is kept.

    Returns:
        Whether the browser keeps values, and those that it holds by slot.
    """
    match message:
        case {"works": bool(works), "held": dict(held)}:
            values = {slot.name: slot.from_json(held.get(slot.name)) for slot in slots}
            return works, {name: value for name, value in values.items() if value is not None}
    return True, {}


def _hear(slots: Sequence[Slot]) -> None:
    message: Mapping[str, object] = state.get(_KEY, {})
    works, values = told(message.get("told"), slots)
    mine = _held()
    state.put(_WORKS, works)
    state.put(_HELD, {**values, **mine})  # what this session has put is newer
    for slot in slots:
        if slot.merge is not None and slot.name in mine and slot.name in values:
            put(slot, slot.merge(mine[slot.name], values[slot.name]))


def _held() -> Mapping[str, Any]:
    return state.get(_HELD, {})


def _written() -> Mapping[str, str | None]:
    return state.get(_WRITTEN, {})

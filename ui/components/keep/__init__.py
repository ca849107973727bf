"""What a learner's browser keeps over reloads: small JSON values in named slots.

A slot has a name and the shape of its value, which bounds it:

    ANSWERS = keep.Slot[Mapping[str, bool]]("answers.mnist", by_name(Flag()), "Your answers")

`ui/app.py` lists all slots; it mounts them once a page. Then

    keep.put(ANSWERS, {...})             # kept from now on, by this session and this browser
    keep.add(ANSWERS, "Where", True)     # one entry more; the oldest goes where there are too many
    keep.get(ANSWERS)                    # the value; None where there is none
    keep.put(ANSWERS, None)              # forgotten

In the browser the value is the entry `nncore.answers.mnist` of `localStorage`. Anybody can change
it there, and so do other tabs of the browser. `read_message` takes only known slots; what another
tab has changed is merged (`merging.py`); a text that does not match its slot is set aside under
`nncore.aside.answers.mnist.1`, where it can be downloaded. keep.js has the browser's part.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, TypeAlias, TypeVar

from ui.components.component import register
from ui.components.keep.message import AsideEntry, Message, read_message
from ui.components.keep.shapes import Entries
from ui.components.keep.slot import Fault, Slot
from ui.core import state
from ui.core.keys import Key

__all__ = [
    "AsideEntry",
    "Message",
    "Slot",
    "add",
    "get",
    "has_answered",
    "has_unsent",
    "is_lasting",
    "list_aside",
    "list_faults",
    "list_slots",
    "mount",
    "order",
    "put",
    "read_message",
    "receive",
]

T = TypeVar("T")
#: What the browser can be told to do with what was set aside.
Command: TypeAlias = Literal["download", "forget", "restore"]


@dataclass(frozen=True)
class _Orders:
    """Orders to the browser, all of them sent with each run; a turn names one that it has done.

    Args:
        write: A turn and a text by slot; None empties the slot.
        aside: Slots whose text is to be set aside, each with the stamp of the message that held it.
        heard: The stamp of the last message.
        command: A turn and what to do with what was set aside.
    """

    write: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    aside: Mapping[str, int] = field(default_factory=dict)
    heard: int = 0
    command: tuple[str, Command] | None = None


#: Values by slot.
_VALUES = Key[Mapping[str, Any]]("keep.held", {})
_ORDERS = Key("keep.orders", _Orders())
#: The orders that the browser has been given.
_SENT = Key("keep.sent", _Orders())
#: Whether the browser keeps anything; None until it has answered.
_IS_KEEPING = Key[bool | None]("keep.works", None)
_BROWSER = Key[Mapping[str, object]]("keep.browser", {})
_SLOTS = Key[tuple[Slot[Any], ...]]("keep.slots", ())
#: Texts that were set aside, in this session and before.
_ASIDE = Key[tuple[AsideEntry, ...]]("keep.aside", ())
#: Why texts were set aside in this session, by slot.
_FAULTS = Key[Mapping[str, Fault]]("keep.faults", {})

_component = register("keep")


def mount(slots: Sequence[Slot[Any]]) -> None:
    """Put the invisible component on the page: once a page, before everything else.

    The browser answers with the values that it holds, which runs the page once more. From then on
    each run begins by sending it what `put` was given.

    Args:
        slots: All slots of the lab.
    """
    state.put(_SLOTS, tuple(slots))
    is_keeping, orders = state.get(_IS_KEEPING), state.get(_ORDERS)
    sent: dict[str, Any] = {
        "limits": {slot.name: slot.limit for slot in slots},
        "write": orders.write,
        "aside": orders.aside,
        "heard": orders.heard,
        "command": orders.command,
        # Also where something is written already: other slots may hold more.
        "ask": is_keeping is None,
        "works": is_keeping,
    }
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    _component(key=_BROWSER.name, data=[sent], on_found_change=partial(_receive, slots))
    state.put(_SENT, orders)


def has_unsent() -> bool:
    """Return True if something was put since the component was mounted: the next run sends it."""
    return state.get(_ORDERS) != state.get(_SENT)


def list_slots() -> tuple[Slot[Any], ...]:
    """Return all slots of the lab, as they were mounted."""
    return state.get(_SLOTS)


def get(slot: Slot[T]) -> T | None:
    """Return a slot's value; None if it has none, or the browser has not answered yet."""
    value: T | None = state.get(_VALUES).get(slot.name)
    return value


def put(slot: Slot[T], value: T | None) -> None:
    """Give a slot a new value.

    Args:
        slot: The slot.
        value: The value; None empties the slot.

    Raises:
        ValueError: If the value does not match the slot's shape.
    """
    text = None if value is None else slot.to_json(value)
    orders = state.get(_ORDERS)
    write = {**orders.write, slot.name: (uuid.uuid4().hex, text)}
    _hold(slot, value)
    state.put(_ORDERS, replace(orders, write=write))


def add(slot: Slot[Mapping[str, T]], key: str, entry: T) -> None:
    """Put an entry into a slot that holds a `Entries`; the oldest goes where there are too many.

    Args:
        slot: The slot.
        key: The entry's key; an older entry under it goes.
        entry: The entry.

    Raises:
        ValueError: If the entry does not match the slot's shape.
        TypeError: If the slot holds something other than a table.
    """
    if not isinstance(slot.shape, Entries):
        raise TypeError(f"slot must hold a Entries. Received: {slot.shape!r}")
    others = [item for item in (get(slot) or {}).items() if item[0] != key]
    put(slot, dict([*others, (key, entry)][-slot.shape.most :]))


def is_lasting() -> bool:
    """Return True if values outlive a reload; assumed until the browser has answered."""
    return state.get(_IS_KEEPING) is not False


def has_answered() -> bool:
    """Return True once the browser has sent the values that it holds."""
    return state.get(_IS_KEEPING) is not None


def list_aside() -> tuple[AsideEntry, ...]:
    """Return what was set aside in this browser, now and before."""
    return state.get(_ASIDE)


def list_faults() -> Mapping[str, Fault]:
    """Return why texts were set aside in this session, by the slots' names."""
    return state.get(_FAULTS)


def order(command: Command) -> None:
    """Have the browser download, forget or restore all that was set aside."""
    state.put(_ORDERS, replace(state.get(_ORDERS), command=(uuid.uuid4().hex, command)))
    if command == "forget":
        state.drop(_FAULTS)


def _receive(slots: Sequence[Slot[Any]]) -> None:
    receive(state.get(_BROWSER).get("found"), slots)


def receive(found: object, slots: Sequence[Slot[Any]]) -> None:
    """Take over what the browser holds and this session does not know yet.

    Args:
        found: The browser's message; it may be anything.
        slots: All slots of the lab.
    """
    message = read_message(found, slots)
    state.put(_IS_KEEPING, message.is_keeping)
    if message.aside is not None:
        state.put(_ASIDE, message.aside)
    orders = state.get(_ORDERS)
    state.put(_ORDERS, replace(orders, heard=max(orders.heard, message.stamp)))
    for slot in slots:
        if slot.name in message.moved:
            _note_fault(slot, "damaged")
        if slot.name in message.texts:
            _take_over(slot, message)


def _take_over(slot: Slot[Any], message: Message) -> None:
    """Merge the text of another tab, or of an earlier session, with this session's value."""
    text, mine = message.texts[slot.name], get(slot)
    other = slot.from_json(text)
    if text is not None and other is None:
        _set_aside(slot, text, message.stamp)
        merged = mine
    else:
        merged = slot.combine(slot.from_json(message.bases.get(slot.name)), mine, other)
    if merged != other:
        put(slot, merged)
        return
    orders = state.get(_ORDERS)
    rest = {name: order for name, order in orders.write.items() if name != slot.name}
    _hold(slot, other)
    state.put(_ORDERS, replace(orders, write=rest))


def _hold(slot: Slot[Any], value: Any) -> None:
    values = state.get(_VALUES)
    state.put(_VALUES, {**values, slot.name: value})


def _set_aside(slot: Slot[Any], text: str, stamp: int) -> None:
    """Have the browser move a text that the slot cannot use."""
    orders = state.get(_ORDERS)
    state.put(_ORDERS, replace(orders, aside={**orders.aside, slot.name: stamp}))
    _note_fault(slot, slot.find_fault(text))


def _note_fault(slot: Slot[Any], fault: Fault) -> None:
    faults = state.get(_FAULTS)
    state.put(_FAULTS, {**faults, slot.name: fault})

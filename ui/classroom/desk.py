"""The teacher's desk: the class that the page leads, and what was read of it.

The board polls: one cheap query asks for the class's version, and only if that has changed is the
part that is shown read again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

import streamlit as st

from ui.class_store.errors import ClassError, ClassNotFound, NotAllowed, StoreUnavailable
from ui.class_store.sketch import SketchRow
from ui.class_store.values import Card, ClassView, DrawingRow, RunRow, TeacherKey
from ui.core import state
from ui.core.keys import Key
from ui.membership import class_drawings, feed, kept_keys

if TYPE_CHECKING:
    from ui.class_store.store import ClassStore

T = TypeVar("T")
#: Seconds after which runs and drawings are read anew as a whole: some may have been taken back.
WHOLE = 10.0
#: The code of the class that the page shows; empty for the form that starts one.
OPEN = Key("classroom.open", "", "tab")
#: The code of the class that was just made: its secret link is still to be shown.
NEW = Key("classroom.new", "")


@dataclass(frozen=True)
class Desk:
    """A class as its teacher's page knows it.

    Args:
        key: The teacher's key.
        view: The class.
        is_lost: True while the database cannot be reached.
    """

    key: TeacherKey
    view: ClassView
    is_lost: bool = False

    @property
    def code(self) -> str:
        """The class's code."""
        return self.key.code

    def read(self, name: str, query: Callable[[ClassStore], T]) -> T | None:
        """Return a part of the class, read again if the class has changed.

        Args:
            name: The part's name, unique on the page.
            query: Reads it from the store.

        Returns:
            The part; the last one while the database cannot be reached, None before there is one.
        """
        known = _parts(self.code).get(name)
        if known is not None and known[0] == self.view.version:
            return cast(T, known[1])
        try:
            value = query(open_store())
        except StoreUnavailable:
            return None if known is None else cast(T, known[1])
        _put_part(self.code, name, self.view.version, value)
        return value


#: The desk of the last look, and its parts by class.
_DESK = Key[Desk | None]("classroom.desk", None)
_PARTS = Key[tuple[str, Mapping[str, tuple[int, Any]]]]("classroom.parts", ("", {}))


def open_store() -> ClassStore:
    """Return the store of this lab's classes."""
    return feed.open_classes().store


def find_desk() -> Desk | None:
    """Return the class that the page leads, as it is now; None if it leads none."""
    key = kept_keys.list_teacher_keys().get(state.get(OPEN))
    if key is None:
        return None
    before = state.get(_DESK)
    try:
        desk = _read(key, before)
    except StoreUnavailable as error:
        if before is None or before.key != key:
            st.error(str(error), icon=":material/cloud_off:")
            return None
        desk = replace(before, is_lost=True)
    except (ClassNotFound, NotAllowed) as error:
        close(key.code)
        st.toast(str(error), icon=":material/groups:")
        return None
    state.put(_DESK, desk)
    return desk


def _read(key: TeacherKey, before: Desk | None) -> Desk:
    store = open_store()
    version = store.version(key)
    if before is not None and before.key == key and before.view.version == version:
        return replace(before, is_lost=False)
    return Desk(key, store.view_class(key))


def close(code: str) -> None:
    """Forget a class that is over."""
    kept_keys.forget_teacher_key(code)
    state.drop(class_drawings.COLLECTION)
    show_other("")


def show_other(code: str) -> None:
    """Show another class of this teacher's; an empty code shows the form that starts one."""
    state.put(OPEN, code)
    for key in (_DESK, _PARTS, NEW):
        state.drop(key)


def act(call: Callable[[ClassStore], object]) -> None:
    """Do something with the class, such as after a click; say so where that is impossible."""
    try_to(call)


def try_to(call: Callable[[ClassStore], object]) -> bool:
    """Do something with the class; say so where that is impossible.

    Args:
        call: Does it.

    Returns:
        True if it is done.
    """
    try:
        call(open_store())
    except ClassError as error:
        st.toast(str(error), icon=":material/error:")
        return False
    state.drop(_DESK)
    return True


# Parts


def _parts(code: str) -> Mapping[str, tuple[int, Any]]:
    owner, parts = state.get(_PARTS)
    return parts if owner == code else {}


def _put_part(code: str, name: str, version: int, value: Any) -> None:
    state.put(_PARTS, (code, {**_parts(code), name: (version, value)}))


@dataclass(frozen=True)
class _Rows:
    """Rows of a board that were read one after the other."""

    rows: tuple[Any, ...]
    whole_at: float


def list_runs(desk: Desk) -> tuple[RunRow, ...]:
    """Return the runs that the board shows, the oldest first."""
    return _list_rows(desk, "runs", lambda store, after: store.list_runs(desk.key, after))


def list_drawings(desk: Desk) -> tuple[DrawingRow, ...]:
    """Return the drawings that the board shows, the oldest first."""
    return _list_rows(desk, "drawings", lambda store, after: store.list_drawings(desk.key, after))


def list_sketches(desk: Desk) -> tuple[SketchRow, ...]:
    """Return the shared drawings of handed-out classes, the oldest first."""
    return _list_rows(desk, "sketches", lambda store, after: store.list_sketches(desk.key, after))


def list_cards(desk: Desk) -> list[Card]:
    """Return what the teacher has sent, the oldest first."""
    return desk.read("cards", lambda store: store.receive(desk.key)) or []


def _list_rows(desk: Desk, name: str, query: Callable[[ClassStore, int], list[T]]) -> tuple[T, ...]:
    """Return rows: the new ones are read with each change, all of them now and then."""
    known = _parts(desk.code).get(name)
    last = known[1] if known is not None else None
    is_old = last is None or time.monotonic() - last.whole_at > WHOLE

    def read(store: ClassStore) -> _Rows:
        if last is None or is_old:
            return _Rows(tuple(query(store, 0)), time.monotonic())
        after = max((row.number for row in last.rows), default=0)
        return _Rows((*last.rows, *query(store, after)), last.whole_at)

    if known is not None and is_old:
        _put_part(desk.code, name, -1, last)
    found = desk.read(name, read)
    return () if found is None else found.rows


def forget_part(name: str) -> None:
    """Have a part read anew, such as runs of which one was hidden."""
    owner, parts = state.get(_PARTS)
    state.put(_PARTS, (owner, {key: part for key, part in parts.items() if key != name}))

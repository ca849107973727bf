"""The part of the class store that reads: what pages of members and boards of teachers show."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from ui.class_store import boards, export, rows
from ui.class_store.database import Database
from ui.class_store.errors import NotAllowed
from ui.class_store.rows import Place
from ui.class_store.sketch import SketchRow
from ui.class_store.values import (
    Card,
    ClassView,
    DrawingRow,
    Key,
    MemberKey,
    MemberRow,
    MemberView,
    RunRow,
    Tally,
    TeacherKey,
)


class StoreViews:
    """The calls that read a class.

    Args:
        url: The database's address in SQLAlchemy's form: SQLite or PostgreSQL.
        now: The clock, in seconds since 1970.
    """

    def __init__(self, url: str, now: Callable[[], float] = time.time) -> None:
        self._database = Database(url)
        self._now = now

    def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        self._database.close()

    # For all in the class

    def version(self, key: Key) -> int:
        """Return a number that changes with every event that the key's owner can see.

        It is one cheap query, for a page that polls.
        """
        with self._database.reading() as connection:
            return rows.find_version(connection, key, self._now())

    def view_class(self, key: Key) -> ClassView:
        """Return the class as everybody in it sees it."""
        with self._reading(key) as (connection, place):
            return boards.view_class(connection, place.classroom)

    def view_member(self, key: MemberKey) -> MemberView:
        """Return the class as one member sees it, with the member's own answers."""
        with self._reading(key, MemberKey) as (connection, place):
            return boards.view_member(connection, place)

    def receive(self, key: Key, after: int = 0) -> list[Card]:
        """Return the cards that the teacher has sent, the oldest first.

        Args:
            key: Anybody's key.
            after: The number of the last card that is known.
        """
        with self._reading(key) as (connection, place):
            return boards.list_cards(connection, place, after)

    def tally(self, key: Key, question: str, round: int = 1) -> Tally:
        """Count the answers to a vote; members see the spread only once it is shown."""
        with self._reading(key) as (connection, place):
            return boards.tally(connection, place, question, round)

    def read_reader(self, key: Key) -> bytes | None:
        """Return the reader that the class is offered; None if there is none."""
        with self._reading(key) as (connection, place):
            return boards.read_reader(connection, place)

    # The board: for the teacher only

    def list_members(self, key: TeacherKey) -> list[MemberRow]:
        """Return the members with step, idle time and hand, in the order in which they joined."""
        with self._reading(key, TeacherKey) as (connection, place):
            return boards.list_members(connection, place, self._now())

    def list_runs(self, key: TeacherKey, after: int = 0, hidden: bool = False) -> list[RunRow]:
        """Return the finished runs, the oldest first; at most the newest 5,000.

        Args:
            key: The teacher's key.
            after: The number of the last run that is known.
            hidden: True to include hidden ones.
        """
        with self._reading(key, TeacherKey) as (connection, place):
            return boards.list_runs(connection, place, after, hidden)

    def list_drawings(
        self, key: TeacherKey, after: int = 0, hidden: bool = False
    ) -> list[DrawingRow]:
        """Return the shared drawings, the oldest first; at most the newest 5,000.

        Args:
            key: The teacher's key.
            after: The number of the last drawing that is known.
            hidden: True to include hidden ones.
        """
        with self._reading(key, TeacherKey) as (connection, place):
            return boards.list_drawings(connection, place, after, hidden)

    def list_sketches(
        self, key: TeacherKey, after: int = 0, hidden: bool = False
    ) -> list[SketchRow]:
        """Return the shared drawings of handed-out classes, as `list_drawings` does for digits."""
        with self._reading(key, TeacherKey) as (connection, place):
            return boards.list_sketches(connection, place, after, hidden)

    def list_offered_sketches(self, key: MemberKey) -> list[SketchRow]:
        """Return the shared drawings of handed-out classes where the teacher offers them to all.

        "Person 1", "Person 2" and so on take the place of the members' generated names.

        Raises:
            NotAllowed: If the teacher has not offered them.
        """
        with self._reading(key, MemberKey) as (connection, place):
            return boards.list_offered_sketches(connection, place)

    def count_readings(self, key: TeacherKey) -> NDArray[np.int64]:
        """Return the confusion counts of the shared drawings.

        Returns:
            (10, 11) counts: a row for each label, a column for each reading; the last column counts
            the drawings that the network refused to read.
        """
        with self._reading(key, TeacherKey) as (connection, place):
            return boards.count_readings(connection, place)

    def export_json(self, key: TeacherKey) -> str:
        """Return the class with its members and all its events as JSON."""
        with self._reading(key, TeacherKey) as (connection, place):
            return export.export_json(connection, place)

    def export_csv(self, key: TeacherKey) -> str:
        """Return all events of the class as CSV: one row an event."""
        with self._reading(key, TeacherKey) as (connection, place):
            return export.export_csv(connection, place)

    # What all calls share

    @contextmanager
    def _reading(
        self, key: Key, kind: type[TeacherKey] | type[MemberKey] | None = None
    ) -> Iterator[tuple[Connection, Place]]:
        """Open a connection and the place of a key, of a certain kind where one is named."""
        _check_kind(key, kind)
        with self._database.reading() as connection:
            yield connection, rows.find_place(connection, key, self._now())

    @contextmanager
    def _writing(
        self, key: Key, kind: type[TeacherKey] | type[MemberKey]
    ) -> Iterator[tuple[Connection, Place]]:
        """Open a transaction that holds the class's row, and the place of a key."""
        _check_kind(key, kind)
        with self._database.writing() as connection:
            yield connection, rows.find_place(connection, key, self._now(), locks=True)


def _check_kind(key: Key, kind: type[TeacherKey] | type[MemberKey] | None) -> None:
    if kind is not None and not isinstance(key, kind):
        whom = "the class's teacher" if kind is TeacherKey else "a member of the class"
        raise NotAllowed(f"Only {whom} can do this.")

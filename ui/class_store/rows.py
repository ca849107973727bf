"""The rows of a class: found by a key, and appended to.

Who appends takes the class's row first. So the events of a class are numbered in the order in which
they are committed, and a reader who has seen number n misses none below it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, insert, select, update

from ui.class_store import codes, encoding
from ui.class_store.errors import ClassNotFound, LimitReached, NotAllowed
from ui.class_store.limits import (
    EVENT_BYTES,
    LIFETIME,
    MOST_ACTS,
    MOST_BYTES,
    MOST_CLASS_BYTES,
    MOST_EVENTS,
    MOST_MEMBERS,
)
from ui.class_store.tables import CLASSES, EVENTS, MEMBERS
from ui.class_store.values import Key, MemberKey, TeacherKey

#: Stands for the teacher in place of a member's number.
TEACHER = 0


class Place(NamedTuple):
    """A class's row, and the row of the member whose key it was found by.

    Attributes:
        classroom: The class's row.
        member: The member's row; None for the teacher.
    """

    classroom: Row[Any]
    member: Row[Any] | None

    @property
    def id(self) -> int:
        """The class's number in the database."""
        return int(self.classroom.id)

    @property
    def member_id(self) -> int:
        """The member's number in the database, or `TEACHER`."""
        return TEACHER if self.member is None else int(self.member.id)


def find_class(connection: Connection, code: str, now: float, locks: bool = False) -> Row[Any]:
    """Return the row of a class.

    Args:
        connection: An open connection.
        code: The class's code.
        now: Seconds since 1970: a class that is over is not found, even before it is deleted.
        locks: True to hold the row until the transaction ends.

    Raises:
        ClassNotFound: If there is none.
    """
    query = select(CLASSES).where(CLASSES.c.code == code, CLASSES.c.last_event > now - LIFETIME)
    row = connection.execute(query.with_for_update() if locks else query).first()
    if row is None:
        raise ClassNotFound("There is no class with this code, or it has ended.")
    return row


def find_place(connection: Connection, key: Key, now: float, locks: bool = False) -> Place:
    """Return the place that a key opens.

    Raises:
        ClassNotFound: If there is no such class.
        NotAllowed: If the secret or the token is wrong, or the member has left.
    """
    classroom = find_class(connection, key.code, now, locks)
    if isinstance(key, TeacherKey):
        if not codes.matches(key.code, key.secret, classroom.secret_hash):
            raise NotAllowed("This is not the link of the class's teacher.")
        return Place(classroom, None)
    member = find_member(connection, int(classroom.id), key)
    if member is None or member.has_left:
        raise NotAllowed("You are not in this class, or you have left it.")
    return Place(classroom, member)


def find_member(connection: Connection, class_id: int, key: MemberKey) -> Row[Any] | None:
    """Return the row of a member, also of one who has left; None if there is none."""
    token_hash = codes.hash_secret(key.code, key.token)
    query = select(MEMBERS).where(
        MEMBERS.c.class_id == class_id, MEMBERS.c.token_hash == token_hash
    )
    return connection.execute(query).first()


def find_version(connection: Connection, key: Key, now: float) -> int:
    """Return a number that changes with every event that the key's owner can see.

    For a teacher, who sees all of them, it is the number of the last one. A member sees what the
    teacher does, who is there, and the member's own events: thirty members who train do not have
    all of them read the class again with each run. One query.

    Raises:
        ClassNotFound: If there is no such class.
        NotAllowed: If the secret or the token is wrong, or the member has left.
    """
    if isinstance(key, MemberKey):
        others = MEMBERS.alias()
        here = select(func.count()).where(
            others.c.class_id == CLASSES.c.id, others.c.has_left.is_(False)
        )
        seen = (CLASSES.c.acts + MEMBERS.c.events) * (MOST_MEMBERS + 1) + here.scalar_subquery()
        is_same = MEMBERS.c.token_hash == codes.hash_secret(key.code, key.token)
        is_here = (MEMBERS.c.class_id == CLASSES.c.id) & is_same & MEMBERS.c.has_left.is_(False)
        query = select(seen).join(MEMBERS, is_here)
        query = query.where(CLASSES.c.code == key.code, CLASSES.c.last_event > now - LIFETIME)
        version = connection.execute(query).scalar()
        if version is not None:
            return int(version)
    return int(find_place(connection, key, now).classroom.version)


def find_event(connection: Connection, place: Place, event: str) -> int | None:
    """Return the number of an event that was sent before; None for a new one."""
    query = select(EVENTS.c.number).where(
        EVENTS.c.class_id == place.id,
        EVENTS.c.member_id == place.member_id,
        EVENTS.c.event == event,
    )
    return connection.execute(query).scalar()


def append(
    connection: Connection, place: Place, event: str, columns: encoding.Columns, now: float
) -> int:
    """Append an event, and count it; the class's row must be held.

    Returns:
        The event's number in the class.

    Raises:
        LimitReached: If the member has written too many events, or this one is too large.
    """
    size = len(columns.body.encode()) + EVENT_BYTES
    if size > MOST_BYTES:
        raise LimitReached(f"An event can have at most {MOST_BYTES:,} bytes.")
    if place.classroom.bytes + size > MOST_CLASS_BYTES:
        raise LimitReached("This class has shared as much as a class can share.")
    if place.member is None:
        _count_act(connection, place.classroom)
    else:
        _count_event(connection, place.member, now)
    number = next_number(connection, place.id, now, size)
    row = {"class_id": place.id, "number": number, "member_id": place.member_id, "at": now}
    connection.execute(insert(EVENTS).values(**row, event=event, **columns._asdict()))
    return number


def next_number(connection: Connection, class_id: int, now: float, size: int = 0) -> int:
    """Count one more event of a class with so many bytes, and return its number."""
    version = CLASSES.c.version
    change = update(CLASSES).where(CLASSES.c.id == class_id)
    counts = {"version": version + 1, "bytes": CLASSES.c.bytes + size}
    connection.execute(change.values(**counts, last_event=now))
    return int(connection.execute(select(version).where(CLASSES.c.id == class_id)).scalar_one())


def _count_act(connection: Connection, classroom: Row[Any]) -> None:
    if classroom.acts >= MOST_ACTS:
        raise LimitReached("The teacher has done as much as a class can hold.")
    change = update(CLASSES).where(CLASSES.c.id == classroom.id)
    connection.execute(change.values(acts=CLASSES.c.acts + 1))


def _count_event(connection: Connection, member: Row[Any], now: float) -> None:
    if member.events >= MOST_EVENTS:
        raise LimitReached("You have shared as much as one member of a class can share.")
    change = update(MEMBERS).where(MEMBERS.c.id == member.id)
    connection.execute(change.values(events=MEMBERS.c.events + 1, active=now))


def count_members(connection: Connection, class_id: int) -> int:
    """Return how many members a class has, without those who left."""
    query = select(func.count()).where(
        MEMBERS.c.class_id == class_id, MEMBERS.c.has_left.is_(False)
    )
    return int(connection.execute(query).scalar_one())

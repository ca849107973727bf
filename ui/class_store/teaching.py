"""What the teacher does with a class: make it, lead it, end it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from ui.class_store import codes, encoding, retirement, rows
from ui.class_store.encoding import Columns
from ui.class_store.errors import LimitReached
from ui.class_store.limits import MOST_CLASSES, UNUSED
from ui.class_store.rows import Place
from ui.class_store.tables import CLASSES, EVENTS, MEMBERS, READERS
from ui.class_store.values import Card, TeacherKey, new_event


def create(connection: Connection, name: str, page: str, task: str, now: float) -> TeacherKey:
    """Make a class with a code that no other class has.

    Raises:
        LimitReached: If the lab has as many classes as it can have.
    """
    _make_room(connection, now)
    code, secret = codes.make_code(), codes.make_secret()
    while connection.execute(select(CLASSES.c.id).where(CLASSES.c.code == code)).first():
        code = codes.make_code()
    row = {"code": code, "secret_hash": codes.hash_secret(code, secret), "name": name}
    times = {"created": now, "last_event": now}
    connection.execute(insert(CLASSES).values(**row, **times, page=page, task=task))
    return TeacherKey(code, secret)


def _make_room(connection: Connection, now: float) -> None:
    """Delete the oldest class that nobody has joined, where the lab has no room for another."""
    count = connection.execute(select(func.count()).select_from(CLASSES)).scalar_one()
    if count < MOST_CLASSES:
        return
    is_empty = ~select(MEMBERS.c.id).where(MEMBERS.c.class_id == CLASSES.c.id).exists()
    query = select(CLASSES.c.id).where(is_empty, CLASSES.c.last_event <= now - UNUSED)
    unused = connection.execute(query.order_by(CLASSES.c.last_event).limit(1)).scalar()
    if unused is None:
        raise LimitReached(f"This lab has {MOST_CLASSES} classes already. Try again tomorrow.")
    retirement.delete_classes(connection, [unused])


def change(connection: Connection, place: Place, act: Columns, now: float, **columns: Any) -> None:
    """Change a class's row, and append what the teacher did; nothing if it changes nothing.

    Args:
        connection: A connection that holds the class's row.
        place: The teacher's place.
        act: What the teacher did, for the export.
        now: Seconds since 1970.
        **columns: The new values.
    """
    if all(getattr(place.classroom, name) == value for name, value in columns.items()):
        return
    connection.execute(update(CLASSES).where(CLASSES.c.id == place.id).values(**columns))
    rows.append(connection, place, new_event(), act, now)


def hide(connection: Connection, place: Place, number: int, hidden: bool, now: float) -> None:
    """Hide a drawing or a run from the board, or show it again."""
    found = (EVENTS.c.class_id == place.id) & (EVENTS.c.number == number)
    found &= EVENTS.c.kind.in_((encoding.RUN, *encoding.DRAWN)) & (EVENTS.c.is_hidden != hidden)
    if connection.execute(update(EVENTS).where(found).values(is_hidden=hidden)).rowcount:
        act = Columns("hide" if hidden else "unhide", place=number)
        rows.append(connection, place, new_event(), act, now)


def send(connection: Connection, place: Place, card: Card, event: str, now: float) -> None:
    """Send a card to all members, unless it was sent before."""
    if rows.find_event(connection, place, event) is None:
        rows.append(connection, place, event, encoding.encode_card(card), now)


def put_reader(connection: Connection, place: Place, data: bytes, now: float) -> None:
    """Replace the class's reader."""
    connection.execute(delete(READERS).where(READERS.c.class_id == place.id))
    connection.execute(insert(READERS).values(class_id=place.id, at=now, data=data))
    rows.append(connection, place, new_event(), Columns("reader", place=len(data)), now)

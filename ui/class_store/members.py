"""Joining and leaving a class, and the events of its members."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ui.class_store import codes, encoding, rows
from ui.class_store.encoding import Columns
from ui.class_store.errors import AnswersClosed, ClassIsLocked, LimitReached, NotAllowed
from ui.class_store.limits import MOST_MEMBERS
from ui.class_store.rows import Place
from ui.class_store.tables import EVENTS, MEMBERS
from ui.class_store.values import Answer, Hand, MemberEvent, MemberKey, Progress, Withdrawal


def join(connection: Connection, classroom: Row[Any], key: MemberKey, now: float) -> None:
    """Make the holder of a key a member; a member stays one under the same name.

    Args:
        connection: A connection that holds the class's row.
        classroom: The class's row.
        key: The key of the member to be.
        now: Seconds since 1970.

    Raises:
        ClassIsLocked: If the class takes no new members.
        LimitReached: If it is full.
    """
    member = rows.find_member(connection, classroom.id, key)
    if member is not None and not member.has_left:
        return
    if classroom.is_locked:
        raise ClassIsLocked("The teacher has locked this class: nobody can join any more.")
    if member is not None:
        change = update(MEMBERS).where(MEMBERS.c.id == member.id)
        connection.execute(change.values(has_left=False, active=now))
    else:
        _insert_member(connection, classroom, key, now)
    rows.next_number(connection, classroom.id, now)


def _insert_member(connection: Connection, classroom: Row[Any], key: MemberKey, now: float) -> None:
    query = select(MEMBERS.c.name).where(MEMBERS.c.class_id == classroom.id)
    taken = connection.execute(query).scalars().all()
    if len(taken) >= MOST_MEMBERS:
        raise LimitReached(f"This class is full: it has {MOST_MEMBERS} members.")
    row = {"class_id": classroom.id, "token_hash": codes.hash_secret(key.code, key.token)}
    name = codes.choose_name(taken)
    connection.execute(insert(MEMBERS).values(**row, name=name, joined=now, active=now))


def leave(connection: Connection, place: Place, forgets: bool, now: float) -> None:
    """Take a member out of a class.

    Args:
        connection: A connection that holds the class's row.
        place: The member's place.
        forgets: True to delete the member and all that the member wrote; otherwise it stays on
            the board under the generated name.
        now: Seconds since 1970.
    """
    if forgets:
        own = (EVENTS.c.class_id == place.id) & (EVENTS.c.member_id == place.member_id)
        connection.execute(delete(EVENTS).where(own))
        connection.execute(delete(MEMBERS).where(MEMBERS.c.id == place.member_id))
    else:
        change = update(MEMBERS).where(MEMBERS.c.id == place.member_id)
        connection.execute(change.values(has_left=True, hand_raised=None))
    rows.next_number(connection, place.id, now)


def record(
    connection: Connection, place: Place, event: MemberEvent, identity: str, now: float
) -> None:
    """Append a member's event, unless it was sent before.

    Args:
        connection: A connection that holds the class's row.
        place: The member's place.
        event: The event.
        identity: Its identity; one that was used before changes nothing.
        now: Seconds since 1970.

    Raises:
        AnswersClosed: If it is an answer to a question that is not open.
        LimitReached: If the member has written too many events.
        NotAllowed: If the place is the teacher's.
    """
    if place.member is None:
        raise NotAllowed("Only members of a class can share something with it.")
    if rows.find_event(connection, place, identity) is not None:
        return
    if isinstance(event, Answer):
        _check_open(place.classroom, event)
    elif isinstance(event, Progress | Hand):
        _set_state(connection, place, event, now)
    elif isinstance(event, Withdrawal):
        _withdraw(connection, place, event)
    rows.append(connection, place, identity, encoding.encode(event), now)


def _check_open(classroom: Row[Any], answer: Answer) -> None:
    is_open = (classroom.question, classroom.round) == (answer.question, answer.round)
    if not is_open or classroom.is_shown:
        raise AnswersClosed("This question takes no more answers.")


def _set_state(connection: Connection, place: Place, event: Progress | Hand, now: float) -> None:
    change = update(MEMBERS).where(MEMBERS.c.id == place.member_id)
    if isinstance(event, Progress):
        change = change.values(page=event.page, step=event.step, stage=event.stage)
    else:
        # Raising a raised hand again does not put its owner at the end of the queue.
        since = func.coalesce(MEMBERS.c.hand_raised, now) if event.raised else None
        change = change.values(hand_raised=since)
    connection.execute(change)


def _withdraw(connection: Connection, place: Place, event: Withdrawal) -> None:
    """Delete a drawing's pixels and label; its identity stays, so that it cannot come back."""
    change = update(EVENTS).where(
        EVENTS.c.class_id == place.id,
        EVENTS.c.member_id == place.member_id,
        EVENTS.c.event == event.drawing,
        EVENTS.c.kind.in_(encoding.DRAWN),
    )
    gone = Columns(encoding.WITHDRAWAL, place=0, value=None, body="")
    connection.execute(change.values(**gone._asdict()))

"""The views of a class: what its board and its members' pages show.

Each view takes one or two queries that an index answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, Select, and_, func, select

from nncore.digits.collection import CLASSES as DIGITS
from ui.class_store import encoding, rows
from ui.class_store.errors import NotAllowed
from ui.class_store.limits import LIFETIME, MOST_ROWS
from ui.class_store.rows import Place
from ui.class_store.sketch import SketchRow
from ui.class_store.tables import EVENTS, MEMBERS, READERS
from ui.class_store.values import (
    HANDED_OUT,
    Card,
    ClassView,
    DrawingRow,
    MemberRow,
    MemberView,
    QuestionView,
    RunRow,
    Tally,
)


def view_class(connection: Connection, classroom: Row[Any]) -> ClassView:
    """Return a class as everybody in it sees it."""
    reader = connection.execute(
        select(READERS.c.class_id).where(READERS.c.class_id == classroom.id)
    ).first()
    question = QuestionView(
        classroom.question, classroom.round, classroom.is_shown, classroom.outcome
    )
    return ClassView(
        code=classroom.code,
        name=classroom.name,
        page=classroom.page,
        task=classroom.task,
        version=classroom.version,
        is_locked=classroom.is_locked,
        members=rows.count_members(connection, classroom.id),
        question=question if classroom.question else None,
        ends=classroom.last_event + LIFETIME,
        has_reader=reader is not None,
    )


def view_member(connection: Connection, place: Place) -> MemberView:
    """Return a class as a member sees it, with nothing of other members."""
    assert place.member is not None
    own = _events(place, encoding.ANSWER, encoding.RUN, *encoding.DRAWN)
    own = own.where(EVENTS.c.member_id == place.member_id).order_by(EVENTS.c.number)
    found = connection.execute(own).all()
    answers = {(e.subject, e.place): e.value for e in found if e.kind == encoding.ANSWER}
    return MemberView(
        classroom=view_class(connection, place.classroom),
        name=place.member.name,
        hand_raised=place.member.hand_raised is not None,
        answers=answers,
        runs=sum(e.kind == encoding.RUN for e in found),
        drawings=tuple(e.event for e in found if e.kind in encoding.DRAWN),
        sketches={e.event: encoding.decode_sketch(e) for e in found if e.kind == encoding.SKETCH},
    )


def _events(place: Place, *kinds: str) -> Select[Any]:
    return select(EVENTS).where(EVENTS.c.class_id == place.id, EVENTS.c.kind.in_(kinds))


def tally(connection: Connection, place: Place, question: str, number: int) -> Tally:
    """Count the answers to one vote; a member who asks before they are shown sees only how many."""
    vote = and_(
        EVENTS.c.class_id == place.id,
        EVENTS.c.kind == encoding.ANSWER,
        EVENTS.c.subject == question,
        EVENTS.c.place == number,
    )
    last = select(func.max(EVENTS.c.number)).where(vote).group_by(EVENTS.c.member_id)
    query = select(EVENTS.c.value, func.count()).group_by(EVENTS.c.value)
    query = query.where(EVENTS.c.class_id == place.id, EVENTS.c.number.in_(last))
    counts = {float(value): int(count) for value, count in connection.execute(query)}
    members = rows.count_members(connection, place.id)
    may_see = place.member is None or _is_shown(place.classroom, question, number)
    return Tally(question, number, sum(counts.values()), members, counts if may_see else {})


def _is_shown(classroom: Row[Any], question: str, number: int) -> bool:
    """Return True if the teacher shows a vote: the present one, or an earlier one beside it."""
    return bool(classroom.question == question and classroom.is_shown and number <= classroom.round)


def list_members(connection: Connection, place: Place, now: float) -> list[MemberRow]:
    """Return the members in the order in which they joined."""
    counted = select(EVENTS.c.member_id, func.count()).where(
        EVENTS.c.class_id == place.id, EVENTS.c.kind == encoding.RUN
    )
    pairs = connection.execute(counted.group_by(EVENTS.c.member_id))
    runs: dict[int, int] = {int(member): int(count) for member, count in pairs}
    query = select(MEMBERS).where(MEMBERS.c.class_id == place.id).order_by(MEMBERS.c.id)
    return [
        MemberRow(
            name=row.name,
            page=row.page,
            step=row.step,
            stage=row.stage,
            idle=max(0.0, now - row.active),
            hand_raised_for=None if row.hand_raised is None else max(0.0, now - row.hand_raised),
            has_left=row.has_left,
            runs=runs.get(row.id, 0),
        )
        for row in connection.execute(query)
    ]


def list_runs(connection: Connection, place: Place, after: int, hidden: bool) -> list[RunRow]:
    """Return the runs of a class, the oldest first."""
    return [
        RunRow(row.number, row.member, row.at, encoding.decode_run(row), row.is_hidden)
        for row in _read_board(connection, place, encoding.RUN, after, hidden)
    ]


def list_drawings(
    connection: Connection, place: Place, after: int, hidden: bool
) -> list[DrawingRow]:
    """Return the shared drawings of a class, the oldest first."""
    return [
        DrawingRow(row.number, row.member, row.at, encoding.decode_drawing(row), row.is_hidden)
        for row in _read_board(connection, place, encoding.DRAWING, after, hidden)
    ]


def list_sketches(
    connection: Connection, place: Place, after: int, hidden: bool
) -> list[SketchRow]:
    """Return the shared drawings of handed-out classes, the oldest first."""
    return [
        SketchRow(row.number, row.member, row.at, encoding.decode_sketch(row), row.is_hidden)
        for row in _read_board(connection, place, encoding.SKETCH, after, hidden)
    ]


def list_offered_sketches(connection: Connection, place: Place) -> list[SketchRow]:
    """Return the drawings that the teacher offers to all, without the members' generated names.

    Raises:
        NotAllowed: If the teacher has not offered the drawings of the classes handed out last.
    """
    cards = [card for card in list_cards(connection, place, 0) if card.kind in HANDED_OUT]
    if not cards or cards[-1].kind != "drawings":
        raise NotAllowed("Your teacher has not offered the drawings of the class.")
    rows = list_sketches(connection, place, 0, hidden=False)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(r.member for r in rows), 1)}
    return [replace(row, member=f"Person {numbers[row.member]}") for row in rows]


def _read_board(
    connection: Connection, place: Place, kind: str, after: int, hidden: bool
) -> Iterator[Row[Any]]:
    """Yield the newest events of a kind with their members' names, the oldest of them first."""
    query = select(EVENTS, MEMBERS.c.name.label("member"))
    query = query.join(MEMBERS, MEMBERS.c.id == EVENTS.c.member_id)
    query = query.where(EVENTS.c.class_id == place.id, EVENTS.c.kind == kind)
    query = query.where(EVENTS.c.number > after)
    if not hidden:
        query = query.where(EVENTS.c.is_hidden.is_(False))
    query = query.order_by(EVENTS.c.number.desc()).limit(MOST_ROWS)
    yield from reversed(connection.execute(query).all())


def count_readings(connection: Connection, place: Place) -> NDArray[np.int64]:
    """Return how the shared drawings are read.

    Returns:
        (10, 11) counts: a row for each label, a column for each reading; the last column counts
        the drawings that the network refused to read.
    """
    query = select(EVENTS.c.place, EVENTS.c.value, func.count()).where(
        EVENTS.c.class_id == place.id,
        EVENTS.c.kind == encoding.DRAWING,
        EVENTS.c.is_hidden.is_(False),
    )
    counts = np.zeros((DIGITS, DIGITS + 1), np.int64)
    for label, reading, count in connection.execute(query.group_by(EVENTS.c.place, EVENTS.c.value)):
        counts[label, DIGITS if reading is None else int(reading)] = count
    return counts


def list_cards(connection: Connection, place: Place, after: int) -> list[Card]:
    """Return what the teacher has sent, the oldest first."""
    query = _events(place, encoding.CARD).where(EVENTS.c.number > after)
    found = connection.execute(query.order_by(EVENTS.c.number))
    return [encoding.decode_card(row) for row in found]


def read_reader(connection: Connection, place: Place) -> bytes | None:
    """Return the class's reader; None if there is none."""
    query = select(READERS.c.data).where(READERS.c.class_id == place.id)
    return connection.execute(query).scalar()

"""What boards and pages ask for is found through indexes, and a poll is one query."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from nncore.digits.collection import Digit
from nncore.experiment import Experiment
from ui.class_store import codes
from ui.class_store.store import ClassStore
from ui.class_store.values import (
    Answer,
    Card,
    Drawing,
    MemberKey,
    RunResult,
    TeacherKey,
    new_event,
)

DIGIT = Digit.from_image(np.eye(28, dtype=np.uint8), 3)
View = Callable[[ClassStore, TeacherKey, MemberKey], object]

VIEWS: dict[str, View] = {
    "poll of a teacher": lambda store, teacher, _: store.version(teacher),
    "poll of a member": lambda store, _, member: store.version(member),
    "class": lambda store, teacher, _: store.view_class(teacher),
    "member": lambda store, _, member: store.view_member(member),
    "tally": lambda store, teacher, _: store.tally(teacher, "why"),
    "members": lambda store, teacher, _: store.list_members(teacher),
    "runs": lambda store, teacher, _: store.list_runs(teacher, 5),
    "drawings": lambda store, teacher, _: store.list_drawings(teacher, 5),
    "readings": lambda store, teacher, _: store.count_readings(teacher),
    "cards": lambda store, _, member: store.receive(member, 5),
    "reader": lambda store, _, member: store.read_reader(member),
}


@contextmanager
def watch() -> Iterator[list[tuple[str, Any]]]:
    """Collect the queries that are sent to any database."""
    seen: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, text: str, values: Any, *_: object) -> None:
        if text.startswith("SELECT"):
            seen.append((text, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def lesson(sqlite_url: str) -> Iterator[tuple[ClassStore, TeacherKey, MemberKey]]:
    """Hold a class in which something of each kind has happened."""
    store = ClassStore(sqlite_url)
    teacher = store.create_class("mnist")
    member = store.join(teacher.code, codes.make_token(), "192.0.2.1")
    store.open_question(teacher, "why")
    store.answer(member, Answer("why", 1))
    store.record_run(member, RunResult(Experiment(), "mnist", 0.9, 1.0, 3))
    store.share_drawing(member, Drawing(DIGIT, 8), new_event())
    store.send(teacher, Card("Open this", "/mnist"))
    yield store, teacher, member
    store.close()


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_reads_through_a_whole_table(
    lesson: tuple[ClassStore, TeacherKey, MemberKey], view: str
) -> None:
    with watch() as seen:
        VIEWS[view](*lesson)
    store = lesson[0]
    with store._database.reading() as connection:
        for text, values in seen:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
            scans = [row.detail for row in plan if re.match(r"SCAN lab_class", row.detail)]
            assert scans == []


@pytest.mark.parametrize("view", ["poll of a teacher", "poll of a member"])
def test_a_poll_is_one_query(lesson: tuple[ClassStore, TeacherKey, MemberKey], view: str) -> None:
    with watch() as seen:
        VIEWS[view](*lesson)
    assert len(seen) == 1


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_asks_once_a_member(
    lesson: tuple[ClassStore, TeacherKey, MemberKey], view: str
) -> None:
    store, teacher, _ = lesson
    for _ in range(10):
        store.join(teacher.code, codes.make_token(), "192.0.2.1")
    with watch() as seen:
        VIEWS[view](*lesson)
    assert len(seen) <= 5

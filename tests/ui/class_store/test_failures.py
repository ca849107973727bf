"""A database that is locked, full, lost or killed: one error, soon, and all is well afterwards."""

import json
import multiprocessing
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.context import SpawnContext
from pathlib import Path
from types import ModuleType

import pytest

from tests.ui.class_store import postgresql
from tests.ui.class_store.conftest import Clock
from ui.class_store import codes
from ui.class_store.database import Breaker, Database, read_url
from ui.class_store.errors import ClassError, StoreUnavailable
from ui.class_store.outbox import Outbox
from ui.class_store.store import ClassStore
from ui.class_store.values import Hand, MemberKey, Progress, TeacherKey

#: Seconds in which a call that fails must have failed: a second for a lock, and slow machines.
SOON = 5.0
PATIENCE = 30.0
ADDRESS = "192.0.2.1"


def await_that(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> SpawnContext:
    """Return a way to start processes that do not run this one's main file first.

    After an AppTest in this process, that file is the page which the AppTest ran.
    """
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    return multiprocessing.get_context("spawn")


class Lesson:
    """A class with one member in a store of its own.

    Args:
        url: The address of the database.
    """

    def __init__(self, url: str) -> None:
        self.store = ClassStore(url)
        self.teacher = self.store.create_class("mnist")
        self.member = self.store.join(self.teacher.code, codes.make_token(), ADDRESS)
        self.outbox = Outbox(self.store, retry=0.05)

    def close(self) -> None:
        self.outbox.close()
        self.store.close()

    def step(self) -> int:
        """Return the step of the member that the board shows."""
        return self.store.list_members(self.teacher)[0].step


@pytest.fixture
def lesson(sqlite_url: str) -> Iterator[Lesson]:
    lesson = Lesson(sqlite_url)
    yield lesson
    lesson.close()


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


def test_a_locked_database_fails_soon_and_what_was_to_be_sent_arrives_later(
    lesson: Lesson, path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    start = time.monotonic()
    with pytest.raises(StoreUnavailable):
        lesson.store.record(lesson.member, Hand())
    assert not lesson.outbox.send(lesson.member, Progress("mnist", 4))
    assert time.monotonic() - start < SOON
    assert lesson.outbox.waiting(lesson.member) == 1
    other.execute("ROLLBACK")
    other.close()
    await_that(lambda: lesson.outbox.waiting(lesson.member) == 0)
    assert lesson.step() == 4


def test_a_board_is_read_while_somebody_else_writes(lesson: Lesson, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert lesson.step() == 0
    other.execute("ROLLBACK")
    other.close()


def test_a_full_disk_is_one_error_and_loses_nothing(lesson: Lesson) -> None:
    with pytest.raises(StoreUnavailable):
        fill(lesson)
    assert lesson.step() == 0  # the board can be read meanwhile
    await_that(lambda: can_create(lesson.store))
    assert lesson.store.read_reader(lesson.member) in (None, bytes(10_000))


def fill(lesson: Lesson) -> None:
    """Offer readers to the class until its file has no more pages."""
    with lesson.store._database.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    lesson.store.offer_reader(lesson.teacher, bytes(10_000))
    lesson.store.offer_reader(lesson.teacher, bytes(100_000))


def test_a_database_that_was_deleted_begins_anew(lesson: Lesson, path: Path) -> None:
    lesson.store.close()
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    with pytest.raises(ClassError):
        lesson.store.version(lesson.teacher)
    assert lesson.store.create_class("mnist")


def test_a_database_that_is_deleted_under_a_running_lab_begins_anew(
    lesson: Lesson, path: Path
) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    await_that(lambda: can_create(lesson.store))
    assert path.exists()


def can_create(store: ClassStore) -> bool:
    try:
        return bool(store.create_class("mnist"))
    except StoreUnavailable:
        return False


def test_a_file_that_is_no_database_is_one_error(path: Path, sqlite_url: str) -> None:
    path.write_bytes(b"This is not a database. " * 1000)
    with pytest.raises(StoreUnavailable):
        ClassStore(sqlite_url).create_class("mnist")


def test_a_folder_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        ClassStore(f"sqlite:///{tmp_path}/file/classes.sqlite").create_class("mnist")


def test_a_server_that_nobody_runs_is_one_error_soon(tmp_path: Path) -> None:
    store = ClassStore(f"postgresql://lab@/lab?host={tmp_path}")
    start = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.create_class("mnist")
    assert time.monotonic() - start < SOON


def test_an_error_says_nothing_about_the_database(tmp_path: Path) -> None:
    store = ClassStore(f"postgresql://lab:password@/lab?host={tmp_path}")
    with pytest.raises(StoreUnavailable) as caught:
        store.create_class("mnist")
    assert str(caught.value) == (
        "The class cannot be reached at the moment. The lesson goes on without it."
    )


@pytest.mark.parametrize("url", ["mysql://localhost/lab", "classes.sqlite", "", "http://x"])
def test_only_sqlite_and_postgresql_are_databases_of_classes(url: str) -> None:
    with pytest.raises(ClassError, match="NNCORE_DATABASE_URL"):
        read_url(url)


def test_a_database_that_fails_is_left_alone_twice_as_long_each_time(clock: Clock) -> None:
    breaker, pauses = Breaker(clock), []
    for _ in range(7):
        breaker.trip()
        start = clock.now
        while breaker.is_open:
            clock.now += 0.25
        pauses.append(clock.now - start)
    assert pauses == [0.5, 1, 2, 4, 8, 8, 8]
    breaker.reset()
    breaker.trip()
    clock.now += 0.5
    assert not breaker.is_open


def test_a_call_fails_at_once_while_the_database_is_left_alone(
    sqlite_url: str, path: Path, clock: Clock
) -> None:
    path.write_bytes(b"This is not a database. " * 1000)
    database = Database(sqlite_url, clock)
    with pytest.raises(StoreUnavailable), database.reading():
        pass
    path.unlink()
    with pytest.raises(StoreUnavailable), database.reading():
        pass
    clock.now += 1
    with database.reading():
        pass
    database.close()


def test_the_log_names_neither_answers_nor_hashes(
    lesson: Lesson, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StoreUnavailable):
        fill(lesson)
    assert "disk is full" in caplog.text
    assert "memory at" not in caplog.text


def test_a_killed_server_fails_soon_and_what_was_to_be_sent_arrives_later(
    postgresql_server: postgresql.Server,
) -> None:
    lesson = Lesson(postgresql_server.make_database())
    postgresql_server.kill()
    try:
        start = time.monotonic()
        assert not lesson.outbox.send(lesson.member, Progress("mnist", 4))
        with pytest.raises(StoreUnavailable):
            lesson.store.version(lesson.teacher)
        assert time.monotonic() - start < SOON
    finally:
        postgresql_server.restart()
    await_that(lambda: lesson.outbox.waiting(lesson.member) == 0)
    await_that(lambda: can_read(lesson))
    assert lesson.step() == 4
    lesson.close()


def can_read(lesson: Lesson) -> bool:
    try:
        return lesson.step() == 4
    except StoreUnavailable:
        return False


def test_a_row_that_somebody_holds_is_one_error_soon(
    postgresql_server: postgresql.Server,
) -> None:
    url = postgresql_server.make_database()
    lesson, other = Lesson(url), Database(url)
    with other.writing() as connection:
        connection.exec_driver_sql("SELECT * FROM lab_class_v1_classes FOR UPDATE").all()
        start = time.monotonic()
        with pytest.raises(StoreUnavailable):
            lesson.store.record(lesson.member, Hand())
        assert time.monotonic() - start < SOON
    lesson.close()
    other.close()


# Several processes


def write_for_ever(url: str, key: MemberKey, started: str) -> None:
    """Record one progress after another until the process is killed."""
    store = ClassStore(url)
    for step in range(1, 1_000_000):
        store.record_progress(key, Progress("mnist", step % 500))
        Path(started).touch()


def write_some(url: str, key: MemberKey, count: int) -> None:
    store = ClassStore(url)
    for step in range(count):
        store.record_progress(key, Progress("mnist", step))


def test_a_class_stands_after_its_server_is_killed_in_the_middle_of_writing(
    sqlite_url: str, tmp_path: Path, processes: SpawnContext
) -> None:
    lesson, started = Lesson(sqlite_url), tmp_path / "started"
    arguments = (sqlite_url, lesson.member, str(started))
    writer = processes.Process(target=write_for_ever, args=arguments)
    writer.start()
    await_that(started.exists)
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join(PATIENCE)
    lesson.close()
    with sqlite3.connect(tmp_path / "classes.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (version,) = connection.execute("SELECT version FROM lab_class_v1_classes").fetchone()
        (newest,) = connection.execute("SELECT max(number) FROM lab_class_v1_events").fetchone()
    connection.close()
    assert version == newest
    again = ClassStore(sqlite_url)
    again.record_progress(lesson.member, Progress("draw", 5))
    assert again.list_members(lesson.teacher)[0].page == "draw"
    again.close()


def test_two_servers_serve_one_class(url: str, processes: SpawnContext) -> None:
    one, other = ClassStore(url), ClassStore(url)
    teacher = one.create_class("mnist")
    members = [one.join(teacher.code, codes.make_token(), ADDRESS) for _ in range(2)]
    count = 20
    writers = [processes.Process(target=write_some, args=(url, m, count)) for m in members]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(PATIENCE)
    assert [writer.exitcode for writer in writers] == [0, 0]
    numbers = [event["number"] for event in export(other, teacher)]
    joined = 2  # members who join take a number too
    assert numbers == list(range(joined + 1, joined + 2 * count + 1))
    one.close()
    other.close()


def export(store: ClassStore, teacher: TeacherKey) -> list[dict[str, object]]:
    events: list[dict[str, object]] = json.loads(store.export_json(teacher))["events"]
    return events


def test_many_threads_share_one_store(url: str) -> None:
    store = ClassStore(url)
    teacher = store.create_class("mnist")
    keys = [store.join(teacher.code, codes.make_token(), ADDRESS) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        for progress in (Progress("mnist", 1), Progress("mnist", 2)):
            list(pool.map(store.record_progress, keys, [progress] * 16))
    assert {row.step for row in store.list_members(teacher)} == {2}
    assert store.version(teacher) == 16 * 3
    store.close()


def test_two_servers_make_the_tables_at_the_same_time(url: str) -> None:
    stores = [ClassStore(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(lambda store: store.create_class("mnist"), stores))
    assert len({key.code for key in keys}) == 4
    for store in stores:
        store.close()

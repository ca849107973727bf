"""The end of a class: by the teacher, after a day, and with its tables."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from nncore.experiment import Experiment
from tests.ui.class_store.conftest import Clock
from ui.class_store import codes, limits, tables, teaching
from ui.class_store.database import read_url
from ui.class_store.errors import ClassNotFound, LimitReached, TooManyTries
from ui.class_store.store import ClassStore
from ui.class_store.values import MemberKey, Progress, RunResult, TeacherKey

Join: TypeAlias = Callable[[], MemberKey]
DAY = 24 * 3600


def count_rows(url: str) -> int:
    """Return how many rows all tables of the class store have."""
    engine = create_engine(read_url(url))
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        count = sum(
            connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names
        )
    engine.dispose()
    return count


def fill(store: ClassStore, teacher: TeacherKey, member: MemberKey) -> None:
    store.open_question(teacher, "why")
    store.record_run(member, RunResult(Experiment(), "mnist", 0.9, 1.0, 3))
    store.offer_reader(teacher, b"reader")


def test_ending_a_class_deletes_all_its_rows(
    url: str, store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    fill(store, teacher, join())
    assert count_rows(url) > 4
    store.end(teacher)
    assert count_rows(url) == 0
    with pytest.raises(ClassNotFound):
        store.version(teacher)


def test_ending_a_class_leaves_other_classes_alone(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    other = store.create_class("draw")
    member = store.join(other.code, codes.make_token(), "192.0.2.1")
    fill(store, other, member)
    store.end(teacher)
    assert len(store.list_runs(other)) == 1
    assert store.view_member(member).runs == 1


def test_what_was_deleted_is_no_longer_in_sqlites_files(tmp_path: Path, sqlite_url: str) -> None:
    store = ClassStore(sqlite_url)
    teacher = store.create_class("mnist", name="Violet Wombat class")
    assert b"Violet Wombat class" in read_files(tmp_path)
    store.end(teacher)
    assert b"Violet Wombat class" not in read_files(tmp_path)
    store.close()


def read_files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_only_its_owner_reads_sqlites_file(tmp_path: Path, sqlite_url: str) -> None:
    store = ClassStore(sqlite_url)
    store.create_class("mnist")
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
    store.close()


def test_a_class_is_over_24_hours_after_its_last_event(
    url: str, store: ClassStore, teacher: TeacherKey, join: Join, clock: Clock
) -> None:
    member = join()
    clock.now += DAY - 1
    store.record_progress(member, Progress("mnist", 1))
    clock.now += DAY - 1
    assert store.purge() == 0
    assert store.view_class(teacher).ends == clock.now + 1
    clock.now += 1
    with pytest.raises(ClassNotFound):  # before it is deleted, too
        store.version(member)
    clock.now += 60
    assert store.purge() == 1
    assert count_rows(url) == 0


def test_looking_at_a_class_does_not_keep_it(
    store: ClassStore, teacher: TeacherKey, clock: Clock
) -> None:
    clock.now += DAY - 1
    store.view_class(teacher)
    clock.now += 1
    with pytest.raises(ClassNotFound):
        store.view_class(teacher)


def test_a_lab_has_only_so_many_classes(
    store: ClassStore, teacher: TeacherKey, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "MOST_CLASSES", 2)
    join()
    store.create_class("mnist")
    with pytest.raises(LimitReached):
        store.create_class("mnist")


def test_a_class_that_nobody_joined_gives_way_in_a_full_lab(
    store: ClassStore,
    teacher: TeacherKey,
    join: Join,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(teaching, "MOST_CLASSES", 2)
    join()
    unused = store.create_class("mnist")
    clock.now += limits.UNUSED
    fresh = store.create_class("mnist")
    assert store.version(teacher)
    assert store.view_class(fresh)
    with pytest.raises(ClassNotFound):
        store.view_class(unused)


def test_one_address_makes_only_so_many_classes_a_day(
    url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.class_store.store.CLASSES_OF_ADDRESS", 1)
    store = ClassStore(url, clock)
    store.create_class("mnist", address="192.0.2.1")
    with pytest.raises(TooManyTries):
        store.create_class("mnist", address="192.0.2.1")
    assert store.create_class("mnist", address="192.0.2.2")
    clock.now += DAY
    assert store.create_class("mnist", address="192.0.2.1")
    store.close()


# Versions of the schema


@pytest.fixture
def make_version(url: str) -> Callable[[int, float], None]:
    """Make the tables of another version of the schema, with one class."""

    def make(version: int, last_event: float) -> None:
        name = f"{tables.PREFIX}{version}"
        engine = create_engine(read_url(url))
        with engine.begin() as connection:
            connection.execute(text(f"CREATE TABLE {name}_classes (last_event FLOAT, other TEXT)"))
            connection.execute(text(f"INSERT INTO {name}_classes VALUES ({last_event}, 'x')"))
            connection.execute(text(f"CREATE TABLE {name}_pupils (id INTEGER)"))
        engine.dispose()

    return make


def list_versions(url: str) -> set[str]:
    engine = create_engine(read_url(url))
    found = {name.split("_")[2] for name in inspect(engine).get_table_names()}
    engine.dispose()
    return found


def test_an_older_version_s_tables_are_set_aside_while_it_has_classes(
    url: str, make_version: Callable[[int, float], None], clock: Clock
) -> None:
    make_version(0, clock.now - DAY + 100)
    store = ClassStore(url, clock)
    store.create_class("mnist")
    assert list_versions(url) == {"v0", f"v{tables.VERSION}"}
    clock.now += 100
    store.purge()
    assert list_versions(url) == {f"v{tables.VERSION}"}
    store.close()


def test_a_newer_version_s_tables_are_left_alone(
    url: str, make_version: Callable[[int, float], None], clock: Clock
) -> None:
    make_version(tables.VERSION + 1, clock.now - 2 * DAY)
    store = ClassStore(url, clock)
    store.create_class("mnist")
    assert f"v{tables.VERSION + 1}" in list_versions(url)
    store.close()


#: Of the text that makes the tables and their indexes. If it changes, raise `tables.VERSION` first.
DIGESTS = {1: "57a4fdc6a4bd50bd"}


def test_a_change_of_the_tables_comes_with_a_new_version() -> None:
    elements: list[DDLElement] = []
    for table in tables.METADATA.sorted_tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        elements += [CreateTable(table), *map(CreateIndex, indexes)]
    written = "".join(str(element.compile(dialect=sqlite.dialect())) for element in elements)
    assert hashlib.sha256(written.encode()).hexdigest()[:16] == DIGESTS[tables.VERSION]

"""A class store on each database, with a clock that the test sets."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ui.class_store import postgresql
from ui.class_store import codes
from ui.class_store.store import ClassStore
from ui.class_store.values import MemberKey, TeacherKey


class Clock:
    """Seconds since 1970 that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    server = postgresql.start_server()
    yield server
    server.remove()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'classes.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return sqlite_url
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    return server.make_database()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[ClassStore]:
    store = ClassStore(url, clock)
    yield store
    store.close()


@pytest.fixture
def teacher(store: ClassStore) -> TeacherKey:
    return store.create_class("mnist", "fit.epochs=5")


@pytest.fixture
def join(store: ClassStore, teacher: TeacherKey) -> Callable[[], MemberKey]:
    """Let one more member join the teacher's class."""
    return lambda: store.join(teacher.code, codes.make_token(), "192.0.2.1")

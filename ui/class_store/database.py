"""Connections to the database: SQLite in a file, or PostgreSQL.

No call waits long: a lock, a connection and a statement have a second each, and after a failure the
database is left alone for a moment, in which calls fail at once. Every failure is a
`StoreUnavailable`. The database may vanish and come back: the tables are made again where they are
missing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, SQLAlchemyError

from ui.class_store.errors import ClassError, StoreUnavailable
from ui.class_store.tables import METADATA

LOG = logging.getLogger(__name__)
#: Seconds that a call waits for a lock, a connection of the pool, or PostgreSQL's answer.
PATIENCE = 1.0
#: Seconds for which a database that failed is left alone: at first, and at most.
PAUSE, LONGEST_PAUSE = 0.5, 8.0
#: Connections that a server process holds at most.
CONNECTIONS = 8
#: Held while PostgreSQL's tables are made, so that two servers do not make them at once.
_SCHEMA_LOCK = 0x6E6E636F  # any number that no other program uses
_UNAVAILABLE = "The class cannot be reached at the moment. The lesson goes on without it."


class Database:
    """One database. Its methods may be called from any thread.

    Args:
        url: An address of SQLAlchemy's form, for SQLite or PostgreSQL.
        now: The clock that measures pauses, in seconds.

    Raises:
        ClassError: If the address is not one of SQLite or PostgreSQL.
    """

    def __init__(self, url: str, now: Callable[[], float] = time.monotonic) -> None:
        self._url = read_url(url)
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._is_ready = False
        self._file: tuple[int, int] | None = None
        # A full disk or a lock stops writing only: boards can still be read.
        self._reads, self._writes = Breaker(now), Breaker(now)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that reads one state of the database.

        Raises:
            StoreUnavailable: If the database fails, here or in the body.
        """
        with self._connection(writes=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction: all that its body writes is stored together, or nothing is.

        Raises:
            StoreUnavailable: If the database fails, here or in the body.
        """
        with self._connection(writes=True) as connection:
            yield connection
            connection.commit()

    def scrub(self) -> None:
        """Let SQLite overwrite what was deleted in its log too, as far as no reader needs it."""
        with self._lock:
            engine = self._engine
        if engine is None or engine.dialect.name != "sqlite":
            return
        with suppress(SQLAlchemyError), closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        with self._lock:
            engine, self._engine, self._is_ready = self._engine, None, False
        if engine is not None:
            engine.dispose()

    @contextmanager
    def _connection(self, writes: bool) -> Iterator[Connection]:
        breaker = self._writes if writes else self._reads
        if breaker.is_open:
            raise StoreUnavailable(_UNAVAILABLE)
        try:
            with self._prepared().connect() as connection:
                yield connection.execution_options(writes=writes)
        except ClassError:
            raise
        except DataError as error:  # the database is well, and will not take it later either
            raise ClassError("The class cannot store this.") from error
        except (SQLAlchemyError, OSError) as error:
            LOG.warning("The database of classes failed: %s", error)
            breaker.trip()
            self.close()  # and look for the tables again afterwards
            raise StoreUnavailable(_UNAVAILABLE) from error
        breaker.reset()

    def _prepared(self) -> Engine:
        """Return the engine, with its tables made."""
        if self._engine is not None and self._file != find_file(self._url):
            self.close()  # SQLite would go on writing to a file that was deleted
        with self._lock:
            if self._engine is None:
                self._engine = make_engine(self._url)
                self._file = find_file(self._url)
            if not self._is_ready:
                make_tables(self._engine)
                self._is_ready = True
            return self._engine


class Breaker:
    """Says for how long a database that failed is left alone: each time twice as long.

    Args:
        now: The clock, in seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._pause, self._open_until = PAUSE, float("-inf")

    @property
    def is_open(self) -> bool:
        """True while the database is left alone."""
        return self._now() < self._open_until

    def trip(self) -> None:
        """Leave the database alone for a while."""
        self._open_until = self._now() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def reset(self) -> None:
        """Note that the database answers."""
        self._pause, self._open_until = PAUSE, float("-inf")


def find_file(url: URL) -> tuple[int, int] | None:
    """Return the identity of SQLite's file; None without one."""
    if url.get_backend_name() != "sqlite":
        return None
    try:
        found = os.stat(url.database or "")
    except OSError:
        return None
    return found.st_dev, found.st_ino


def read_url(url: str) -> URL:
    """Return an address with the driver that the lab uses.

    Raises:
        ClassError: If it is not an address of SQLite or PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ClassError("NNCORE_DATABASE_URL is not the address of a database.") from None
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return parsed
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise ClassError(
        f"NNCORE_DATABASE_URL must begin with sqlite:/// or postgresql://. Received: {kind!r:.40}"
    )


def make_engine(url: URL) -> Engine:
    """Return an engine whose calls never wait long."""
    pool: dict[str, Any] = {"pool_size": CONNECTIONS, "max_overflow": 0, "pool_timeout": PATIENCE}
    pool["hide_parameters"] = True  # an error in the log names no answer and no hash
    if url.get_backend_name() == "sqlite":
        return _make_sqlite_engine(url, pool)
    milliseconds = round(1000 * PATIENCE)
    options = f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
    network = {"connect_timeout": 2, "tcp_user_timeout": 2 * milliseconds, "options": options}
    return create_engine(url, pool_pre_ping=True, connect_args=network, **pool)


def _make_sqlite_engine(url: URL, pool: dict[str, Any]) -> Engine:
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # for this user's eyes only
    engine = create_engine(url, connect_args={"timeout": PATIENCE}, **pool)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # `_begin_sqlite` begins transactions instead
    try:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}").close()
    except Exception:
        connection.close()  # the pool does not know it yet
        raise


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes then would fail where another one has written in
    # between: one that is going to write takes its turn at the beginning.
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def make_tables(engine: Engine) -> None:
    """Make the tables that are missing."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
        METADATA.create_all(connection)

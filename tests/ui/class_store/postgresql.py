"""A PostgreSQL of the tests' own: in a temporary folder, reached through a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import psycopg
import pytest

#: Folders in which Debian keeps the server's programs, outside of the search path.
_DEBIAN = "/usr/lib/postgresql"
#: Who may run the server where the tests run as root: PostgreSQL refuses to.
_USERS = ("postgres", "nobody")
_PATIENCE = 60.0


def find_program(name: str) -> str | None:
    """Return the path of one of PostgreSQL's programs; None if it is not installed."""
    folders = sorted(Path(_DEBIAN).glob("*/bin"), reverse=True)
    search = os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders)])
    return shutil.which(name, path=search)


class Server:
    """A running server.

    Args:
        initdb: The program that makes its files.
        postgres: The server's program.
    """

    def __init__(self, initdb: str, postgres: str) -> None:
        self._postgres = postgres
        self._user = _choose_user()
        self.folder = Path(tempfile.mkdtemp(prefix="nncore-pg-"))
        if self._user:
            shutil.chown(self.folder, self._user)
        make = [initdb, "-D", str(self._data), "-U", "lab", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run(make, check=True, user=self._user, cwd="/", stdout=subprocess.DEVNULL)
        self._process = self._launch()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _launch(self) -> subprocess.Popen[bytes]:
        options = ("listen_addresses=", f"unix_socket_directories={self.folder}", "fsync=off")
        command = [self._postgres, "-D", str(self._data)]
        command += [part for option in options for part in ("-c", option)]
        log = (self.folder / "log").open("ab")
        with log:
            process = subprocess.Popen(
                command, user=self._user, cwd="/", stdout=log, stderr=log, start_new_session=True
            )
        self._wait(process)
        return process

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def connect(self) -> psycopg.Connection:
        """Return a connection as the server's owner."""
        return psycopg.connect(
            host=str(self.folder), user="lab", dbname="postgres", autocommit=True
        )

    def make_database(self) -> str:
        """Return the address of a new, empty database."""
        name = f"lab_{uuid.uuid4().hex}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://lab@/{name}?host={self.folder}"

    def kill(self) -> None:
        """Kill the server and all its processes, as a power cut would."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(_PATIENCE)

    def restart(self) -> None:
        """Start a server that was killed."""
        self._process = self._launch()

    def remove(self) -> None:
        """Stop the server and delete its files."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            self._process.wait(_PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)


def _choose_user() -> str | None:
    """Return the user who runs the server; None for the one who runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _USERS if name in known)


def start_server() -> Server:
    """Start a server; without its programs the test is skipped, and so fails where CI is set."""
    initdb, postgres = find_program("initdb"), find_program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("Needs PostgreSQL's initdb and postgres (Debian: apt-get install postgresql).")
    return Server(initdb, postgres)

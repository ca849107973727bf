"""Start a scheduler or workers for a lab on other machines, with the settings the lab itself uses.

    python -m nncore.runtime.node scheduler
    python -m nncore.runtime.node worker

Both need the keys that `python -m nncore.runtime.tls` makes (`NNCORE_TLS_CA`, `_CERT`, `_KEY`), and
workers the scheduler's address (`NNCORE_SCHEDULER`). The process becomes dask's own.
"""

from __future__ import annotations

import argparse
import logging
import os
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from nncore.runtime.cluster import worker_environment
from nncore.runtime.local_cluster import SETTINGS, keep_files_in
from nncore.runtime.machine import Machine, WorkerPlan, worker_count
from nncore.runtime.tls import KeyFiles

LOG = logging.getLogger(__name__)
#: The scheduler's port.
PORT = 8786
#: dask's settings between machines. The first is how long a cut connection goes unnoticed: dask's
#: own 30 s keep a lost worker's runs waiting for as long.
BETWEEN_MACHINES: Mapping[str, str] = {
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "12s",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    "DASK_LOGGING__DISTRIBUTED": "warning",
}


class Command(NamedTuple):
    """A command with what it adds to the environment."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def scheduler_command(keys: KeyFiles, port: int = PORT) -> Command:
    """Return the command of a scheduler that listens on all networks of this machine.

    Args:
        keys: Who may connect.
        port: Where it listens; 0 means any free port.
    """
    arguments = ("scheduler", "--protocol", "tls", "--port", str(port), *_quiet())
    # dask's scheduler unpacks what it passes on, for which it must find `nncore`.
    path = {"PYTHONPATH": worker_environment(1)["PYTHONPATH"]}
    return Command(arguments, {**_environment(keys), **path})


def worker_command(keys: KeyFiles, scheduler: str, plan: WorkerPlan) -> Command:
    """Return the command of a machine's workers.

    Args:
        keys: Who may connect.
        scheduler: The scheduler's address.
        plan: How many workers there are, with how many threads and how much memory.
    """
    numbers = {
        "--nworkers": plan.processes,
        "--nthreads": plan.threads,
        "--memory-limit": plan.hard_limit,
    }
    flags = [text for name, number in numbers.items() for text in (name, str(number))]
    arguments = ("worker", scheduler, *flags, *_quiet())
    return Command(arguments, {**_environment(keys), **worker_environment(plan.threads)})


def _quiet() -> tuple[str, ...]:
    """Return the flags that turn off dask's dashboard and spans, and keep HTTP on loopback."""
    flags = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")
    return (*flags, "--preload", "nncore.runtime.no_spans")


def _environment(keys: KeyFiles) -> dict[str, str]:
    return {**SETTINGS, **BETWEEN_MACHINES, **keys.environment()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Become a scheduler or a machine's workers, as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m nncore.runtime.node", description=__doc__)
    parser.add_argument("kind", choices=("scheduler", "worker"))
    parser.add_argument("--port", type=int, default=PORT, help="where the scheduler listens")
    options = parser.parse_args(arguments)
    try:
        command = _read_command(options.kind, options.port)
    except (ConnectionError, ValueError) as error:
        parser.error(str(error))
    line = [sys.executable, "-m", "dask", *command.arguments]
    files = keep_files_in(private_folder())
    os.execve(sys.executable, line, os.environ | command.environment | files)


def private_folder() -> Path:
    """Return a folder for temporary files that no other account can write.

    It lies where `DASK_TEMPORARY_DIRECTORY` says, else with all temporary files. It is the same one
    at each start, so that dask finds and removes what an earlier process left of its own; where
    something else has that name, it is a new one.
    """
    place = os.environ.get("DASK_TEMPORARY_DIRECTORY") or tempfile.gettempdir()
    folder = Path(place, f"nncore-node-{os.getuid()}")
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if is_ours and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return folder
    LOG.warning("%s can be written by others, so it is not used.", folder)
    return Path(tempfile.mkdtemp(prefix="nncore-", dir=place))


def _read_command(kind: str, port: int) -> Command:
    """Return the command that the environment variables ask for.

    Raises:
        ConnectionError: If the keys or the scheduler's address are missing.
        ValueError: If `NNCORE_WORKERS` is not a number.
    """
    keys = KeyFiles.from_environment()
    if keys is None:
        raise ConnectionError("Set NNCORE_TLS_CA, NNCORE_TLS_CERT and NNCORE_TLS_KEY.")
    if kind == "scheduler":
        return scheduler_command(keys, port)
    address = os.environ.get("NNCORE_SCHEDULER", "")
    if not address.startswith("tls://"):
        raise ConnectionError(f"NNCORE_SCHEDULER must be tls://HOST:PORT. Received: {address!r}")
    return worker_command(keys, address, WorkerPlan.of(Machine.here(), worker_count()))


if __name__ == "__main__":
    main()

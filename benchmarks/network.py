"""A scheduler and workers as other machines start them, on hosts whose network can be cut."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from nncore.runtime import node
from nncore.runtime.machine import WorkerPlan
from nncore.runtime.tls import KeyFiles

#: Seconds that a scheduler may take to listen.
PATIENCE = 120.0


class Host(NamedTuple):
    """A network namespace: a host of its own, as far as the network goes.

    Attributes:
        name: The namespace.
        gateway: The address at which it reaches this machine.
        link: The end of its cable in this machine.
    """

    name: str
    gateway: str
    link: str

    def cut(self) -> None:
        """Pull the cable: nothing arrives any more, and neither end is told."""
        _ip("link", "set", self.link, "down")


def _ip(*arguments: str) -> None:
    program = shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "ip"
    subprocess.run([program, *arguments], check=True, capture_output=True)


def can_make_hosts() -> bool:
    """Return True with the right to make network namespaces (and Debian's iproute2)."""
    name = f"try{os.getpid()}"
    try:
        _ip("netns", "add", name)
        _ip("netns", "delete", name)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@contextmanager
def host(number: int) -> Iterator[Host]:
    """Make a host that a cable connects with this machine.

    Args:
        number: Which one, from 1; it is part of its address.
    """
    name = f"lab{os.getpid()}-{number}"
    link, inner = f"v{os.getpid()}o{number}", f"v{os.getpid()}i{number}"
    # Several programs may do this at once, each in addresses of its own.
    net = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"
    _ip("netns", "add", name)
    try:
        _ip("link", "add", link, "type", "veth", "peer", "name", inner, "netns", name)
        _ip("address", "add", f"{net}.{4 * number + 1}/30", "dev", link)
        _ip("link", "set", link, "up")
        _ip("-n", name, "address", "add", f"{net}.{4 * number + 2}/30", "dev", inner)
        _ip("-n", name, "link", "set", inner, "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield Host(name, f"{net}.{4 * number + 1}", link)
    finally:
        # First: with its namespace alone a cable goes a while later, and keeps its name until then.
        with suppress(subprocess.CalledProcessError):  # never laid
            _ip("link", "delete", link)
        _ip("netns", "delete", name)


@contextmanager
def scheduler(
    keys: KeyFiles, folder: Path, variables: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run a scheduler, and yield its port.

    Args:
        keys: Its keys.
        folder: Where its log goes.
        variables: Its environment variables; None means those of this process.

    Raises:
        TimeoutError: If it does not listen.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    log = folder / "scheduler.log"
    with _running(node.scheduler_command(keys, port), log, variables):
        deadline = time.monotonic() + PATIENCE
        while not _listens(port):
            if time.monotonic() > deadline:
                raise TimeoutError(log.read_text())
            time.sleep(0.05)
        yield port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def worker(
    keys: KeyFiles,
    address: str,
    folder: Path,
    on: Host | None = None,
    variables: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run a worker with two threads.

    Args:
        keys: Its keys.
        address: The scheduler's.
        folder: Where its log goes.
        on: Where it runs; None means this machine.
        variables: Its environment variables; None means those of this process.
    """
    plan = WorkerPlan(processes=1, threads=2, ceiling=0, hard_limit=0)
    before = ("ip", "netns", "exec", on.name) if on else ()
    log = folder / f"worker-{on.name if on else 'here'}-{time.monotonic_ns()}.log"
    with _running(node.worker_command(keys, address, plan), log, variables, before):
        yield


@contextmanager
def _running(
    command: node.Command,
    log: Path,
    variables: Mapping[str, str] | None,
    before: Sequence[str] = (),
) -> Iterator[None]:
    line = [*before, sys.executable, "-m", "dask", *command.arguments]
    environment = dict(os.environ if variables is None else variables) | dict(command.environment)
    with log.open("w") as output:
        process = subprocess.Popen(
            line, env=environment, stdout=output, stderr=output, cwd=log.parent
        )
    try:
        yield
    finally:
        family = [*psutil.Process(process.pid).children(recursive=True), process]
        for one in family:
            one.kill()
        process.wait()

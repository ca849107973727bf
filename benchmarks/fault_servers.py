"""Faults of the lab's web server: the process that visitors talk to."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

import psutil

from benchmarks.common import family
from benchmarks.fault_kinds import Fault
from benchmarks.fault_stage import PATIENCE, Broken, wait_until
from benchmarks.server import LAB, Server, serving
from benchmarks.session import Session

PAGE = "rounding"


def end_server(fault: Fault) -> None:
    """End a server with SIGTERM, or kill it, while a visitor trains: its workers go with it."""
    is_polite = fault.random.random() < 0.7
    fault.note.append("SIGTERM" if is_polite else "SIGKILL")
    with serving(LAB, fault.stage.environment(), PATIENCE) as server:
        is_ready = fault.random.random() < 0.7
        fault.note.append("training" if is_ready else "starting")
        asyncio.run(visit(server, fault.random.randint(1, 3), is_ready=is_ready))
        started = family(server.pid)[1:]
        end(server, signal.SIGTERM if is_polite else signal.SIGKILL)
        left = [line for process in started if (line := line_of(process))]
        if is_polite and left:
            raise Broken(f"processes outlived the server: {left}")
    fault.stage.check_clean()


async def visit(server: Server, least: int, *, is_ready: bool) -> None:
    """Stay on a page until the server has started some processes; with `is_ready` start a run.

    Args:
        server: The server. It starts workers once a page was drawn to its end, so who leaves before
            would wait in vain.
        least: The number of processes to wait for.
        is_ready: True to wait for a worker that is ready, and train.
    """
    async with Session.open(server.url, PAGE) as session:
        await session.sees("Worker ready" if is_ready else "worker", PATIENCE)
        if is_ready:
            await session.click(f"{PAGE}.train")
        await asyncio.to_thread(
            wait_until,
            lambda: len(family(server.pid)) > least,
            "the server has started no worker",
        )


def end(server: Server, number: signal.Signals) -> None:
    """Send a signal to a server, and wait for its end."""
    process = psutil.Process(server.pid)
    process.send_signal(number)
    _, left = psutil.wait_procs([process], PATIENCE)
    if left:
        raise Broken("the server did not end")


def line_of(process: psutil.Process) -> str:
    """Return the command of a process that is alive, and else an empty text."""
    with suppress(psutil.NoSuchProcess):
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            return " ".join(process.cmdline())[:90]
    return ""

"""Start the servers to measure: the lab, and an empty Streamlit app to compare it with."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import psutil

from benchmarks.common import ROOT, family

LAB = ROOT / "streamlit_app.py"
EMPTY = Path(__file__).with_name("empty_app.py")
EMPTY_PAGES = Path(__file__).with_name("empty_pages.py")
STARTING, ENDING = 60.0, 20.0


@dataclass(frozen=True)
class Server:
    """A running server.

    Args:
        url: Its address, without a slash at the end.
        pid: Its process.
        log: The descriptor of the file that it writes its log to.
    """

    url: str
    pid: int
    log: int

    def read_log(self) -> str:
        """Return what it has logged so far; the place at which it writes stays where it is."""
        return os.pread(self.log, os.fstat(self.log).st_size, 0).decode(errors="replace")


@contextmanager
def serving(
    app: Path, environment: Mapping[str, str] | None = None, patience: float = STARTING
) -> Iterator[Server]:
    """Serve an app in a new process with the lab's settings, and end all its processes afterwards.

    Args:
        app: The app's file.
        environment: The process's environment variables; None means those of this process.
        patience: Seconds that the server may take to start.

    Raises:
        RuntimeError: If the server does not answer.
    """
    port = _free_port()
    settings = {"address": "127.0.0.1", "port": port, "headless": "true"}
    flags = [f"--server.{name}={value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(app), *flags]
    with TemporaryFile("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            if not _healthy(url, process, patience):
                log.seek(0)
                raise RuntimeError(f"The server did not start:\n{log.read()}")
            yield Server(url, process.pid, log.fileno())
        finally:
            _end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _healthy(url: str, process: subprocess.Popen[bytes], patience: float) -> bool:
    """Return True as soon as the server answers."""
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return True
        except OSError:
            time.sleep(0.02)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    processes = family(process.pid) if process.poll() is None else []
    process.terminate()
    _, left = psutil.wait_procs(processes, ENDING)
    for survivor in left:
        survivor.kill()
    process.wait()

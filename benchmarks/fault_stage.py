"""The stage of the fault bench: folders, labs in processes of their own, and what must hold.

Every wait is for a condition. `PATIENCE` is so long that no machine is too slow for it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks.common import ROOT

#: Seconds after which a condition counts as never met.
PATIENCE = 400.0
#: Seconds between two looks.
LOOK = 0.02
#: The variable that marks each process of a stage, by which orphans are found.
MARK = "NNCORE_FAULT_STAGE"
#: Bytes of the stage's disk, which is in memory.
DISK = 192 * 2**20
#: A text of the page that is no sentence: a path, a class, a line break, nothing.
_RAW = re.compile(r"(?:[/\\][\w.~-]+){2,}|Error\b|Traceback|<|\n|^$|0x[0-9a-f]{6,}")
_LONGEST = 240


class Broken(Exception):
    """A promise that did not hold; the message says which."""


class Gone(Exception):
    """The host that was asked has ended."""


def wait_until(condition: Callable[[], object], otherwise: str) -> None:
    """Block until a condition holds.

    Raises:
        Broken: If it never does; `otherwise` is the message.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Broken(otherwise)
        time.sleep(LOOK)


def is_sentence(text: str) -> bool:
    """Return True for a text that a learner can read: one or two sentences without a path."""
    return len(text) <= _LONGEST and not _RAW.search(text)


class Host:
    """A lab in a process of its own.

    Args:
        environment: The process's environment variables.
        log: Where it writes its log.
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._log = log.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fault_host"],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )

    def ask(self, do: str, **arguments: object) -> Any:
        """Return the answer to a command.

        Raises:
            Gone: If the process has ended.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError as error:
            raise Gone from error
        if not line:
            raise Gone
        return json.loads(line)

    def wait_until_ready(self) -> None:
        """Block until the lab's sentence says that training can start."""
        wait_until(lambda: self.status()["ready"], "the lab did not become ready")

    def status(self) -> dict[str, Any]:
        """Return what the sidebar says.

        Raises:
            Broken: If that is no sentence.
        """
        status: dict[str, Any] = self.ask("status")
        if not is_sentence(status["sentence"]):
            raise Broken(f"the sidebar says {status['sentence']!r}")
        return status

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the process with a signal, and wait for its end."""
        self.process.send_signal(number)
        self._wait()

    def close(self) -> None:
        """End the lab as a server does."""
        if self.process.poll() is None:
            assert self.process.stdin is not None
            with suppress(OSError):
                self.process.stdin.close()
        self._wait()

    def _wait(self) -> None:
        """Wait for the end of the process, and close the ends of its pipes."""
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self._log):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()

    def find(self, role: str) -> psutil.Process:
        """Return the scheduler, the nanny or the worker that the lab has started."""
        found: list[psutil.Process] = []

        def is_there() -> bool:
            found[:] = _with_role(self.process.pid, role)
            return bool(found)

        wait_until(is_there, f"the {role} did not come back")
        return found[0]


def _with_role(server: int, role: str) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(server).children():
            line = " ".join(child.cmdline())
            if role == "scheduler" and "distributed.Scheduler" in line:
                return [child]
            if "distributed.Nanny" in line:
                return [child] if role == "nanny" else _workers_of(child)
    return []


def _workers_of(nanny: psutil.Process) -> list[psutil.Process]:
    """Return the nanny's worker: the child that multiprocessing has spawned."""
    return [one for one in nanny.children() if "spawn_main" in " ".join(one.cmdline())]


class Stage:
    """Folders, and the labs that use them.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.mark = folder, uuid.uuid4().hex
        self.cache, self.temporary = folder / "cache", folder / "tmp"
        self.temporary.mkdir()
        self.cache.mkdir()
        self.has_disk = self._mount()
        self._clock = folder / "clock"
        self._clock.write_bytes(bytes(8))
        self._shim = _build_shim(folder)
        self.hosts: list[Host] = []
        self._references: dict[str, str] = {}

    def environment(self) -> dict[str, str]:
        """Return the environment variables of a process on this stage."""
        mine = {
            MARK: self.mark,
            "NNCORE_CACHE_DIR": str(self.cache),
            "NNCORE_OFFLINE": "1",
            "TMPDIR": str(self.temporary),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if self._shim is not None:
            mine |= {"LD_PRELOAD": str(self._shim), "FAULT_CLOCK": str(self._clock)}
        return os.environ | mine

    @property
    def can_set_clock(self) -> bool:
        """True if a C compiler has made what lets processes see another time."""
        return self._shim is not None

    def set_clock(self, seconds: int) -> None:
        """Let every process of the stage see a clock that is ahead by so many seconds."""
        with self._clock.open("r+b") as file:  # in place: the processes have mapped it
            file.write(struct.pack("q", seconds))

    def host(self, number: int = 0) -> Host:
        """Return a lab that is ready; the second one uses the same cache folder."""
        self.hosts = [one for one in self.hosts if one.process.poll() is None]
        while len(self.hosts) <= number:
            self.hosts.append(Host(self.environment(), self.folder / "log"))
        found = self.hosts[number]
        found.wait_until_ready()
        return found

    def reference(self, settings: Mapping[str, Any]) -> str:
        """Return the digest of an undisturbed run."""
        key = json.dumps(settings)
        if key not in self._references:
            host = self.host()
            number = host.ask("train", settings=settings)
            self._references[key] = finish(host, number)["digest"]
        return self._references[key]

    def check_clean(self, extra: Iterable[int] = (), *, half: bool = False) -> None:
        """Check that no process and no temporary file is left that belongs to no lab.

        Args:
            extra: Further processes that may live with their children.
            half: True if a lab may have ended in the middle of storing a run: the next lab that
                stores one removes what is left of it.

        Raises:
            Broken: If something stays.
        """
        pids = [*(one.process.pid for one in self.hosts if one.process.poll() is None), *extra]
        left: list[str] = []

        def is_clean() -> bool:
            left[:] = [*_orphans(self.mark, pids), *self._litter(len(pids))]
            left[:] = [one for one in left if not (half and "partial-" in one)]
            return not left

        try:
            wait_until(is_clean, "")
        except Broken:
            raise Broken(f"left behind: {', '.join(left)}") from None

    def _litter(self, labs: int) -> list[str]:
        """Return temporary files that belong to no lab."""
        old = time.time() - 600  # a worker that is killed leaves one until another has compiled
        found = [*self.cache.glob("models/partial-*")]
        found += [file for file in self.cache.glob("xla/*.tmp*") if file.stat().st_mtime < old]
        clusters = [path for path in self.temporary.iterdir() if path.name.startswith("nncore-")]
        found += clusters if len(clusters) > labs else []
        found += [path for path in self.temporary.iterdir() if path not in clusters]
        return [str(path.relative_to(self.folder)) for path in found]

    def close(self) -> None:
        """End all labs and remove all files."""
        for host in self.hosts:
            host.close()
        for process in marked(self.mark):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self.has_disk:
            subprocess.run(["umount", "-l", str(self.cache)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _mount(self) -> bool:
        """Make the cache folder a small disk of its own; return False without the right to."""
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.cache)]
        with suppress(OSError):
            return subprocess.run(command, check=False, capture_output=True).returncode == 0
        return False


def finish(host: Host, number: int) -> dict[str, Any]:
    """Wait for the end of a run, and return it.

    Raises:
        Broken: If it does not end.
    """
    progress: dict[str, Any] = {}

    def is_over() -> bool:
        host.status()
        progress.update(host.ask("look", number=number))
        return bool(progress["is_over"])

    wait_until(is_over, f"run {number} did not end")
    return progress


def marked(mark: str) -> list[psutil.Process]:
    """Return the living processes that carry a mark in their environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.environ().get(MARK) == mark and process.pid != os.getpid():
                found.append(process)
    return found


def _orphans(mark: str, servers: Iterable[int]) -> list[str]:
    """Return the marked processes that are no server and have none among their ancestors."""
    allowed, found = {*servers}, []
    for process in marked(mark):
        with suppress(psutil.NoSuchProcess):
            ancestors = {process.pid, *(one.pid for one in process.parents())}
            if not allowed & ancestors:
                found.append(f"process {process.pid} ({' '.join(process.cmdline())[:60]})")
    return found


def _build_shim(folder: Path) -> Path | None:
    """Compile the library that shifts the clock; return None without a C compiler."""
    library = folder / "clock.so"
    source = Path(__file__).with_name("clock_shim.c")
    command = ["cc", "-shared", "-fPIC", "-O1", "-w", "-o", str(library), str(source), "-ldl"]
    with suppress(OSError):
        if subprocess.run(command, check=False, capture_output=True).returncode == 0:
            return library
    return None


def new_stage() -> Stage:
    """Return a stage in a new folder."""
    return Stage(Path(tempfile.mkdtemp(prefix="nncore-faults-")))

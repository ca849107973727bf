"""The lab's own scheduler and workers: processes on this machine that only this lab can use.

They listen on the loopback address, over TLS with keys made for this one cluster. Their files,
scratch space included, are in a private folder, which goes when they go. They serve no HTTP.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from nncore.runtime.machine import TERMINATE, WorkerPlan
from nncore.runtime.tls import write_keys

HOST = "127.0.0.1"
#: Seconds that the scheduler may take to start.
START_PATIENCE = 30.0
#: dask's settings for all processes, as environment variables: errors only, no HTTP routes, short
#: logs (each entry is kept in memory), and no slice that waits because memory is scarce. Among the
#: low-level logs is that of sent messages: it would hold runs' weights, up to 1 MB an entry. A
#: worker that has hung for a minute or two is replaced: slices have no time limit of their own.
SETTINGS: Mapping[str, str] = {
    "DASK_LOGGING__DISTRIBUTED": "error",
    "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]",
    "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]",
    "DASK_DISTRIBUTED__SCHEDULER__EVENTS_CLEANUP_DELAY": "1m",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "60s",
    "DASK_DISTRIBUTED__ADMIN__LOG_LENGTH": "100",
    "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "0",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__LOG_LENGTH": "60",
    "DASK_DISTRIBUTED__DIAGNOSTICS__COMPUTATIONS__MAX_HISTORY": "5",
    "DASK_DISTRIBUTED__DIAGNOSTICS__ERRED_TASKS__MAX_HISTORY": "5",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": str(TERMINATE),
}


class LocalCluster:
    """A scheduler and workers in processes of their own.

    Args:
        plan: How many workers, with how many threads.
        environment: Variables that the worker processes start with.

    Raises:
        OSError: If the processes cannot be started, or the folder cannot be written.
    """

    def __init__(self, plan: WorkerPlan, environment: Mapping[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nncore-"))  # mkdtemp makes it private
        self._processes: list[subprocess.Popen[bytes]] = []
        self._closing = threading.Lock()
        self._end = weakref.finalize(self, _end, self._processes, self.folder)  # at exit, too
        try:
            self.keys = write_keys(self.folder / "keys")
            keys = self.keys.environment()
            self._variables = os.environ | SETTINGS | keys | keep_files_in(self.folder)
            self._start("distributed.Scheduler", self._scheduler())
            for _ in range(plan.processes):
                self._start("distributed.Nanny", self._worker(plan, environment))
            self.address = self._scheduler_address()
        except BaseException:
            self._end()
            raise

    def is_running(self) -> bool:
        """Return True until one of the processes has ended; a nanny replaces its worker itself."""
        return all(process.poll() is None for process in self._processes)

    def close(self) -> None:
        """End the processes and remove their files; on return they are gone."""
        with self._closing:  # a second caller waits for the first
            self._end()

    @property
    def _scheduler_file(self) -> Path:
        return self.folder / "scheduler.json"

    def _parent_watch(self) -> tuple[list[str], list[list[str]]]:
        """Return dask's `preload` and `preload_argv`: end with this process."""
        preload = [str(Path(__file__).with_name("parent_watch.py"))]
        return preload, [[str(os.getpid()), str(self.folder)]]

    def _scheduler(self) -> dict[str, Any]:
        preload, argv = self._parent_watch()
        return {
            "host": HOST,
            "port": 0,
            "protocol": "tls",
            "dashboard": False,
            "dashboard_address": f"{HOST}:0",
            "allowed_failures": 0,
            "scheduler_file": str(self._scheduler_file),
            "preload": preload,
            "preload_argv": argv,
        }

    def _worker(self, plan: WorkerPlan, environment: Mapping[str, str]) -> dict[str, Any]:
        preload, argv = self._parent_watch()
        return {
            "scheduler_file": str(self._scheduler_file),
            "host": HOST,
            "protocol": "tls",
            "nthreads": plan.threads,
            "memory_limit": plan.hard_limit,
            "dashboard": False,
            "dashboard_address": f"{HOST}:0",
            "death_timeout": START_PATIENCE,
            "env": dict(environment),
            "preload": preload,
            "preload_argv": argv,
            "preload_nanny": preload,
            "preload_nanny_argv": argv,
        }

    def _start(self, kind: str, options: Mapping[str, Any]) -> None:
        spec = json.dumps({"cls": kind, "opts": options})
        command = [sys.executable, "-m", "dask", "spec", "--spec", spec]
        # No pipe: one that nobody reads stops its process as soon as it is full.
        process = subprocess.Popen(
            command, env=self._variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        self._processes.append(process)

    def _scheduler_address(self) -> str:
        """Wait for the scheduler, and return its address."""
        end = time.monotonic() + START_PATIENCE
        while time.monotonic() < end and self._processes[0].poll() is None:
            try:
                return str(json.loads(self._scheduler_file.read_bytes())["address"])
            except (OSError, ValueError):  # not there yet, or half written
                time.sleep(0.02)
        raise OSError("The scheduler of the lab did not start.")


def keep_files_in(folder: Path) -> dict[str, str]:
    """Return the variables that keep all temporary files of a process in a private folder.

    dask imports from its folder for such files, so nobody else may write there.
    """
    return {"TMPDIR": str(folder), "DASK_TEMPORARY_DIRECTORY": str(folder)}


def _end(processes: Sequence[subprocess.Popen[bytes]], folder: Path) -> None:
    """End processes with all their children, and remove their folder."""
    for one in [one for process in processes for one in _family(process)]:
        with suppress(psutil.NoSuchProcess):
            one.kill()  # they hold nothing that a polite end would save, and it takes seconds
    for process in processes:
        process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return a process that still runs and all its children."""
    if process.poll() is not None:
        return []
    try:
        parent = psutil.Process(process.pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []

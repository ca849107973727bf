"""The first steps of each process of the lab's own cluster; dask loads this file (`--preload`).

It ends the process when the server that started it is gone. That is needed when the server was
killed with SIGKILL, which leaves it no chance to end its scheduler and workers.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from typing import Any

import click
import psutil

from nncore.runtime import compile_cache, no_spans

#: Seconds between two looks at the server.
INTERVAL = 1.0
#: The niceness of workers: their threads want every core, and a page's answer is short.
NICENESS = 10


@click.command()  # dask parses the arguments of a preload with click
@click.argument("server", type=int)
@click.argument("folder", default="")
def dask_setup(service: Any, server: int, folder: str) -> None:
    """Prepare a process and start the watch.

    Args:
        service: The scheduler, nanny or worker of this process.
        server: The process number of the server.
        folder: The private folder of the cluster, which is removed when the server is gone.
    """
    from distributed import Worker

    http_server = getattr(service, "http_server", None)
    if http_server is not None:  # dask opens one in any case; the lab needs none
        http_server.stop()
    if hasattr(service, "pre_spawn_env"):  # a nanny would set them in a running worker,
        service.pre_spawn_env |= service.env  # where malloc has already read its own
    no_spans.dask_setup(service)
    if isinstance(service, Worker):
        compile_cache.enable()
        if hasattr(os, "nice"):
            os.nice(NICENESS)
    threading.Thread(target=_watch, args=(server, folder), name="watch", daemon=True).start()


def _watch(server: int, folder: str) -> None:
    """Wait until the server is gone, then end this process."""
    try:
        process = psutil.Process(server)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(INTERVAL)
    except psutil.NoSuchProcess:
        pass
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)

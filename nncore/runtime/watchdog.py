"""What each process of the lab's own cluster does first; `dask` loads this file (its `--preload`).

It ends the process when the server that started it is gone: needed where the server was killed
with SIGKILL, which leaves it no chance to end its scheduler and workers. It lets a worker have its
environment from its first instruction on, and step back behind the pages.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import click
import psutil

from nncore.runtime import compile_cache

INTERVAL = 1.0
#: By how much training steps back: its threads want every core, and a page's answer is short.
NICENESS = 10


@click.command()  # dask parses a preload's arguments with click
@click.argument("server", type=int)
def dask_setup(service: Any, server: int) -> None:
    """Starts the watch.

    Args:
        service: The scheduler, nanny or worker of this process.
        server: The process number of the server.
    """
    from distributed import Worker

    if hasattr(service, "pre_spawn_env"):  # a nanny: it would set them in a running worker,
        service.pre_spawn_env |= service.env  # where malloc has read its own already
    if isinstance(service, Worker):
        compile_cache.enable()
        if hasattr(os, "nice"):
            os.nice(NICENESS)
    threading.Thread(target=_watch, args=(server,), name="watch", daemon=True).start()


def _watch(server: int) -> None:
    try:
        process = psutil.Process(server)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(INTERVAL)
    except psutil.NoSuchProcess:
        pass
    os._exit(0)

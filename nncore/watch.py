"""Ends a scheduler or worker process when the server that started it is gone.

`dask` loads this file into each process of the lab's own cluster (its `--preload`), with the
server's process number as argument. Needed for one case alone: the server killed with SIGKILL,
which leaves it no chance to end them.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import click
import psutil

INTERVAL = 1.0


@click.command()  # dask parses a preload's arguments with click
@click.argument("server", type=int)
def dask_setup(_service: Any, server: int) -> None:
    """Starts the watch.

    Args:
        _service: The scheduler, nanny or worker of this process.
        server: The process number of the server.
    """
    threading.Thread(target=_watch, args=(server,), name="watch", daemon=True).start()


def _watch(server: int) -> None:
    try:
        process = psutil.Process(server)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(INTERVAL)
    except psutil.NoSuchProcess:
        pass
    os._exit(0)

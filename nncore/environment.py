"""The environment variables that say where the lab keeps files and whether it may download.

`NNCORE_CACHE_DIR` names the folder for data and models; `NNCORE_OFFLINE=1` forbids downloads.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs

#: Seconds after which an unfinished folder counts as left by a crash.
_DAY = 24 * 3600


def cache_dir() -> Path:
    """Return the folder for data and models: `NNCORE_CACHE_DIR`, else the user's cache folder.

    It may not exist yet, and it may not be writable.
    """
    named = os.environ.get("NNCORE_CACHE_DIR")
    return Path(named or platformdirs.user_cache_dir("neural-network-lab", False)).expanduser()


def offline() -> bool:
    """Return True if `NNCORE_OFFLINE` forbids downloads."""
    return os.environ.get("NNCORE_OFFLINE", "0") not in ("", "0")


@contextmanager
def partial_folder(folder: Path) -> Iterator[Path]:
    """Make a folder in `folder` for unfinished files, and remove it at the end of the block.

    Unfinished folders that crashes left more than a day ago are removed, too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("partial-*"):
        with suppress(OSError):  # another process may be sweeping too
            if time.time() - left.stat().st_mtime > _DAY:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix="partial-", dir=folder) as name:
        yield Path(name)

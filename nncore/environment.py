"""The environment variables that say where the lab keeps files and whether it may download.

`NNCORE_CACHE_DIR` names the folder for data and models; `NNCORE_OFFLINE=1` forbids downloads.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """Return the folder for data and models: `NNCORE_CACHE_DIR`, else the user's cache folder.

    It may not exist yet, and it may not be writable.
    """
    named = os.environ.get("NNCORE_CACHE_DIR")
    return Path(named or platformdirs.user_cache_dir("neural-network-lab", False)).expanduser()


def offline() -> bool:
    """Return True if `NNCORE_OFFLINE` forbids downloads."""
    return os.environ.get("NNCORE_OFFLINE", "0") not in ("", "0")

"""Images that the lab draws itself, kept in its cache folder: to draw them takes a worker seconds.

A file counts only if its content has the digest that the code names, so one that is damaged, or
of another version of the code, is as good as none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nncore.environment import cache_dir, partial_folder

#: Pixels of an image.
_PIXELS = 784


def load_or_draw(
    name: str, digest: str, draw: Callable[[], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """Return images from the cache folder, or draw them and put them there if that is possible.

    Args:
        name: What is drawn, a part of the file's name.
        digest: 64 hexadecimal digits, the SHA-256 of the pixels. If others are drawn, they are
            returned, but not kept.
        draw: Draws them.

    Returns:
        (n, 784) uint8, read-only.
    """
    path = cache_dir() / "data" / f"{name}-{digest[:16]}.pixels"
    pixels = _read(path)
    if hashlib.sha256(pixels).hexdigest() != digest:
        pixels = draw().tobytes()
        if hashlib.sha256(pixels).hexdigest() == digest:
            _keep(path, pixels)
    return np.frombuffer(pixels, np.uint8).reshape(-1, _PIXELS)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _keep(path: Path, pixels: bytes) -> None:
    """Write a file in one step; a folder that cannot be written costs time only."""
    with suppress(OSError), partial_folder(path.parent) as folder:
        (folder / path.name).write_bytes(pixels)
        os.replace(folder / path.name, path)

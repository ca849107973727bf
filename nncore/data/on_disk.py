"""Keep large arrays in files without a name: the system can let go of their pages at any time.

Each process of a lab has all images of MNIST, 55 MB, and looks at most of them once. A finished run
of the largest networks takes 47 MB, for as long as a browser shows it.
"""

from __future__ import annotations

import mmap
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any
from weakref import ref

import numpy as np
import psutil
from numpy.typing import NDArray

from nncore.cached_once import cached_once

#: Bytes of arrays that are worth a file, and bytes that stay free for everything else.
LARGE, SPARE = 4 * 2**20, 256 * 2**20
#: The most files at once: each takes one of the numbers that a process has for its connections.
MOST_FILES = 128
#: Arrays begin at multiples of so many bytes, as XLA wants them.
ALIGNED = 64
#: File systems on a disk of this machine. Over a network a page may be late or never come, which
#: ends the process; and pages of a tmpfs are memory themselves.
LOCAL = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "overlay"})


def keep_on_disk(arrays: Sequence[NDArray[Any]], folder: Path) -> tuple[NDArray[Any], ...]:
    """Return read-only arrays with the same content that lie in one file without a name.

    Their pages are read from the file when they are needed, and stay until `drop_pages`. The file
    ends with the arrays. The arrays themselves are returned if they are small, if the folder is on
    no local disk, has no room or cannot be written, if there are many such files, and on other
    systems than Linux.

    Args:
        arrays: Arrays of numbers. They become read-only.
        folder: Where the file goes; made if there is none.
    """
    for array in arrays:
        array.setflags(write=False)
    starts = [0, *accumulate(-(-array.nbytes // ALIGNED) * ALIGNED for array in arrays)]
    if sys.platform != "linux" or starts[-1] < LARGE:
        return tuple(arrays)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        has_room = shutil.disk_usage(folder).free >= starts[-1] + SPARE
        if not has_room or not _is_local(folder) or len(_mapped_files().list_files()) >= MOST_FILES:
            return tuple(arrays)
        with tempfile.TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, starts[-1])  # so that there is room to the end
            for start, array in zip(starts, arrays, strict=False):
                file.seek(start)
                file.write(np.ascontiguousarray(array).data)
            file.flush()
            os.fsync(file.fileno())  # else a failing disk might be noticed when the pages are gone
            content = mmap.mmap(file.fileno(), starts[-1], access=mmap.ACCESS_READ)
    except OSError:
        return tuple(arrays)
    _mapped_files().add(content)
    return tuple(
        np.frombuffer(content, array.dtype, array.size, start).reshape(array.shape)
        for start, array in zip(starts, arrays, strict=False)
    )


def drop_pages() -> None:
    """Let go of the pages of all arrays on disk; they come back when they are needed."""
    for file in _mapped_files().list_files():
        file.madvise(mmap.MADV_DONTNEED)


class _MappedFiles:
    """The files that this process maps. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: list[ref[mmap.mmap]] = []

    def add(self, file: mmap.mmap) -> None:
        with self._lock:
            self._files.append(ref(file))

    def list_files(self) -> list[mmap.mmap]:
        """Return those that are still mapped; while they are held, they stay."""
        with self._lock:
            files = [file for one in self._files if (file := one()) is not None]
            self._files = [ref(file) for file in files]
        return files


@cached_once(maxsize=1)
def _mapped_files() -> _MappedFiles:
    return _MappedFiles()


def _is_local(folder: Path) -> bool:
    """Return True for a folder on a disk of this machine, as the innermost mount around it says."""
    place = folder.resolve()
    mounts = [part for part in psutil.disk_partitions(all=True) if _holds(part.mountpoint, place)]
    return bool(mounts) and max(mounts, key=lambda part: len(part.mountpoint)).fstype in LOCAL


def _holds(mount: str, place: Path) -> bool:
    return Path(mount) in (place, *place.parents)

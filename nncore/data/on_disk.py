"""Keep large arrays in files without a name: the system can let go of their pages at any time.

Each process of a lab has all images of MNIST, 55 MB, and looks at most of them once.
"""

from __future__ import annotations

import mmap
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
import psutil
from numpy.typing import NDArray

from nncore.cached_once import cached_once

#: Bytes of an array that is worth a file, and bytes that stay free for everything else.
LARGE, SPARE = 4 * 2**20, 256 * 2**20
#: File systems on a disk of this machine. Over a network a page may be late or never come, which
#: ends the process; and pages of a tmpfs are memory themselves.
LOCAL = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "overlay"})


def keep_on_disk(array: NDArray[Any], folder: Path) -> NDArray[Any]:
    """Return a read-only array with the same content that lies in a file without a name.

    Its pages are read from the file when they are needed, and stay until `drop_pages`. The file
    ends with the array. The array itself is returned if it is small, if the folder is on no local
    disk, has no room or cannot be written, and on other systems than Linux.

    Args:
        array: Any array of numbers. It becomes read-only.
        folder: Where the file goes; made if there is none.
    """
    array.setflags(write=False)
    if sys.platform != "linux" or array.nbytes < LARGE:
        return array
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not _is_local(folder) or shutil.disk_usage(folder).free < array.nbytes + SPARE:
            return array
        with tempfile.TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, array.nbytes)  # so that there is room to the end
            file.write(np.ascontiguousarray(array).data)
            file.flush()
            os.fsync(file.fileno())  # else a failing disk might be noticed when the pages are gone
            content = mmap.mmap(file.fileno(), array.nbytes, access=mmap.ACCESS_READ)
    except OSError:
        return array
    _mapped_files().add(content)
    return np.frombuffer(content, array.dtype).reshape(array.shape)


def drop_pages() -> None:
    """Let go of the pages of all arrays on disk; they come back when they are needed."""
    _mapped_files().drop_pages()


class _MappedFiles:
    """The files that this process maps. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: WeakSet[mmap.mmap] = WeakSet()

    def add(self, file: mmap.mmap) -> None:
        with self._lock:
            self._files.add(file)

    def drop_pages(self) -> None:
        with self._lock:
            files = [*self._files]  # held, so that nothing else can take their place meanwhile
        for file in files:
            file.madvise(mmap.MADV_DONTNEED)


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

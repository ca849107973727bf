"""Hand memory of this process back to the system: freed heap, and pages of files.

TensorFlow is not imported here, but it is what most of this memory belongs to.
"""

from __future__ import annotations

import ctypes
import mmap
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nncore.data.on_disk import drop_pages

#: Bytes of a piece of a library that is worth handing back.
_LARGE = 2**20
_SMAPS = Path("/proc/self/smaps")
#: A mapping in `/proc/self/smaps`: where it is, its rights, its file (device and inode), and the
#: kilobytes of it that are no longer the file's.
_MAPPING = re.compile(
    rb"^(?P<start>[0-9a-f]+)-(?P<end>[0-9a-f]+) (?P<rights>\S+) \S+ (?P<file>\S+ \d+).*\n"
    rb"(?:[A-Z]\w+:.*\n)*?Anonymous: +(?P<written>\d+) kB",
    re.MULTILINE,
)


def hand_memory_back() -> None:
    """Return what was needed for a moment: the heap's free pages, and those of files.

    After TensorFlow's import these are 50 MB of the heap, and 350 MB of its code and constants, of
    which 60 MB are needed again. In the server, 40 MB of libraries; and the images that
    `nncore.data.on_disk` keeps.
    """
    _trim_heap()
    drop_pages()
    if sys.platform == "linux":
        with suppress(OSError):  # a container may hide /proc
            first, again = (set(find_code(_SMAPS.read_bytes())) for _ in range(2))
            library = ctypes.CDLL(None)
            for start, size in first & again:  # not what another thread is just loading
                piece = ctypes.c_void_p(start), ctypes.c_size_t(size)
                library.madvise(*piece, mmap.MADV_DONTNEED)


def _trim_heap() -> None:
    """Return the heap's pages that hold nothing any more."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):  # others have none
            library.malloc_trim(0)


def find_code(smaps: bytes) -> Iterator[tuple[int, int]]:
    """Yield the address and the size of each large piece of a library's code and constants.

    Pieces that were written to are left out; what the loader writes comes behind the code. So the
    pages may go at any time, and those that are needed again are found in the system's cache of
    files. A library stays where it is; other files may be gone, and something else in their place.

    Args:
        smaps: The content of `/proc/self/smaps`.
    """
    constants = (0, 0, b"")
    for found in _MAPPING.finditer(smaps):
        start, end, file = int(found["start"], 16), int(found["end"], 16), found["file"]
        rights = found["rights"] if found["written"] == b"0" else b"written"
        if rights == b"r-xp" and not file.endswith(b" 0"):
            pieces = [constants[:2]] if constants[1:] == (start, file) else []
            pieces.append((start, end))
            yield from ((one, other - one) for one, other in pieces if other - one >= _LARGE)
        constants = (start, end, file) if rights == b"r--p" else (0, 0, b"")

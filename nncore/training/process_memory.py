"""Hand memory of this process back to the system: freed heap, and pages of libraries.

TensorFlow is not imported here, but it is what most of this memory belongs to.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

#: Bytes of a piece of a library that is worth handing back.
_LARGE = 2**20
#: What `madvise` is told, by the number of `mman.h`: these pages are not needed for now.
_DONTNEED = 4


def hand_memory_back() -> None:
    """Return what importing and compiling needed for a moment.

    These are 50 MB of the heap, and 350 MB of TensorFlow's code and constants.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):  # others have none
            library.malloc_trim(0)
        for start, size in find_code(Path("/proc/self/maps").read_text(encoding="utf-8")):
            library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), _DONTNEED)


def find_code(maps: str) -> Iterator[tuple[int, int]]:
    """Yield the address and the size of each large piece of a library's code and constants.

    They are never written: what the loader writes comes behind the code. So their pages may go at
    any time, and those that are needed again are found in the system's cache of files.

    Args:
        maps: The text of `/proc/self/maps`.
    """
    before = (0, 0)
    for line in maps.splitlines():
        addresses, rights, _, _, inode, *_ = line.split()
        start, end = (int(address, 16) for address in addresses.split("-"))
        if rights == "r-xp" and inode != "0":
            constants = [before] if before[1] == start else []
            pieces = [*constants, (start, end)]
            yield from ((one, other - one) for one, other in pieces if other - one >= _LARGE)
        before = (start, end) if rights == "r--p" else (0, 0)

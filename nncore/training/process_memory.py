"""Hand memory of this process back to the system: freed heap, and pages of libraries.

TensorFlow is not imported here, but it is what most of this memory belongs to.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: Bytes of a piece of a library that is worth handing back.
_LARGE = 2**20


def hand_memory_back() -> None:
    """Return what importing and compiling needed for a moment.

    These are 50 MB of the heap, and 350 MB of TensorFlow's code and constants, of which 60 MB are
    needed again.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):  # others have none
            library.malloc_trim(0)
        with suppress(OSError):  # a container may hide /proc
            for start, size in find_code(Path("/proc/self/maps").read_bytes()):
                piece = ctypes.c_void_p(start), ctypes.c_size_t(size)
                library.madvise(*piece, mmap.MADV_DONTNEED)


def find_code(maps: bytes) -> Iterator[tuple[int, int]]:
    """Yield the address and the size of each large piece of a library's code and constants.

    They are never written: what the loader writes comes behind the code. So their pages may go at
    any time, and those that are needed again are found in the system's cache of files.

    Args:
        maps: The content of `/proc/self/maps`.
    """
    constants = (0, 0, b"")
    for line in maps.split(b"\n")[:-1]:
        addresses, rights, _, device, inode, *_ = line.split()
        start, end = (int(address, 16) for address in addresses.split(b"-"))
        file = device + inode
        if rights == b"r-xp" and inode != b"0":
            pieces = [constants[:2]] if constants[1:] == (start, file) else []
            pieces.append((start, end))
            yield from ((one, other - one) for one, other in pieces if other - one >= _LARGE)
        constants = (start, end, file) if rights == b"r--p" else (0, 0, b"")

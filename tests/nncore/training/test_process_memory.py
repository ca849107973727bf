"""Memory that a process hands back to the system, as the system counts it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from nncore.training import process_memory


def megabytes_of_code() -> float:
    """Return what this process holds of large pieces of code, as the system counts it."""
    pieces = re.findall(
        r"^(\w+)-(\w+) r-xp \S+ \S+ [1-9].*\n(?:\w+: .*\n)*?Rss: +(\d+) kB",
        Path("/proc/self/smaps").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    large = [int(rss) for start, end, rss in pieces if int(end, 16) - int(start, 16) >= 2**20]
    return sum(large) / 1000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which pages are code")
def test_code_is_handed_back_and_runs_again() -> None:
    """TensorFlow's import alone runs through 200 MB of code; one operation needs little of that."""
    kernel = np.ones((4, 4), np.float32)
    expected = keras.ops.matmul(kernel, kernel)
    process_memory.hand_memory_back()
    assert megabytes_of_code() < 60
    np.testing.assert_array_equal(keras.ops.matmul(kernel, kernel), expected)


def test_only_large_pieces_of_files_code_and_constants_are_handed_back() -> None:
    smaps = write_smaps(
        b"200000-400000 r--p 00000000 fe:00 77 /usr/lib/large.so",
        b"400000-600000 r-xp 00001000 fe:00 77 /usr/lib/large.so",
        b"600000-800000 r--p 00201000 fe:00 77 /usr/lib/large.so",
        b"800000-900000 rw-p 00401000 fe:00 77 /usr/lib/large.so",
        b"a00000-a01000 r-xp 00001000 fe:00 78 /usr/lib/with a space.so",
        b"a01000-b00000 r--p 00000000 00:00 0",
        b"b00000-c00000 r-xp 00000000 00:00 0",
        b"d00000-f00000 r--p 00300000 fe:00 78 /usr/lib/its constants are written.so",
        b"f00000-f01000 r-xp 00000000 fe:00 79 /usr/lib/n\xe9xt.so",
        b"1000000-1200000 r--s 00000000 fe:00 80 /var/cache/soon gone",
    )
    assert list(process_memory.find_code(smaps)) == [(0x200000, 0x200000), (0x400000, 0x200000)]


def test_what_was_written_to_is_never_handed_back() -> None:
    constants, code = (
        b"200000-400000 r--p 00000000 fe:00 77 /usr/lib/large.so",
        b"400000-600000 r-xp 00200000 fe:00 77 /usr/lib/large.so",
    )
    find = process_memory.find_code
    assert [*find(write_smaps(constants, written=4) + write_smaps(code))] == [(0x400000, 0x200000)]
    assert [*find(write_smaps(constants) + write_smaps(code, written=4))] == []


def write_smaps(*mappings: bytes, written: int = 0) -> bytes:
    """Return what the system says of mappings, as far as it matters here."""
    sizes = (
        b"\nSize: 2048 kB\nPrivate_Clean: 8 kB\nAnonymous: %d kB\nVmFlags: rd mr mw me\n" % written
    )
    return b"".join(line + sizes for line in mappings)

"""Read the files in a ZIP from anyone, with bounds on their number and on what they unpack to.

The directory of a ZIP may lie about sizes, and a few bytes may unpack to gigabytes. So files are
counted before the directory is read, and unpacked only as far as there is room.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nncore.digits.collection import DigitError
from nncore.digits.decoding import MOST_BYTES

#: The most bytes that the files of a ZIP may unpack to, together.
MOST_UNPACKED = 60 * 2**20
_BEGINNING, _DIRECTORY_ENTRY = b"PK\x03\x04", b"PK\x01\x02"


def is_zip(name: str, data: bytes) -> bool:
    """Return True for a file that begins as a ZIP does, or whose name says that it is one."""
    return data[:4] == _BEGINNING or name.lower().endswith(".zip")


class Archive:
    """The files of a ZIP, without its folders and what macOS adds.

    Args:
        data: The ZIP's bytes; they may be anything.
        most: How many pictures it may hold; some files that are no pictures may come with them.

    Raises:
        DigitError: If it is too large, damaged, or no ZIP; the message is one sentence.
    """

    def __init__(self, data: bytes, most: int) -> None:
        if len(data) > MOST_BYTES:
            raise DigitError(f"A file may have {MOST_BYTES // 2**20} MB.")
        if data.count(_DIRECTORY_ENTRY) > 4 * most:  # its directory is read as a whole
            raise DigitError(f"A ZIP may have {most} pictures.")
        with _say_damaged():
            self._file = zipfile.ZipFile(io.BytesIO(data))
        self._left = MOST_UNPACKED
        self._entries: Mapping[str, zipfile.ZipInfo] = {
            entry.filename: entry
            for entry in self._file.infolist()
            if not entry.is_dir() and "__MACOSX" not in entry.filename
        }

    @property
    def names(self) -> list[str]:
        """The files' names with their folders."""
        return list(self._entries)

    def read(self, name: str, most: int = MOST_UNPACKED) -> bytes:
        """Return the bytes of a file; never more than there is room for, whatever its header says.

        Args:
            name: One of `names`.
            most: The most bytes that it may have.

        Raises:
            DigitError: If it cannot be read, or all files together unpack to too much.
        """
        entry = self._entries[name]
        is_known = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if entry.flag_bits & 1 or not is_known:
            raise DigitError(
                "This ZIP is encrypted, or packed in a way that the lab does not read."
            )
        with _say_damaged(), self._file.open(entry) as file:
            room = min(self._left, most)
            content = file.read(room + 1)
        if len(content) > room:
            raise DigitError(f"The files of a ZIP may unpack to {MOST_UNPACKED // 2**20} MB.")
        self._left -= len(content)
        return content


@contextmanager
def _say_damaged() -> Iterator[None]:
    """Turn what the decoder raises into one sentence."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise DigitError("This ZIP is damaged.") from error

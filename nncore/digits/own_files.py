"""A learner's own drawings as one JSON file, and the same as a value that a browser keeps.

    {"format": "nncore.own-drawings", "version": 1, "classes": ["smiley", "frown"],
     "drawings": [{"class": 0, "pixels": "eJx..."}, ...]}

`pixels` are 784 bytes, row by row, packed by zlib and written in base64. A file may come from
anyone: its size is checked before it is decoded, and each field before it is used. Files and
browsers keep the format: a later version must read this one
(`tests/nncore/digits/test_own_files.py` has files of it).
"""

from __future__ import annotations

import json
from typing import Any

from nncore.digits.collection import DigitError, pack_pixels, unpack_pixels
from nncore.own_drawings import (
    LONGEST_NAME,
    MOST_CLASSES,
    MOST_DRAWINGS,
    Drawing,
    DrawingError,
    OwnDrawings,
)

#: The name and version that a file carries. Files and browsers keep them: never rename it.
FORMAT, VERSION = "nncore.own-drawings", 1
#: The most bytes of a file: a drawing of pure noise takes 1,060 for its pixels, and a character of
#: a name up to 12 where JSON escapes it.
LONGEST = MOST_DRAWINGS * 1200 + MOST_CLASSES * LONGEST_NAME * 12 + 1000
_FIELDS = {"format", "version", "classes", "drawings"}


def to_value(own: OwnDrawings) -> dict[str, Any]:
    """Return the drawings in a form that `json` can write, as a file and a browser hold them."""
    drawings = [{"class": one.label, "pixels": pack_pixels(one.pixels)} for one in own.drawings]
    return {
        "format": FORMAT,
        "version": VERSION,
        "classes": list(own.names),
        "drawings": drawings,
    }


def from_value(value: object) -> OwnDrawings:
    """Read drawings from their `to_value`.

    Raises:
        DrawingError: If the value is anything else; the message is one sentence.
    """
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise DrawingError(f'This is no file of drawings: it has no "format": "{FORMAT}".')
    _check_version(value.get("version"))
    if set(value) != _FIELDS:
        raise DrawingError(
            f"A file of drawings has {', '.join(sorted(_FIELDS))}. "
            f"Received: {', '.join(sorted(map(str, value)))[:80]}"
        )
    return OwnDrawings(_read_names(value["classes"]), _read_drawings(value["drawings"]))


def _check_version(version: object) -> None:
    if type(version) is int and version > VERSION:
        raise DrawingError(
            f"This file is of version {version!r:.20}, and this lab reads up to {VERSION}. "
            "Bring it to a newer lab."
        )
    if type(version) is not int or version != VERSION:
        raise DrawingError(f"This file has no version that the lab knows: {version!r:.20}")


def _read_names(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise DrawingError("The classes of a file must be a list of names.")
    return tuple(listed)


def _read_drawings(listed: object) -> tuple[Drawing, ...]:
    if not isinstance(listed, list):
        raise DrawingError("The drawings of a file must be a list.")
    if len(listed) > MOST_DRAWINGS:
        raise DrawingError(
            f"A file may have {MOST_DRAWINGS} drawings. This one has {len(listed):,}."
        )
    drawings = []
    for number, entry in enumerate(listed, 1):
        try:
            drawings.append(_read_drawing(entry))
        except (DigitError, DrawingError) as error:
            raise DrawingError(f"Drawing {number} of {len(listed)}: {error}") from error
    return tuple(dict.fromkeys(drawings))


def _read_drawing(entry: object) -> Drawing:
    if not isinstance(entry, dict) or set(entry) != {"class", "pixels"}:
        raise DrawingError("it must have a class and pixels.")
    return Drawing(unpack_pixels(entry["pixels"]), entry["class"])


def to_json(own: OwnDrawings) -> str:
    """Write the drawings as a file."""
    return json.dumps(to_value(own), separators=(",", ":"))


def from_json(data: str | bytes) -> OwnDrawings:
    """Read a file that `to_json` wrote, in this version or an earlier one.

    Args:
        data: The file's content; it may be anything.

    Raises:
        DrawingError: If it is anything else; the message is one sentence.
    """
    if len(data) > LONGEST:
        raise DrawingError(
            f"A file of drawings has at most {LONGEST // 1000:,} kB. "
            f"This one has {len(data) // 1000:,} kB."
        )
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DrawingError("This is no file of drawings: it cannot be read as JSON.") from error
    return from_value(value)

"""Own drawings in a file: what is written is read again, and nothing else is."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.digits import own_files
from nncore.digits.own_files import from_json, from_value, to_json, to_value
from nncore.digits.starters import starter
from nncore.experiment import STARTERS
from nncore.own_drawings import MOST_DRAWINGS, Drawing, DrawingError, OwnDrawings

#: Files that version 1 wrote. They must be read for ever: never change or delete one.
VERSION_1 = Path(__file__).parent / "own_files_v1"
#: Each file's classes, drawings of each, and fingerprint.
WRITTEN = {
    "two_classes": (("sun", "moon"), (2, 1), "2-fcf91f97dc6f68004887900b9958fe80"),
    "names": (("Ärger 🙂", "**bold** <b>", "a_b"), (1, 1, 1), "3-31a1435b2e82a552e89e720f04eafaa3"),
    "empty": (("Class 1", "Class 2"), (0, 0), "2-f48ab66cfd5d2f82e2f3a8ddf3eb60cb"),
}


def noise(count: int) -> OwnDrawings:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (count, 784)).astype(np.uint8)
    names = tuple("😀" * 23 + str(number) for number in range(10))
    return OwnDrawings(names, tuple(Drawing(one.tobytes(), 9) for one in images))


def value(**changes: Any) -> dict[str, Any]:
    own = OwnDrawings(("a", "b"), starter("faces").drawings[:2])
    return to_value(own) | changes


def entry(**changes: Any) -> list[dict[str, Any]]:
    pixels = base64.b64encode(zlib.compress(bytes(784))).decode()
    return [{"class": 0, "pixels": pixels} | changes]


@pytest.mark.parametrize("name", STARTERS)
def test_what_is_written_is_read_again(name: str) -> None:
    own = starter(name)
    assert from_json(to_json(own)) == own
    assert from_json(to_json(own).encode()) == own
    assert from_value(json.loads(json.dumps(to_value(own)))) == own


def test_the_largest_file_is_still_read() -> None:
    full = noise(MOST_DRAWINGS)
    assert len(to_json(full)) < own_files.LONGEST
    assert from_json(to_json(full)) == full


@pytest.mark.parametrize("name", WRITTEN)
def test_files_of_version_1_are_read(name: str) -> None:
    names, counts, fingerprint = WRITTEN[name]
    own = from_json((VERSION_1 / f"{name}.json").read_bytes())
    assert (own.names, own.counts, own.fingerprint) == (names, counts, fingerprint)


HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "nothing": (b"", "cannot be read as JSON"),
    "bytes": (b"\xff\xfe\x00", "cannot be read as JSON"),
    "a list": ("[]", "no file of drawings"),
    "a number": ("NaN", "no file of drawings"),
    "too large": (b" " * (own_files.LONGEST + 1), "at most 243 kB. This one has 243 kB"),
    "deep nesting": ("[" * 200_000, "cannot be read as JSON"),
    "deep nesting inside": (
        json.dumps(value(drawings="@")).replace('"@"', "[" * 100_000),
        "cannot be read as JSON",
    ),
    "a long number": ("1" * 100_000, "cannot be read as JSON"),
    "another format": (json.dumps(value(format="other")), 'no "format"'),
    "a later version": (json.dumps(value(version=2)), "of version 2, and this lab reads up to 1"),
    "no version": (json.dumps(value(version=None)), "no version that the lab knows"),
    "a true version": (json.dumps(value(version=True)), "no version that the lab knows"),
    "a version in words": (json.dumps(value(version="1")), "no version that the lab knows"),
    "a field too many": (json.dumps(value(more=1)), "A file of drawings has classes"),
    "classes that are no list": (json.dumps(value(classes={})), "list of names"),
    "a name that is a number": (json.dumps(value(classes=["a", 7])), "list of names"),
    "one class": (json.dumps(value(classes=["a"])), "2 to 10 classes. Received: 1"),
    "eleven classes": (json.dumps(value(classes=[*"abcdefghijk"])), "Received: 11"),
    "the same name twice": (json.dumps(value(classes=["a", "a"])), "same name: a"),
    "a long name": (json.dumps(value(classes=["a", "b" * 25])), "24 characters"),
    "an invisible name": (json.dumps(value(classes=["a", "\u200b"])), "not shown"),
    "drawings that are no list": (json.dumps(value(drawings={})), "must be a list"),
    "too many drawings": (json.dumps(value(drawings=[0] * 201)), "200 drawings. This one has 201"),
    "a drawing that is none": (json.dumps(value(drawings=[7])), "Drawing 1 of 1: it must have"),
    "a class of NaN": (
        json.dumps(value(drawings=entry(**{"class": float("nan")}))),
        "Received: nan",
    ),
    "a class of 1.0": (json.dumps(value(drawings=entry(**{"class": 1.0}))), "Received: 1.0"),
    "a class of true": (json.dumps(value(drawings=entry(**{"class": True}))), "Received: True"),
    "a negative class": (json.dumps(value(drawings=entry(**{"class": -1}))), "Received: -1"),
    "a class that is not there": (
        json.dumps(value(drawings=entry(**{"class": 2}))),
        "class that is not there",
    ),
    "pixels that are a list": (json.dumps(value(drawings=entry(pixels=[0]))), "must be text"),
    "pixels that are not base64": (json.dumps(value(drawings=entry(pixels="??"))), "base64"),
    "too few pixels": (
        json.dumps(value(drawings=entry(pixels=base64.b64encode(zlib.compress(b"1")).decode()))),
        "784 bytes",
    ),
    "pixels that unpack to a gigabyte": (
        json.dumps(
            value(
                drawings=entry(
                    pixels=base64.b64encode(zlib.compress(bytes(2**27), 9)).decode()[: 2**17]
                )
            )
        ),
        "784 bytes",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_one_sentence(name: str) -> None:
    data, sentence = HOSTILE[name]
    with pytest.raises(DrawingError, match=sentence) as caught:
        from_json(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_value_of_the_browser_that_is_no_dictionary_is_refused() -> None:
    for nothing in (None, 3, "text", [1]):
        with pytest.raises(DrawingError):
            from_value(nothing)

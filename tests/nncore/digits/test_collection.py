"""A learner's own digits as a value: what is written is read again, and nothing else is."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.digits import collection
from nncore.digits.collection import Digit, DigitCollection, DigitError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SEVEN = [[(75, 60), (205, 60), (160, 140), (115, 225)]]


def image(seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (28, 28)).astype(np.uint8)


def digit(label: int = 7, seed: int = 0) -> Digit:
    return Digit.from_image(image(seed), label, NOON + timedelta(seconds=seed))


# A collection never changes


def test_a_collection_grows_shrinks_and_stays_what_it_was() -> None:
    one = DigitCollection().add(digit(7, 0))
    two = one.add(digit(4, 1))
    assert [len(digits) for digits in (one, two, two.remove(0))] == [1, 2, 1]
    assert two.remove(0).digits == (digit(4, 1),)
    assert two.relabel(1, 9).labels.tolist() == [7, 9]
    assert two.labels.tolist() == [7, 4]


def test_a_digit_that_is_there_already_is_not_there_twice() -> None:
    assert len(DigitCollection().add(digit(), digit()).add(digit())) == 1


def test_images_are_those_that_were_given_and_cannot_be_written() -> None:
    digits = DigitCollection((digit(1, 3), digit(2, 4)))
    np.testing.assert_array_equal(digits.images, [image(3), image(4)])
    with pytest.raises(ValueError, match="read-only"):
        digits.images[0, 0, 0] = 1
    assert DigitCollection().images.shape == (0, 28, 28)


def test_a_collection_has_an_end() -> None:
    full = DigitCollection(tuple(digit(1, seed) for seed in range(collection.MOST)))
    assert len(full.to_json()) < collection.LONGEST  # noise, which does not pack at all
    assert DigitCollection.from_json(full.to_json()) == full
    with pytest.raises(DigitError, match="at most 500 digits; these would be 501"):
        full.add(digit(1, 1000))
    assert len(full.merge(DigitCollection((digit(1, 1000),)))) == 500


def test_two_windows_collections_make_one() -> None:
    mine = DigitCollection((digit(1, 0), digit(3, 2)))
    other = DigitCollection((digit(1, 0), digit(2, 1)))
    assert mine.merge(other).labels.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("pixels", "label", "complaint"),
    [
        (np.zeros((28, 27), np.uint8), 1, "shape"),
        (np.zeros((28, 28), np.float32), 1, "float32"),
        (np.zeros((28, 28), np.uint8), 10, "0 to 9"),
        (np.zeros((28, 28), np.uint8), True, "0 to 9"),
    ],
)
def test_what_is_no_digit_is_refused(pixels: Any, label: Any, complaint: str) -> None:
    with pytest.raises(DigitError, match=complaint):
        Digit.from_image(pixels, label)


# As JSON


def test_a_file_of_an_earlier_version_is_read() -> None:
    digits = [{"label": 7, "when": NOON.isoformat(), "pixels": packed(image().tobytes())}]
    kept = {"format": "nncore.handwriting", "version": 1, "digits": digits}
    assert DigitCollection.from_json(json.dumps(kept)) == DigitCollection((digit(),))


def test_what_was_written_is_read_again() -> None:
    digits = DigitCollection((digit(7, 0), digit(0, 1)))
    assert DigitCollection.from_json(digits.to_json()) == digits


def entry(**changes: Any) -> dict[str, Any]:
    return {**digit().value, **changes}


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (entry(label="7"), "label"),
        (entry(label=-1), "label"),
        (entry(label=7.0), "label"),
        (entry(when="yesterday"), "date and time"),
        (entry(when=3), "date and time"),
        (entry(when="2026-01-02T12:00:00"), "time zone"),
        (entry(pixels="!!"), "base64"),
        (entry(pixels=base64.b64encode(b"abc").decode()), "zlib"),
        (entry(pixels=packed(b"\0" * 783)), "784"),
        (entry(pixels=packed(b"\0" * 10**7)), "784"),
        (entry(pixels=base64.b64encode(zlib.compress(b"\0" * 784) + b"x").decode()), "784"),
        (entry(pixels=None), "text"),
        (entry(more=1), "fields"),
        ([], "fields"),
    ],
)
def test_a_digit_that_is_none_is_named_with_its_number(broken: object, complaint: str) -> None:
    value = {**DigitCollection((digit(),)).value, "digits": [digit().value, broken]}
    with pytest.raises(DigitError, match=rf"Digit 2 of 2: .*{complaint}"):
        DigitCollection.from_value(value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("null", "not a digit collection"),
        ('{"a": 1}', "not a digit collection"),
        (json.dumps({**DigitCollection().value, "version": 2}), "version 1"),
        (json.dumps({**DigitCollection().value, "more": 2}), "version 1"),
        (json.dumps({**DigitCollection().value, "digits": {}}), "list"),
        (json.dumps({**DigitCollection().value, "digits": [1] * 501}), "at most 500"),
        (" " * (collection.LONGEST + 1), "at most"),
    ],
)
def test_what_is_no_collection_is_refused_in_a_sentence(text: str | bytes, complaint: str) -> None:
    with pytest.raises(DigitError, match=complaint):
        DigitCollection.from_json(text)

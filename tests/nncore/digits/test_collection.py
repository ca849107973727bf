"""A learner's own digits as a value: what is written is read again, and nothing else is."""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nncore.digits import collection
from nncore.digits.collection import (
    Digit,
    Hand,
    HandError,
    label_of,
    likely_range,
    read_picture,
    split,
)
from nncore.digits.preprocess import render_strokes, to_mnist

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SEVEN = [[(75, 60), (205, 60), (160, 140), (115, 225)]]


def image(seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (28, 28)).astype(np.uint8)


def digit(label: int = 7, seed: int = 0) -> Digit:
    return Digit.of(image(seed), label, NOON + timedelta(seconds=seed))


def png(pixels: NDArray[Any], **more: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", **more)
    return file.getvalue()


# A hand never changes


def test_a_hand_grows_shrinks_and_stays_what_it_was() -> None:
    one = Hand().added(digit(7, 0))
    two = one.added(digit(4, 1))
    assert [len(hand) for hand in (one, two, two.without(0))] == [1, 2, 1]
    assert two.without(0).digits == (digit(4, 1),)
    assert two.relabelled(1, 9).labels.tolist() == [7, 9]
    assert two.labels.tolist() == [7, 4]


def test_a_digit_that_is_there_already_is_not_there_twice() -> None:
    assert len(Hand().added(digit(), digit()).added(digit())) == 1


def test_images_are_those_that_were_given_and_cannot_be_written() -> None:
    hand = Hand((digit(1, 3), digit(2, 4)))
    np.testing.assert_array_equal(hand.images, [image(3), image(4)])
    with pytest.raises(ValueError, match="read-only"):
        hand.images[0, 0, 0] = 1
    assert Hand().images.shape == (0, 28, 28)


def test_a_hand_has_an_end() -> None:
    full = Hand(tuple(digit(1, seed) for seed in range(collection.MOST)))
    assert len(full.to_json()) < collection.LONGEST  # noise, which does not pack at all
    assert Hand.from_json(full.to_json()) == full
    with pytest.raises(HandError, match="at most 500 digits; these would be 501"):
        full.added(digit(1, 1000))
    assert len(full.merged(Hand((digit(1, 1000),)))) == 500


def test_two_windows_hands_make_one() -> None:
    mine, other = Hand((digit(1, 0), digit(3, 2))), Hand((digit(1, 0), digit(2, 1)))
    assert mine.merged(other).labels.tolist() == [1, 2, 3]


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
    with pytest.raises(HandError, match=complaint):
        Digit.of(pixels, label)


# As JSON


def test_what_was_written_is_read_again() -> None:
    hand = Hand((digit(7, 0), digit(0, 1)))
    assert Hand.from_json(hand.to_json()) == hand


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
    value = {**Hand((digit(),)).value, "digits": [digit().value, broken]}
    with pytest.raises(HandError, match=rf"Digit 2 of 2: .*{complaint}"):
        Hand.from_value(value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        ("null", "no hand"),
        ('{"a": 1}', "no hand"),
        (json.dumps({**Hand().value, "version": 2}), "version 1"),
        (json.dumps({**Hand().value, "more": 2}), "version 1"),
        (json.dumps({**Hand().value, "digits": {}}), "list"),
        (json.dumps({**Hand().value, "digits": [1] * 501}), "at most 500"),
        (" " * (collection.LONGEST + 1), "at most"),
    ],
)
def test_what_is_no_hand_is_refused_in_a_sentence(text: str | bytes, complaint: str) -> None:
    with pytest.raises(HandError, match=complaint):
        Hand.from_json(text)


# As pictures


def test_pictures_from_the_zip_are_read_as_what_they_were() -> None:
    drawn = to_mnist(render_strokes(SEVEN), invert=False).image
    assert drawn is not None
    with zipfile.ZipFile(io.BytesIO(Hand((Digit.of(drawn, 7),)).to_zip())) as archive:
        (name,) = archive.namelist()
        np.testing.assert_array_equal(read_picture(archive.read(name)), drawn)
    assert label_of(name) == 7


def test_a_picture_of_any_kind_is_read() -> None:
    ink = render_strokes(SEVEN)
    expected = to_mnist(ink, invert=False).image
    assert expected is not None
    paper = 255 - ink
    clear = np.dstack([np.zeros_like(ink)] * 3 + [ink])
    colour = np.dstack([paper] * 3)
    kinds: list[NDArray[Any]] = [
        ink,
        paper,
        clear,
        colour,
        paper.astype(np.uint16) * 257,
        paper < 128,
    ]
    for pixels in kinds:
        found = read_picture(png(pixels))
        assert abs(found.astype(int) - expected).mean() < 8, pixels.dtype
    large = paper.repeat(8, 0).repeat(8, 1)  # 2,240 pixels along each side
    assert abs(read_picture(png(large)).astype(int) - expected).mean() < 8


def header(width: int, height: int) -> bytes:
    """A PNG's first bytes, which promise a picture of this size."""
    sizes = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + sizes + b"\x08\0\0\0\0" + b"\0" * 40


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "no PNG"),
        (b"GIF89a" + b"\0" * 40, "no PNG"),
        (header(100_000, 100_000), "4,000 pixels along each side"),
        (header(0, 10), "4,000 pixels along each side"),
        (header(28, 28), "damaged"),
        (png(np.zeros((28, 28), np.uint8))[:-30], "damaged"),
        (b"\0" * (collection.HEAVIEST + 1), "bytes"),
        (png(np.full((28, 28), 255, np.uint8)), "no ink"),
    ],
)
def test_what_is_no_picture_of_a_digit_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(HandError, match=complaint):
        read_picture(data)


@pytest.mark.parametrize(
    ("name", "label"), [("7-012.png", 7), ("3.png", 3), ("12.png", None), ("scan.png", None)]
)
def test_a_files_name_may_say_the_label(name: str, label: int | None) -> None:
    assert label_of(name) == label


# What few digits say


def test_the_likely_range_is_wilsons() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
    # Medicine 17, 1998, Table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    published = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605)}
    published |= {(0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718)}
    for (right, count), expected in published.items():
        assert likely_range(right, count) == pytest.approx(expected, abs=1e-4)


def test_all_right_does_not_mean_certain() -> None:
    low, high = likely_range(5, 5)
    assert low < 0.6
    assert high == pytest.approx(1.0)
    with pytest.raises(ValueError, match="6 of 5"):
        likely_range(6, 5)


def test_a_quarter_is_held_out_of_each_label_about_as_many() -> None:
    labels = np.array([3] * 8 + [5] * 4 + [6] * 3)
    held = split(labels)
    assert [int(held[labels == label].sum()) for label in (3, 5, 6)] == [2, 1, 0]
    assert (split(labels) == held).all()
    assert split(np.arange(20) % 10).sum() == 5

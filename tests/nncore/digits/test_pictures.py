"""Digits in files from anyone: each picture gives the digit, or one sentence."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest

from nncore.digits import digit_files
from nncore.digits.collection import Digit, DigitCollection, DigitError
from nncore.digits.decoding import decode
from nncore.digits.digit_files import read_file, suggest_label
from nncore.digits.ink import Pixels
from nncore.digits.pictures import read_many, read_picture
from nncore.digits.preprocess import to_mnist
from tests.nncore.digits.conftest import PICTURES, Array, Make, drawn_ink, on_paper, save

ONE = [[[190, 60], [185, 320]]]


def control() -> Pixels:
    image = to_mnist(drawn_ink(), invert=False).image
    assert image is not None
    return image


def likeness(image: Array) -> float:
    return float(np.corrcoef(image.ravel(), control().ravel())[0, 1])


@pytest.mark.parametrize("make", PICTURES.values(), ids=list(PICTURES))
def test_a_picture_gives_the_same_digit(make: Make) -> None:
    assert likeness(read_picture(make(drawn_ink()))) > 0.95


def test_at_least_38_kinds_of_pictures_are_tried() -> None:
    assert len(PICTURES) >= 38


def two_digits() -> Array:
    return np.maximum(drawn_ink(), np.roll(drawn_ink(ONE), 120, axis=1))


@pytest.mark.parametrize(
    ("ink", "sentence"),
    [
        (np.zeros((480, 400)), "There is no digit in this picture"),
        (two_digits(), "There are two digits in this picture"),
    ],
)
def test_a_picture_without_exactly_one_digit_gets_a_sentence(ink: Array, sentence: str) -> None:
    with pytest.raises(DigitError, match=sentence):
        read_picture(save(on_paper(ink)))


def test_digits_on_a_page_are_read_line_by_line() -> None:
    one, five = drawn_ink(ONE)[60:440, 10:390], drawn_ink()[60:440, 10:390]
    page = np.block([[one[:, 100:280], five], [five, one[:, 100:280]]])
    images = read_many(decode(save(on_paper(page))))
    assert [likeness(image) > 0.9 for image in images] == [False, True, True, False]


def test_two_halves_of_an_open_4_are_one_digit() -> None:
    """The left half has two thirds of the stem's height, and almost touches it."""
    ink = np.zeros((64, 64))
    ink[11:39, 18:22] = ink[35:39, 18:32] = 1
    ink[16:58, 33:38] = 1
    assert len(read_many(decode(save(on_paper(ink))))) == 1


@pytest.mark.parametrize(("rows", "columns"), [((4, 34), (20, 40)), ((50, 80), (6, 17))])
def test_a_lower_digit_above_or_beside_another_stays_one_of_its_own(
    rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    ink = np.zeros((100, 64))
    ink[40:86, 20:28] = 1
    ink[slice(*rows), slice(*columns)] = 1
    assert len(read_many(decode(save(on_paper(ink))))) == 2


# The lab's own files


def own_digits() -> DigitCollection:
    return DigitCollection((Digit.from_image(control(), 5), Digit.from_image(control() // 2, 6)))


@pytest.mark.parametrize("name", ["my-digits.zip", "my-digits.json"])
def test_the_labs_own_files_come_back(name: str) -> None:
    own = own_digits()
    data = digit_files.to_zip(own) if name.endswith("zip") else own.to_json().encode()
    found = read_file(name, data)
    assert [digit.label for digit in found] == [5, 6]
    np.testing.assert_array_equal([digit.image for digit in found], own.images)


def test_a_zip_of_pictures_brings_suggestions_only() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("5/scan.png", PICTURES["JPEG"](drawn_ink()))
        archive.writestr("notes.txt", "no picture")
        archive.writestr("__MACOSX/5/scan.png", "no picture")
    (found,) = read_file("digits.zip", file.getvalue())
    assert (found.label, found.suggestion, found.source) == (None, 5, "scan.png")
    assert likeness(found.image) > 0.95


def test_a_picture_of_mnists_size_stays_as_it_is() -> None:
    image = control()
    np.testing.assert_array_equal(read_picture(save(image)), image)


@pytest.mark.parametrize(
    ("name", "label"),
    [("7-012.png", 7), ("3.png", 3), ("12.png", None), ("scan.png", None), ("a/4/x.jpg", 4)],
)
def test_a_files_name_may_suggest_the_label(name: str, label: int | None) -> None:
    assert suggest_label(name) == label


def test_a_long_name_is_shortened() -> None:
    assert digit_files.shorten("folder/" + "n" * 60 + ".png") == "n" * 37 + "…"


def packed(files: dict[str, bytes], **more: Any) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **more) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"PK\x03\x04", "This ZIP is damaged"),
        (packed({"a.txt": b"no picture"}), "no picture of a digit in this ZIP"),
        (
            packed({"bomb.png": b"\0" * (61 * 2**20)}, compression=zipfile.ZIP_DEFLATED),
            "may unpack to 60 MB",
        ),
        (
            packed({"digits.json": b" " * (21 * 2**20)}, compression=zipfile.ZIP_DEFLATED),
            "may unpack to",
        ),
        (packed({"a.png": b"x"}, compression=zipfile.ZIP_LZMA), "packed in a way"),
        (packed({f"{n}.png": b"" for n in range(501)}), "A ZIP may have 500 pictures"),
        (b"PK\x03\x04" + b"PK\x01\x02" * 3000, "A ZIP may have 500 pictures"),
    ],
)
def test_a_zip_that_cannot_be_read_gets_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(DigitError, match=sentence):
        read_file("a.zip", data)

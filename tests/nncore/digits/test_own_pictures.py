"""A ZIP of pictures with a folder for each class, brought to a learner's own drawings."""

from __future__ import annotations

import io
import zipfile

import pytest

from nncore.digits.collection import DigitError
from nncore.digits.own_pictures import NamedDrawing, join_zip, read_zip
from nncore.own_drawings import Drawing, DrawingError, OwnDrawings
from tests.nncore.digits.conftest import drawn_ink, on_paper, save
from tests.nncore.digits.test_pictures import packed

PICTURE = save(on_paper(drawn_ink()))
EMPTY = OwnDrawings(("Class 1", "Class 2"))
ONE = Drawing(bytes([255] * 784), 0)


def test_the_folder_names_the_class() -> None:
    files = {"set/cat/1.png": PICTURE, "dog\\2.png": PICTURE, "__MACOSX/cat/1.png": b"x"}
    assert [one.name for one in read_zip("a.zip", packed(files))] == ["cat", "dog"]


def test_without_folders_the_zip_is_one_class() -> None:
    (found,) = read_zip("Class 1-samples.zip", packed({"0.png": PICTURE, "metadata.json": b"{}"}))
    assert found.name == "Class 1"
    assert found.image.shape == (28, 28)


def test_a_long_name_of_a_folder_is_shortened() -> None:
    (found,) = read_zip("a.zip", packed({"n" * 99 + "/0.png": PICTURE}))
    assert found.name == "n" * 24


def test_drawings_of_a_zip_join_classes_of_the_same_name() -> None:
    (found,) = read_zip("a.zip", packed({"sun/0.png": PICTURE}))
    own = OwnDrawings(("moon", "sun"), (ONE,))
    assert join_zip(own, [found]).counts == (1, 1)
    assert join_zip(own, [NamedDrawing("star", found.image)]).names == ("moon", "sun", "star")


def test_classes_without_a_drawing_give_way_but_there_are_always_two() -> None:
    (found,) = read_zip("a.zip", packed({"sun/0.png": PICTURE}))
    assert join_zip(EMPTY, [found]).names == ("sun", "Class 1")
    two = [found, NamedDrawing("moon", found.image)]
    assert join_zip(EMPTY, two).names == ("sun", "moon")


def test_a_zip_with_too_many_classes_is_refused_as_a_whole() -> None:
    (found,) = read_zip("a.zip", packed({"sun/0.png": PICTURE}))
    many = [NamedDrawing(str(number), found.image) for number in range(11)]
    with pytest.raises(DrawingError, match="2 to 10 classes"):
        join_zip(EMPTY, many)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This ZIP is damaged"),
        (b"PK\x03\x04", "This ZIP is damaged"),
        (packed({"a/0.png": PICTURE})[:-40], "This ZIP is damaged"),
        (packed({"a.txt": b"no picture"}), "no picture of a drawing in this ZIP"),
        (packed({f"a/{n}.png": b"" for n in range(201)}), "A ZIP may have 200 pictures"),
        (b"PK\x03\x04" + b"PK\x01\x02" * 900, "A ZIP may have 200 pictures"),
        (b"PK\x03\x04" + bytes(21 * 2**20), "A file may have 20 MB"),
        (
            packed({"a/0.png": bytes(61 * 2**20)}, compression=zipfile.ZIP_DEFLATED),
            "may unpack to 60 MB",
        ),
        (packed({"a/0.png": b"x"}, compression=zipfile.ZIP_BZIP2), "packed in a way"),
        (packed({"a\u202eb/0.png": PICTURE}), "characters that are not shown"),
        (packed({"  /0.png": PICTURE}), "A class needs a name"),
    ],
)
def test_a_zip_that_cannot_be_read_gets_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises((DigitError, DrawingError), match=sentence):
        read_zip("a.zip", data)


def test_a_file_whose_bytes_were_changed_gets_a_sentence() -> None:
    data = bytearray(packed({"a/0.png": PICTURE}))
    data[len(data) // 2] ^= 255
    with pytest.raises(DigitError, match="This ZIP is damaged"):
        read_zip("a.zip", bytes(data))


def test_an_encrypted_zip_gets_a_sentence() -> None:
    file = io.BytesIO(packed({"a/0.png": b"x"}))
    data = bytearray(file.getvalue())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DigitError, match="encrypted"):
        read_zip("a.zip", bytes(data))

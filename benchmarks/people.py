"""Digits by many people, kind by kind: pens on tablets, paint programs, scans, and photos.

They are read from the folder `people` next to MNIST's file, and become 28 x 28 pixels as on the
page: pen strokes are replayed on its canvas, pictures take the path of an upload. Half of the
writers (of the sources, of the photos) are the part "tune", on which settings are chosen; the
others are the part "report".
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import FULL_DATA
from nncore.digits.collection import DigitError
from nncore.digits.pictures import read_one, read_picture
from nncore.digits.preprocess import to_mnist
from nncore.digits.strokes import fit_strokes, render_strokes

#: The page's canvas, a drawing's longer side, and its pen, in pixels.
SIDE, EXTENT, PEN = 280, 200, 20
PEOPLE = FULL_DATA / "people"
#: The name of each kind of pen drawings, by the name of its file.
PENS = {
    "pendigits_tra": "pen, pendigits",
    "ujipenchars2_digits": "pen, UJI",
    "ipad_bridger": "pen, iPad",
}
#: The name of each kind of picture, by its `kind` in the file of pictures.
PICTURES = {
    "screen drawing": "paint programs",
    "touch/stylus": "touch or stylus",
    "paper-scan/crop": "scans",
}
PHOTOS = "photos, as uploaded"


@dataclass(frozen=True)
class Kind:
    """Digits of one kind as the network's input.

    Args:
        images: (n, 28, 28) uint8, prepared as on the page; zeros where nothing was found.
        labels: (n,) their labels.
        is_tune: (n,) True for the part "tune", False for "report".
        errors: The lab's sentence for each picture in which it found no single digit, by row.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    is_tune: NDArray[np.bool_]
    errors: dict[int, str]


def join(kinds: list[Kind]) -> Kind:
    """Return the digits of several kinds as one; none of them may have errors."""
    return Kind(
        np.concatenate([kind.images for kind in kinds]),
        np.concatenate([kind.labels for kind in kinds]),
        np.concatenate([kind.is_tune for kind in kinds]),
        {},
    )


def load_kinds(every: int = 1) -> dict[str, Kind]:
    """Return every kind by name.

    Args:
        every: Take one digit of so many.

    Raises:
        SystemExit: If the data are not there.
    """
    if not PEOPLE.is_dir():
        raise SystemExit(f"This group needs {PEOPLE}, which is not there.")
    pens = {name: _load_pen(file, every) for file, name in PENS.items()}
    return {**pens, **_load_pictures(every), PHOTOS: _load_photos(every)}


def load_other_signs(every: int = 1) -> NDArray[np.uint8]:
    """Return signs that are not digits, drawn on a tablet, (n, 28, 28)."""
    return np.stack([see(e["strokes"]) for e in read_strokes("ipad_bridger_nondigits")[::every]])


def read_strokes(name: str) -> list[dict[str, Any]]:
    """Return the drawings of a file of strokes, each with its label and writer."""
    with gzip.open(PEOPLE / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        found: list[dict[str, Any]] = json.load(file)
        return found


def see(strokes: list[list[list[float]]]) -> NDArray[np.uint8]:
    """Return strokes, drawn with the page's pen, as a network gets them: (28, 28)."""
    return prepare(on_canvas(strokes))


def on_canvas(strokes: list[list[list[float]]]) -> NDArray[np.uint8]:
    """Draw strokes as the page's canvas shows them: (280, 280) ink."""
    return render_strokes([s.tolist() for s in fit_strokes(strokes, SIDE, EXTENT)], SIDE, PEN)


def prepare(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return ink as a network gets it: (28, 28); zeros for a blank drawing."""
    image = to_mnist(ink, invert=False).image
    return np.zeros((28, 28), np.uint8) if image is None else image


def is_tune(name: object) -> bool:
    """Return True if a writer, a source or a photo is in the part "tune"."""
    return zlib.crc32(str(name).encode()) % 2 == 0


def _load_pen(file: str, every: int) -> Kind:
    entries = read_strokes(file)[::every]
    return Kind(
        np.stack([see(entry["strokes"]) for entry in entries]),
        np.array([int(entry["label"]) for entry in entries]),
        np.array([is_tune(entry["writer"]) for entry in entries]),
        {},
    )


def _load_pictures(every: int) -> dict[str, Kind]:
    with np.load(PEOPLE / "drawn.npz") as arrays:
        names, sources = arrays["kind"].astype(str), arrays["source"]
        images, labels = arrays["images"], arrays["labels"].astype(np.int64)
    kinds = {}
    for kind, name in PICTURES.items():
        rows = np.flatnonzero(names == kind)[::every]
        tune = np.array([is_tune(source) for source in sources[rows]])
        kinds[name] = _read_all(read_one, images[rows], labels[rows], tune)
    return kinds


def _load_photos(every: int) -> Kind:
    with (PEOPLE / "photos" / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::every]
    files = [PEOPLE / "photos" / row["file"] for row in rows]
    labels = np.array([int(row["label"]) for row in rows])
    tune = np.array([is_tune(row["file"]) for row in rows])
    return _read_all(_read_file, files, labels, tune)


def _read_file(path: Path) -> NDArray[np.uint8]:
    return read_picture(path.read_bytes())


def _read_all(
    reads: Callable[[Any], NDArray[np.uint8]],
    pictures: Iterable[Any],
    labels: NDArray[np.int64],
    tune: NDArray[np.bool_],
) -> Kind:
    """Read pictures as an upload does; where that finds no single digit, keep its sentence."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    errors = {}
    for row, picture in enumerate(pictures):
        try:
            images[row] = reads(picture)
        except DigitError as error:
            errors[row] = str(error)
    return Kind(images, labels, tune, errors)

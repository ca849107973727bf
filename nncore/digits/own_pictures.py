"""Drawings of any classes in pictures: of one, of several, a filled sheet, or a ZIP of pictures.

`nncore.digits.digit_files` reads digits with the same parts. Here a picture shows one drawing
unless the learner says otherwise: a face has more than one piece of ink.
"""

from __future__ import annotations

from typing import NamedTuple

from nncore.digits.archives import Archive
from nncore.digits.decoding import decode
from nncore.digits.ink import Pixels
from nncore.digits.paper import find_paper_ink
from nncore.digits.pictures import is_field, read_many
from nncore.digits.preprocess import to_mnist
from nncore.digits.sheet import read_sheet
from nncore.own_drawings import (
    LEAST_CLASSES,
    LONGEST_NAME,
    MOST_DRAWINGS,
    Drawing,
    DrawingError,
    OwnDrawings,
    clean_name,
)


class FoundDrawing(NamedTuple):
    """A drawing in a picture.

    Attributes:
        image: (28, 28) uint8, 0 for paper.
        row: The row of a sheet that it was drawn in, from 0; None elsewhere.
    """

    image: Pixels
    row: int | None = None


def read_drawings(data: bytes, *, may_have_several: bool = False) -> list[FoundDrawing]:
    """Read the drawings in a picture file.

    Args:
        data: The file's bytes; they may be anything.
        may_have_several: True to cut the picture into several drawings.

    Raises:
        nncore.digits.collection.DigitError: If it cannot be decoded; the message is one sentence.
        nncore.own_drawings.DrawingError: If it shows nothing, likewise.
    """
    pixels = decode(data)
    cells = None if is_field(pixels) else read_sheet(pixels)
    if cells is not None:
        if not cells:
            raise DrawingError("The boxes of this sheet are empty.")
        return [FoundDrawing(cell.image, cell.label) for cell in cells]
    if may_have_several or is_field(pixels):
        images = read_many(pixels)
    else:
        whole = to_mnist(find_paper_ink(pixels), invert=False).image
        images = [] if whole is None else [whole]
    if not images:
        raise DrawingError("There is no drawing in this picture.")
    return [FoundDrawing(image) for image in images]


class NamedDrawing(NamedTuple):
    """A drawing in a ZIP of pictures.

    Attributes:
        name: The class's name: that of the picture's folder.
        image: (28, 28) uint8, 0 for paper.
    """

    name: str
    image: Pixels


def read_zip(file_name: str, data: bytes) -> list[NamedDrawing]:
    """Read the pictures in a ZIP with a folder for each class, as Teachable Machine exports them.

    Pictures outside any folder belong to a class with the ZIP's own name: there the samples of one
    class are a ZIP each. Files that show no drawing are left out.

    Args:
        file_name: The ZIP's name.
        data: Its bytes; they may be anything.

    Raises:
        nncore.digits.collection.DigitError: If it cannot be read; the message is one sentence.
        nncore.own_drawings.DrawingError: If it has too many files or no drawing, or the name of a
            folder cannot be used; likewise.
    """
    archive = Archive(data, MOST_DRAWINGS)
    if len(archive.names) > MOST_DRAWINGS:
        raise DrawingError(
            f"A ZIP may have {MOST_DRAWINGS} pictures. This one has {len(archive.names):,}."
        )
    found = []
    for name in archive.names:
        content = archive.read(name)
        try:
            (drawing,) = read_drawings(content)
        except ValueError:  # no picture, no drawing, or several
            continue
        found.append(NamedDrawing(_name_class(name, file_name), drawing.image))
    if not found:
        raise DrawingError("There is no picture of a drawing in this ZIP.")
    return found


def _name_class(name: str, file_name: str) -> str:
    """Return the class of a picture in a ZIP, shortened to what a class's name may have."""
    *folders, _ = name.replace("\\", "/").split("/")
    whole = file_name.rsplit(".", 1)[0].removesuffix("-samples")
    return clean_name((folders[-1] if folders else whole).strip()[:LONGEST_NAME])


def join_zip(own: OwnDrawings, found: list[NamedDrawing]) -> OwnDrawings:
    """Return the drawings with those of a ZIP; classes of the same name become one.

    Args:
        own: The learner's classes and drawings; without a drawing, their classes give way.
        found: The drawings in the ZIP.

    Raises:
        nncore.own_drawings.DrawingError: If there is no room for so many.
    """
    new = dict.fromkeys(one.name for one in found)
    names = [*dict.fromkeys((*(own.names if len(own) else ()), *new))]
    names += [name for name in own.names if name not in names][: max(0, LEAST_CLASSES - len(names))]
    labels = {name: label for label, name in enumerate(names)}
    drawings = (Drawing.from_image(one.image, labels[one.name]) for one in found)
    return own.with_classes(names).add(*drawings)

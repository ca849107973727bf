"""Drawings of any classes in pictures: a photo or a scan of one, of several, or of a filled sheet.

`nncore.digits.digit_files` reads digits with the same parts. Here a picture shows one drawing
unless the learner says otherwise: a face has more than one piece of ink.
"""

from __future__ import annotations

from typing import NamedTuple

from nncore.digits.decoding import decode
from nncore.digits.ink import Pixels
from nncore.digits.paper import find_paper_ink
from nncore.digits.pictures import is_field, read_many
from nncore.digits.preprocess import to_mnist
from nncore.digits.sheet import read_sheet
from nncore.own_drawings import DrawingError


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

"""A sheet of a hundred digits: printed, filled in, photographed askew, and read again."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from nncore.digits import sheet, skeletons, synthetic
from nncore.digits.placement import shift_images
from nncore.digits.preprocess import to_mnist
from nncore.digits.sheet import COLUMNS, ROWS, read_sheet

#: Pixels for each millimetre of the rendered page, and its margins around the frame.
SCALE, LEFT, TOP = 8, 12.0, 33.0
PAGE = (210, 297)


def ink_of(label: int, column: int) -> Image.Image:
    """Return a digit in one of its writing styles at the page's resolution."""
    random = np.random.default_rng(100 * label + column)
    style = column % len(skeletons.SKELETONS[label])
    image = Image.fromarray(synthetic.draw_digit(label, style, random).reshape(28, 28))
    side = int(12.5 * SCALE)
    return image.resize((side, side), Image.Resampling.BICUBIC)


def image_of(label: int, column: int) -> NDArray[np.uint8]:
    """Return the digit as a network gets it from the page itself, (28, 28)."""
    image = to_mnist(np.asarray(ink_of(label, column)), invert=False).image
    assert image is not None
    return image


def render(empty: tuple[tuple[int, int], ...] = ()) -> Image.Image:
    """Return the filled sheet as a page, without those boxes."""
    page = Image.new("L", (PAGE[0] * SCALE, PAGE[1] * SCALE), 245)
    pen = ImageDraw.Draw(page)
    for left, top, width, height, is_filled in sheet.layout():
        x, y = (LEFT + left) * SCALE, (TOP + top) * SCALE
        box = (x, y, x + width * SCALE, y + height * SCALE)
        pen.rectangle(box, fill=20 if is_filled else None, outline=None if is_filled else 190)
    for row in range(ROWS):
        for column in range(COLUMNS):
            if (row, column) not in empty:
                ink = ink_of(row, column)
                left, top = sheet.FIRST[0] + column * 16.6 + 1.1, sheet.FIRST[1] + row * 22 + 3
                place = (round((LEFT + left) * SCALE), round((TOP + top) * SCALE))
                page.paste(35, (*place, place[0] + ink.width, place[1] + ink.height), ink)
    return page


def photograph(page: Image.Image, corners: Any, turns: int = 0) -> NDArray[np.uint8]:
    """Return a photo of a page: its corners are moved, the light falls from one side, with noise.

    Args:
        page: The page.
        corners: Where its corners are in the photo of 1500 x 1800, clockwise from the top left.
        turns: Quarter turns.
    """
    width, height = page.size
    there = np.array(corners, float)
    back = sheet._solve(there, np.array([(0, 0), (width, 0), (width, height), (0, height)], float))
    photo = Image.new("L", (1500, 1800), 90)  # the desk
    warped = page.transform(
        photo.size,
        Image.Transform.PERSPECTIVE,
        tuple(back.ravel()[:8]),
        Image.Resampling.BICUBIC,
        fillcolor=90,
    )
    pixels = np.asarray(warped.filter(ImageFilter.GaussianBlur(1)), float)
    light = np.linspace(1, 0.65, 1500) * np.linspace(0.95, 1.05, 1800)[:, np.newaxis]
    noise = np.random.default_rng(0).normal(0, 5, pixels.shape)
    lit: NDArray[np.uint8] = np.clip(pixels * light + noise, 0, 255).astype(np.uint8)
    return np.rot90(lit, turns).copy()


ASKEW = ((120, 90), (1390, 150), (1440, 1730), (60, 1660))


def is_right(cell: sheet.Cell, label: int, column: int) -> bool:
    """Return True for the right label and image; a photo may move a digit by a pixel."""
    expected = image_of(label, column).ravel()
    moved = [shift_images(cell.image, *shift) for shift in product((-1, 0, 1), repeat=2)]
    likeness = max(np.corrcoef(image.ravel(), expected)[0, 1] for image in moved)
    return cell.label == label and likeness > 0.85


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_98_of_100_boxes_are_read_from_a_photo(turns: int) -> None:
    cells = read_sheet(photograph(render(), ASKEW, turns))
    assert cells is not None
    assert len(cells) == ROWS * COLUMNS
    right = [is_right(cell, *divmod(place, COLUMNS)) for place, cell in enumerate(cells)]
    assert sum(right) >= 98


def test_empty_boxes_are_left_out() -> None:
    empty = ((0, 0), (3, 5), (9, 9))
    cells = read_sheet(photograph(render(empty), ASKEW))
    assert cells is not None
    assert len(cells) == 97
    assert [sum(cell.label == row for cell in cells) for row in (0, 3, 9)] == [9, 9, 9]


def test_a_picture_of_something_else_is_no_sheet() -> None:
    assert read_sheet(np.full((300, 200), 240, np.uint8)) is None
    noise = np.random.default_rng(0).integers(0, 255, (300, 200), np.uint8)
    assert read_sheet(noise) is None


@pytest.mark.parametrize(("paper", "size"), [("A4", "595.28 841.89"), ("Letter", "612.00 792.00")])
def test_the_pdf_has_the_papers_size_and_all_boxes(paper: sheet.Paper, size: str) -> None:
    pdf = sheet.to_pdf(paper, "Write (here)")
    assert f"/MediaBox [0 0 {size}]".encode() in pdf
    assert len(re.findall(rb" re S", pdf)) == ROWS * COLUMNS
    assert len(re.findall(rb" re f", pdf)) == 5
    assert rb"(Write \(here\)) Tj" in pdf
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    assert pdf[start:].startswith(b"xref")


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_everything_is_on_the_paper(paper: sheet.Paper) -> None:
    pdf = sheet.to_pdf(paper, "")
    places = re.findall(rb"([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+) re", pdf)
    width, height = sheet.PAPERS[paper]
    for left, bottom, wide, high in [map(float, place) for place in places]:
        assert left > 5
        assert bottom > 5
        assert left + wide < width - 5
        assert bottom + high < height - 5

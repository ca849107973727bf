"""A sheet to write a hundred digits on: as a PDF to print, and read from a photo.

The sheet has a row of ten boxes for each digit. Four black squares mark the corners of a frame, and
a smaller square beside the first one tells which way is up. All places are in millimetres of that
frame, which is the same on A4 and on Letter: so the paper's size does not matter to a photo.

SciPy is imported when it is first used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nncore.digits.ink import Ink, Pixels
from nncore.digits.paper import find_cell_ink
from nncore.digits.preprocess import to_mnist

Paper: TypeAlias = Literal["A4", "Letter"]
Points: TypeAlias = NDArray[np.float64]

#: Width and height of the papers, and of the frame between the marks' centres, in millimetres.
PAPERS: dict[Paper, tuple[float, float]] = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
FRAME = (186.0, 240.0)
#: The side of a corner mark, and of the mark that tells which way is up, and its place.
MARK, UP, UP_PLACE = 8.0, 5.0, (14.0, 0.0)
#: The first box's corner, the distance from box to box, and a box's size.
FIRST, PITCH, BOX = (15.0, 12.0), (16.6, 22.0), (14.6, 19.0)
ROWS = COLUMNS = 10
#: What the rows of a sheet of digits are for.
DIGITS = tuple("0123456789")
#: How far inside its printed line a box is cut, in millimetres, and pixels for each of them.
_INSET, _SCALE = 1.1, 5.0
#: A solid parallelogram's area is 12 times the root of its covariance's determinant.
_SOLID, _LEEWAY = 12.0, 0.9
#: The most candidates for a corner mark.
_MOST_MARKS = 14


class Rectangle(NamedTuple):
    """Something printed on the sheet, in millimetres of the frame.

    Attributes:
        left: The left edge.
        top: The top edge.
        width: The width.
        height: The height.
        is_filled: True for a black area, False for a thin grey outline.
    """

    left: float
    top: float
    width: float
    height: float
    is_filled: bool


class Cell(NamedTuple):
    """A box of the sheet that was filled in.

    Attributes:
        label: The digit of its row.
        image: (28, 28) uint8, 0 for paper.
    """

    label: int
    image: Pixels


def layout() -> Iterator[Rectangle]:
    """Yield all marks and boxes of the sheet."""
    for x, y, side in (*((x, y, MARK) for x, y in _corners().tolist()), (*UP_PLACE, UP)):
        yield Rectangle(x - side / 2, y - side / 2, side, side, True)
    for row in range(ROWS):
        for column in range(COLUMNS):
            yield Rectangle(*_place(row, column), *BOX, False)


def _corners() -> Points:
    """Return the corner marks' centres, (4, 2): clockwise from the top left."""
    width, height = FRAME
    return np.array([(0, 0), (width, 0), (width, height), (0, height)])


def _place(row: int, column: int) -> tuple[float, float]:
    return FIRST[0] + column * PITCH[0], FIRST[1] + row * PITCH[1]


# To print.


def to_pdf(paper: Paper, title: str, labels: Sequence[str] = DIGITS) -> bytes:
    """Return the sheet as a PDF.

    Args:
        paper: The paper's size.
        title: A line above the boxes, in Latin letters.
        labels: One or two letters in front of each row, from the first row on.
    """
    width, height = PAPERS[paper]
    left, top = (width - FRAME[0]) / 2, (height - FRAME[1]) / 2 + 5
    unit = 72 / 25.4  # points for each millimetre
    lines = [f"{unit:.5f} 0 0 {unit:.5f} 0 0 cm 0 g 0.75 G 0.25 w"]
    for x, y, wide, high, is_filled in layout():
        place = f"{left + x:.2f} {height - top - y - high:.2f} {wide:.2f} {high:.2f} re"
        lines.append(f"{place} {'f' if is_filled else 'S'}")
    texts = [(left, top - 9, 4.2, title)]
    for row, label in enumerate(labels):
        _, y = _place(row, 0)
        texts.append((left + 6, top + y + BOX[1] / 2 + 2, 6.0, label))
    for x, y, size, text in texts:
        safe = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        lines.append(f"BT /F {size} Tf {x:.2f} {height - y:.2f} Td ({safe}) Tj ET")
    return _write_pdf("\n".join(lines).encode("latin-1", "replace"), width * unit, height * unit)


def _write_pdf(content: bytes, width: float, height: float) -> bytes:
    """Return a PDF of one page with this content; its size is in points."""
    page = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.2f} {height:.2f}] "
        "/Resources << /Font << /F 5 0 R >> >> /Contents 4 0 R >>"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page.encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    file, places = b"%PDF-1.4\n", []
    for number, entry in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, entry)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    start = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return file + start + end


# To read.


def read_sheet(pixels: NDArray[np.uint8]) -> list[Cell] | None:
    """Read the filled boxes of a sheet from a photo.

    Args:
        pixels: (height, width) grey or (height, width, 4) RGBA, uint8. The sheet may be askew, on
            its side or upside down.

    Returns:
        The filled boxes in order, labelled by their row; None where the picture shows no sheet.
    """
    grey = np.divide(np.asarray(Image.fromarray(pixels).convert("L")), 255, dtype=np.float32)
    to_photo = _find_frame(grey)
    if to_photo is None:
        return None
    cells = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            ink = find_cell_ink(_cut(grey, to_photo, row, column))
            image = to_mnist(ink, invert=False).image
            if image is not None:
                cells.append(Cell(row, image))
    return cells


def _find_frame(grey: Ink) -> Points | None:
    """Return the (3, 3) map from the frame's millimetres to the photo's pixels, or None."""
    marks = _find_marks(grey)
    best, score = None, 0.0
    for chosen in combinations(range(len(marks)), 4):
        corners = _clockwise(marks[list(chosen)])
        if corners is None:
            continue
        for turn in range(4):
            to_photo = _solve(_corners(), np.roll(corners, turn, axis=0))
            found = _score(grey, to_photo)
            if found > score:
                best, score = to_photo, found
    return best


def _find_marks(grey: Ink) -> Points:
    """Return the centres of dark solid squares, (n, 2) as x and y, the largest first."""
    from scipy import ndimage

    side = max(grey.shape)
    around = ndimage.uniform_filter(grey, max(9, side // 12), mode="nearest")
    labels, count = ndimage.label(grey < 0.7 * around)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    marks = []
    for number, place in enumerate(ndimage.find_objects(labels), 1):
        if not 2e-4 <= areas[number] / grey.size <= 0.01:
            continue
        ys, xs = np.nonzero(labels[place] == number)
        spread = np.sqrt(max(np.linalg.det(np.cov(np.stack([xs, ys]))), 1e-9))
        if abs(areas[number] / spread - _SOLID) <= _LEEWAY:
            centre = (xs.mean() + place[1].start, ys.mean() + place[0].start)
            marks.append((areas[number], *centre))
    marks.sort(reverse=True)
    return np.array([mark[1:] for mark in marks[:_MOST_MARKS]]).reshape(-1, 2)


def _clockwise(points: Points) -> Points | None:
    """Return four points clockwise on the photo; None where they are not a convex shape."""
    offsets = points - points.mean(axis=0)
    ordered = points[np.argsort(np.arctan2(offsets[:, 1], offsets[:, 0]))]
    edges = np.roll(ordered, -1, axis=0) - ordered
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    return ordered if (turns > 0).all() else None


def _solve(source: Points, target: Points) -> Points:
    """Return the (3, 3) perspective map that takes four points to four others."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    try:
        found = np.linalg.solve(np.array(rows), target.ravel())
    except np.linalg.LinAlgError:
        return np.eye(3)
    return np.append(found, 1.0).reshape(3, 3)


def _apply(to_photo: Points, points: Points) -> Points:
    """Return where points of the frame, (n, 2) millimetres, are in the photo, (n, 2) pixels."""
    projected = np.column_stack([points, np.ones(len(points))]) @ to_photo.T
    return projected[:, :2] / projected[:, 2:]


def _sample(grey: Ink, to_photo: Points, points: Points) -> Ink:
    """Return the brightness at points of the frame, (n,); paper outside the photo."""
    from scipy import ndimage

    x, y = _apply(to_photo, points).T
    found: Ink = ndimage.map_coordinates(grey, [y, x], order=1, mode="constant", cval=1.0)
    return found


def _score(grey: Ink, to_photo: Points) -> float:
    """Return how well a map fits: marks dark, paper bright beside them and opposite the small one.

    Returns:
        The contrast between paper and marks, 0 to 1; 0 where the map does not fit.
    """
    corners = _corners()
    dark = _sample(grey, to_photo, np.vstack([corners, [UP_PLACE]]))
    width, height = FRAME
    x, y = UP_PLACE
    opposite = np.array([(width - x, y), (width - x, height - y), (x, height - y)])
    inward = np.sign(np.array(FRAME) / 2 - corners)
    upright = np.array([(0, 14.0), (width, 14.0), (width, height - 14), (0, height - 14)])
    beside = corners + inward * [MARK * 0.9, MARK * 0.9]
    bright = _sample(grey, to_photo, np.vstack([opposite, upright, beside]))
    contrast = float(bright.min() - dark.max())
    return contrast if contrast > 0.1 else 0.0


def _cut(grey: Ink, to_photo: Points, row: int, column: int) -> Ink:
    """Return the inside of a box, straightened."""
    left, top = _place(row, column)
    xs = np.arange(left + _INSET, left + BOX[0] - _INSET, 1 / _SCALE)
    ys = np.arange(top + _INSET, top + BOX[1] - _INSET, 1 / _SCALE)
    across, down = np.meshgrid(xs, ys)
    points = np.column_stack([across.ravel(), down.ravel()])
    return _sample(grey, to_photo, points).reshape(across.shape)

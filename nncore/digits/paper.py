"""Tell ink from paper in a photo: uneven light, shadow, a desk, ruled lines, a drawn frame.

The paper's brightness is estimated at each place from its surroundings, for each colour, and the
ink is the share of light that is missing. Then straight lines that cross the paper, a frame around
the digits, what touches the picture's edge, and specks are removed.

SciPy is imported when it is first used.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nncore.digits.ink import Ink, border

Mask: TypeAlias = NDArray[np.bool_]

#: Photos are reduced to this many pixels along the longer side.
SIDE = 800
#: The paper is at least so bright where the desk is darker, 0 to 1, and covers such a share.
_DARK, _LEAST_PAPER = 0.5, 0.12
#: On a paint program's paper at least this share of the pixels has exactly the same colour, and
#: half of the others have at most such a share of its light.
_FLAT, _DARKENED = 0.3, 0.5
#: Ink misses at least this share of the light, and so many times the paper's variation.
_LEAST_INK, _VARIATIONS = 0.1, 5.0
#: The darkest place of a filled box misses at least this share of the light.
_LEAST_CELL = 0.2
#: A ruled line reaches from edge to edge but for this share of the picture.
_LINE_GAP = 0.03
#: A piece of ink smaller than this share of the largest one's longer side is a speck.
_SPECK = 0.12
#: What touches the picture's edge, has less than this share of the largest piece's ink, and is
#: further from it than this share of the picture, belongs to a neighbour that was cut off.
_NEIGHBOUR, _APART = 0.12, 0.06
#: A frame spans this share of the picture.
_FRAME = 0.5


def find_paper_ink(pixels: NDArray[np.uint8]) -> Ink:
    """Return the ink on the paper of a photo, a scan or a drawing.

    Args:
        pixels: (height, width) grey or (height, width, 4) RGBA, uint8.

    Returns:
        (height, width) float32 of the paper's part of the picture, reduced to at most 800 pixels a
        side: 0 for paper to 1 for ink; all 0 where there is none.
    """
    light = _to_light(_reduce(pixels))
    light = _crop_to_paper(light)
    missing = _find_missing_light(light)
    missing = remove_ruled_lines(missing)
    return keep_pieces(missing)


def find_cell_ink(grey: Ink) -> Ink:
    """Return the ink in one box of a form, (height, width), 0 to 1.

    Args:
        grey: (height, width) float32, 0 to 1: the inside of the box.
    """
    light = np.repeat(grey[..., np.newaxis], 3, axis=2)
    missing = _find_missing_light(light)
    return keep_pieces(missing) if missing.max() >= _LEAST_CELL else missing * 0


def _reduce(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if max(pixels.shape[:2]) <= SIDE:
        return pixels
    image = Image.fromarray(pixels)
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(image)


def _to_light(pixels: NDArray[np.uint8]) -> Ink:
    """Return (height, width, 3) float32, 0 to 1: dark ink on bright paper.

    Transparent margins are cropped. A drawing on nothing gets white paper. Light ink on a dark
    ground is inverted.
    """
    if pixels.ndim == 2:
        pixels = np.dstack([pixels] * 3 + [np.full_like(pixels, 255)])
    scaled = np.divide(pixels, 255, dtype=np.float32)
    colours, alpha = scaled[..., :3], scaled[..., 3]
    is_opaque = alpha >= 0.5
    if not is_opaque.all() and is_opaque.any():
        rows, columns = np.flatnonzero(is_opaque.any(1)), np.flatnonzero(is_opaque.any(0))
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        if is_opaque[box].mean() > 0.9:  # a picture with transparent margins
            colours, alpha = colours[box], np.ones_like(alpha[box])
        else:  # a drawing on nothing
            colours = np.zeros_like(colours)
    light: Ink = 1 - (1 - colours) * alpha[..., np.newaxis]
    return 1 - light if _is_light_on_dark(light) else light


def _is_light_on_dark(light: Ink) -> bool:
    """Return True for light ink on a dark ground, False for paper that may lie on a dark desk."""
    grey = light.mean(axis=2)
    if np.median(border(grey)) >= _DARK or np.median(grey) >= _DARK:
        return False
    return not _find_paper(grey).any()


def _find_paper(grey: Ink) -> Mask:
    """Return the bright sheet in a picture with a dark edge; all False where there is none."""
    from scipy import ndimage

    bright = grey > _split(grey)
    side = min(grey.shape)
    gap, solid = max(3, side // 10), max(3, side // 4)
    closed = ndimage.maximum_filter(bright, gap, mode="constant")
    closed = ndimage.minimum_filter(closed, gap, mode="constant", cval=1)
    opened = ndimage.minimum_filter(closed, solid, mode="constant")
    opened = ndimage.maximum_filter(opened, solid, mode="constant")
    labels, count = ndimage.label(opened)
    if not count:
        return np.zeros_like(bright)
    sizes = np.bincount(labels.ravel())[1:]
    paper = labels == 1 + sizes.argmax()
    return paper if paper.mean() >= _LEAST_PAPER else np.zeros_like(bright)


def _split(grey: Ink) -> float:
    """Return the level that separates the dark from the bright best (Otsu, 1979)."""
    counts, edges = np.histogram(grey, 64, (0, 1))
    levels = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    mass = np.cumsum(counts * levels)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = below * above * (mass / below - (mass[-1] - mass) / above) ** 2
    return float(edges[1 + np.nan_to_num(spread).argmax()])


def _crop_to_paper(light: Ink) -> Ink:
    """Crop to a sheet on a dark desk, and paint the desk that is left in the paper's colour."""
    grey = light.mean(axis=2)
    edge = border(grey)
    split = _split(grey)
    if np.mean(edge < split) < 0.6 or np.median(edge) > 0.6 * np.median(grey[grey >= split]):
        return light
    paper = _find_paper(grey)
    if not paper.any():
        return light
    from scipy import ndimage

    margin = max(2, min(grey.shape) // 50)
    paper = ndimage.minimum_filter(paper, 2 * margin + 1, mode="constant")
    if not paper.any():
        return light
    rows, columns = np.flatnonzero(paper.any(1)), np.flatnonzero(paper.any(0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    colour = np.median(light[paper], axis=0)
    return np.where(paper[..., np.newaxis], light, colour)[box].astype(np.float32)


def _find_missing_light(light: Ink) -> Ink:
    """Return the share of the light that ink takes away, (height, width), 0 to 1."""
    from scipy import ndimage

    flat, floor, variation = _find_flat_paper(light), 0.0, 0.0
    paper = _estimate_paper(light) if flat is None else flat
    shares = np.where(paper > 0.02, 1 - light / np.maximum(paper, 0.02), 0)  # black lacks nothing
    missing = np.asarray(shares.max(axis=2), np.float32)
    if flat is None:
        floor = float(np.median(missing))
        variation = 1.4826 * float(np.median(np.abs(missing - floor)))
    if variation > 0.004:  # a photo's noise
        missing = ndimage.gaussian_filter(missing, 0.8)
    missing = np.clip(missing - floor, 0, 1)
    missing[missing < max(_LEAST_INK / 2, _VARIATIONS * variation / 2)] = 0
    return missing if missing.max() >= max(_LEAST_INK, _VARIATIONS * variation) else missing * 0


def _estimate_paper(light: Ink) -> Ink:
    """Return the paper's brightness at each place: the brightest nearby, smoothed."""
    from scipy import ndimage

    height, width = light.shape[:2]
    step = max(1, max(height, width) // 100)
    rows, columns = -(-height // step), -(-width // step)
    padded = np.pad(light, ((0, rows * step - height), (0, columns * step - width), (0, 0)), "edge")
    blocks = padded.reshape(rows, step, columns, step, 3)
    small = np.percentile(blocks, 80, axis=(1, 3)) if step > 1 else light
    reach = max(3, max(rows, columns) // 5) | 1
    closed = ndimage.maximum_filter(small, (reach, reach, 1), mode="nearest")
    closed = ndimage.minimum_filter(closed, (reach, reach, 1), mode="nearest")
    smooth = ndimage.gaussian_filter(closed, (1.0, 1.0, 0), mode="nearest")
    zoomed = smooth.repeat(step, 0).repeat(step, 1)[:height, :width]
    if step > 1:
        zoomed = ndimage.uniform_filter(zoomed, (step, step, 1), mode="nearest")
    return np.asarray(zoomed, np.float32)


def _find_flat_paper(light: Ink) -> Ink | None:
    """Return the colour of a paint program's paper, whose pixels are all alike; None for any other.

    On such paper a stroke may be as wide as it likes: nothing has to be told from its surroundings.
    Where much is neither as bright as paper nor dark, it may be paper in a shadow.
    """
    pixels = np.rint(255 * light).reshape(-1, 3)
    brightest = pixels[pixels.sum(axis=1).argmax()]
    is_paper = (pixels == brightest).all(axis=1)
    if is_paper.mean() < _FLAT or is_paper.all():
        return None
    if np.median(pixels[~is_paper].mean(axis=1)) >= _DARKENED * brightest.mean():
        return None
    return np.asarray(brightest / 255, np.float32)


def typical_level(ink: Ink) -> float:
    """Return the level that divides the ink in two halves of equal mass; 0 without ink."""
    levels = np.sort(ink[ink > 0])
    if not len(levels):
        return 0.0
    mass = np.cumsum(levels, dtype=np.float64)
    return float(levels[np.searchsorted(mass, mass[-1] / 2)])


def remove_ruled_lines(ink: Ink) -> Ink:
    """Remove thin straight lines from edge to edge, along both axes, and close the gaps in digits.

    Args:
        ink: (height, width), 0 to 1.
    """
    rows = _find_lines(ink > 0)
    columns = _find_lines((ink > 0).T).T
    for lines, axis in ((rows, 0), (columns, 1)):
        if lines.any():
            ink = _erase(ink, lines, axis)
    return ink


def _find_lines(mask: Mask) -> Mask:
    """Return thin horizontal lines from the left edge to the right one."""
    from scipy import ndimage

    height, width = mask.shape
    length = max(5, width // 6)
    wide = ndimage.maximum_filter1d(mask, 3, axis=0)  # a line may be slanted a little
    runs = ndimage.minimum_filter1d(wide, length, axis=1, mode="nearest")
    runs = ndimage.maximum_filter1d(runs, length, axis=1, mode="nearest") & wide
    labels, _ = ndimage.label(runs, np.ones((3, 3)))
    lines, thicker = np.zeros_like(mask), np.zeros_like(mask)
    thickest = max(4, height // 30)
    for number, place in enumerate(ndimage.find_objects(labels), 1):
        gap = place[1].start + width - place[1].stop
        piece = (labels[place] == number) & mask[place]
        thickness = np.median(piece.sum(axis=0))
        if gap <= _LINE_GAP * width and 0 < thickness <= thickest:
            band = piece & _find_band(piece, thickest)
            (lines if thickness <= thickest - 2 else thicker)[place] |= band
    rest = mask & ~ndimage.maximum_filter(lines | thicker, 3)
    # The bar of a 7 that fills the picture may be as thick. It ends where its stem begins.
    return lines if rest[:, [0, -1]].any() else lines | thicker


def _find_band(piece: Mask, thickest: int) -> Mask:
    """Return the band along a thin line, without the strokes of digits that stand on it.

    Args:
        piece: (height, width), a line and perhaps strokes that touch it.
        thickest: The most pixels that the line may be thick.
    """
    from scipy import ndimage

    thickness = piece.sum(axis=0)
    thin = np.flatnonzero((thickness > 0) & (thickness <= thickest))
    rows = np.arange(len(piece))[:, np.newaxis]
    middles = (rows * piece)[:, thin].sum(axis=0) / thickness[thin]
    middles = ndimage.median_filter(middles, max(3, piece.shape[1] // 10), mode="nearest")
    middle = np.interp(np.arange(piece.shape[1]), thin, middles)
    return np.asarray(np.abs(rows - middle) <= np.median(thickness[thin]) / 2 + 1)


def _erase(ink: Ink, lines: Mask, axis: int) -> Ink:
    """Erase lines, except where a stroke crosses them: there is ink on both sides."""
    from scipy import ndimage

    level = typical_level(np.where(lines, ink, 0))
    near = ndimage.maximum_filter(lines, 3)
    darker = ink > 1.6 * level
    rest = np.where(near & ~darker, np.float32(0), ink)
    thickness = int(np.max(lines.sum(axis=axis))) if lines.any() else 0
    reach = 2 * min(thickness + 3, 9) + 1
    crossing = ndimage.minimum_filter1d(
        ndimage.maximum_filter1d(rest > 0.5 * level, reach, axis=axis), reach, axis=axis
    )
    return np.where(near & crossing, ink, rest)


def keep_pieces(ink: Ink) -> Ink:
    """Keep the pieces of ink that can be digits, with an edge around each.

    Args:
        ink: (height, width), 0 to 1.

    Returns:
        The same shape, scaled so that the typical ink is 1.
    """
    from scipy import ndimage

    level = typical_level(ink)
    if not level:
        return ink
    labels, count = ndimage.label(ink >= 0.45 * level, np.ones((3, 3)))
    if not count:
        return ink * 0
    keeps = _choose_pieces(labels, ndimage.find_objects(labels))
    kept = np.concatenate([[False], keeps])[labels]
    near = ndimage.maximum_filter(kept, 5)
    others = (labels > 0) & ~kept
    soft = np.where(near & ~others, ink, 0)
    level = typical_level(soft) or level
    return np.asarray(np.clip(soft / level, 0, 1), np.float32)


def _choose_pieces(labels: NDArray[np.int32], places: list[tuple[slice, slice]]) -> Mask:
    """Return True for each piece that can be a digit or a part of one."""
    height, width = labels.shape
    boxes = np.array([(r.start, c.start, r.stop, c.stop) for r, c in places])
    sizes = boxes[:, 2:] - boxes[:, :2]
    masses = np.bincount(labels.ravel(), minlength=len(places) + 1)[1:]
    frames = [_is_frame(labels, number, boxes, masses) for number in range(len(places))]
    keeps: Mask = np.logical_not(frames)
    touches = (boxes[:, :2] == 0).any(1) | (boxes[:, 2:] == (height, width)).any(1)
    inner = keeps & ~touches
    if inner.any() and masses[inner].max() >= 0.1 * masses[keeps].max():
        keeps = inner
    if keeps.any():
        largest = sizes[keeps].max()
        heaviest = masses[keeps].max()
        is_large = (sizes.max(axis=1) >= _SPECK * largest) & (masses >= 0.01 * heaviest)
        keeps = np.asarray(keeps & is_large)
        keeps &= ~_find_neighbours(labels, keeps, touches & (masses < _NEIGHBOUR * heaviest))
    return keeps


def _find_neighbours(labels: NDArray[np.int32], keeps: Mask, light: Mask) -> Mask:
    """Return True for each light piece at the edge that is far from all others, (pieces,)."""
    if not (keeps & light).any():
        return np.zeros_like(keeps)
    from scipy import ndimage

    is_main = np.concatenate([[False], keeps & ~light])[labels]
    away = ndimage.distance_transform_edt(~is_main)
    nearest = ndimage.minimum(away, labels, np.arange(1, len(keeps) + 1))
    return np.asarray(light & (nearest > _APART * max(labels.shape)))


def _is_frame(
    labels: NDArray[np.int32], number: int, boxes: NDArray[np.int64], masses: NDArray[np.int64]
) -> bool:
    """Return True for a piece whose ink lies along its box, with other ink inside."""
    top, left, bottom, right = boxes[number]
    height, width = bottom - top, right - left
    if height < _FRAME * labels.shape[0] or width < _FRAME * labels.shape[1]:
        return False
    piece = labels[top:bottom, left:right] == number + 1
    edge = max(2, min(height, width) // 8)
    inner = piece[edge:-edge, edge:-edge].sum() if min(height, width) > 2 * edge else 0
    is_hollow = inner <= 0.1 * piece.sum()
    starts, ends = boxes[:, :2] >= (top, left), boxes[:, 2:] <= (bottom, right)
    is_other = np.arange(len(boxes)) != number
    is_inside = np.asarray(starts.all(1) & ends.all(1) & is_other)
    return bool(is_hollow and is_inside.any() and masses[is_inside].max() >= 0.02 * masses[number])

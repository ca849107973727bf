"""Pictures of one digit as people bring them, made from the same drawing."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from nncore.digits.strokes import render_strokes

Array: TypeAlias = NDArray[Any]
#: Ink, (480, 400) from 0 to 1 -> a picture file.
Make: TypeAlias = Callable[[Array], bytes]

FIVE = [[[230, 95], [165, 100], [160, 170]], [[160, 170], [215, 165], [235, 215], [200, 265],
        [150, 260]]]  # fmt: skip
HEIGHT, WIDTH = 480, 400


def drawn_ink(strokes: Any = FIVE, width: float = 16) -> Array:
    """Return (480, 400) ink, 0 to 1, with the digit a little left of the middle."""
    ink = np.zeros((HEIGHT, WIDTH))
    ink[60:440, 10:390] = render_strokes(strokes, 380, width) / 255
    return ink


def on_paper(ink: Array, paper: Any = 235.0, pen: Any = 30.0) -> Array:
    """Return a colour photo, (height, width, 3) float: a pen's colour on the paper's."""
    cover = ink[..., np.newaxis]
    base = np.broadcast_to(paper, (*ink.shape, 3)) if np.ndim(paper) < 2 else paper
    photo: Array = base * (1 - cover) + np.broadcast_to(pen, (3,)) * cover
    return photo


def light(across: tuple[float, float], down: tuple[float, float] = (1, 1)) -> Array:
    """Return the light over the picture, (height, width, 1), as factors."""
    field = np.linspace(*down, HEIGHT)[:, np.newaxis] * np.linspace(*across, WIDTH)
    return field[..., np.newaxis]


def save(photo: Array, kind: str = "PNG", **more: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.clip(np.rint(photo), 0, 255).astype(np.uint8)).save(file, kind, **more)
    return file.getvalue()


def noisy(photo: Array, levels: float) -> Array:
    noise: Array = photo + np.random.default_rng(0).normal(0, levels, photo.shape)
    return noise


def shadowed(ink: Array, *, soft: bool = False, everywhere: bool = False) -> Array:
    """Return a photo over which a shadow falls, through the digit or beside it."""
    shade = Image.new("L", (WIDTH, HEIGHT), 255)
    edge = (0, 0, 190, HEIGHT) if everywhere else (300, 0, WIDTH, HEIGHT)
    ImageDraw.Draw(shade).rectangle(edge, fill=150)
    blurred = shade.filter(ImageFilter.GaussianBlur(25 if soft else 1))
    return on_paper(ink) * (np.asarray(blurred, float)[..., np.newaxis] / 255)


def ruled(ink: Array, step: int, *, squares: bool = False, colour: Any = (150, 180, 225)) -> Array:
    paper = np.full((HEIGHT, WIDTH, 3), 238.0)
    for start in range(step // 2, HEIGHT, step):
        paper[start : start + 2] = colour
    if squares:
        for start in range(step // 2, WIDTH, step):
            paper[:, start : start + 2] = colour
    return np.minimum(paper, on_paper(ink, 238.0))


def framed(ink: Array, inset: int, thickness: int) -> Array:
    photo = on_paper(ink)
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    mask[inset : HEIGHT - inset, inset : WIDTH - inset] = True
    mask[
        inset + thickness : HEIGHT - inset - thickness,
        inset + thickness : WIDTH - inset - thickness,
    ] = False
    photo[mask] = 40
    return photo


def on_desk(ink: Array, desk: Any, angle: float = 0) -> Array:
    """Return a sheet on a desk, turned by an angle in degrees."""
    sheet = Image.fromarray(on_paper(ink).astype(np.uint8)).convert("RGBA")
    turned = sheet.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    table = Image.new("RGBA", (turned.width + 160, turned.height + 160), (*desk, 255))
    table.alpha_composite(turned, (80, 80))
    return np.asarray(table.convert("RGB"), float)


def specked(ink: Array, count: int, size: int) -> Array:
    photo, random = on_paper(ink), np.random.default_rng(1)
    for _ in range(count):
        top, left = random.integers(5, HEIGHT - 10), random.integers(5, WIDTH - 10)
        photo[top : top + size, left : left + size] = 60
    return photo


def clear(ink: Array) -> bytes:
    """Return a drawing on nothing."""
    return save(np.dstack([np.zeros((*ink.shape, 3)), 255 * ink]))


def with_margins(ink: Array) -> bytes:
    """Return a photo with transparent margins."""
    photo = np.zeros((HEIGHT + 100, WIDTH + 140, 4))
    photo[50:-50, 70:-70, :3], photo[50:-50, 70:-70, 3] = on_paper(ink), 255
    return save(photo)


def turned(ink: Array, orientation: int) -> bytes:
    """Return a JPEG whose EXIF says how to turn it."""
    back = {3: 2, 6: 1, 8: -1}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return save(np.rot90(on_paper(ink), back), "JPEG", quality=90, exif=exif)


def heic(ink: Array) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return save(on_paper(ink), "HEIF", quality=80)


def large(ink: Array) -> bytes:
    """Return a PNG of 1.7 megapixels."""
    return save(on_paper(ink).repeat(3, 0).repeat(3, 1))


def standing(ink: Array) -> Array:
    """Return a small photo of a digit that stands on a ruled line, which is not quite level."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    bottom = np.flatnonzero(ink.any(axis=1))[-1]
    line = np.abs(rows - bottom + (columns - WIDTH / 2) * 0.03) <= 4
    photo = np.where(line[..., np.newaxis], 150.0, on_paper(ink))
    photo = np.minimum(photo, on_paper(ink))
    small = Image.fromarray(photo.astype(np.uint8)).resize((WIDTH // 4, HEIGHT // 4))
    return np.asarray(small, float)


PICTURES: dict[str, Make] = {
    "on a ruled line": lambda ink: save(standing(ink)),
    "light from the left": lambda ink: save(on_paper(ink, 230) * light((1, 0.65))),
    "light from the right": lambda ink: save(on_paper(ink, 230) * light((0.65, 1))),
    "light from above": lambda ink: save(on_paper(ink, 230) * light((1, 1), (1, 0.65))),
    "light from a corner": lambda ink: save(on_paper(ink, 230) * light((1, 0.7), (1, 0.7))),
    "dim light": lambda ink: save(on_paper(ink) * 0.4),
    "warm light": lambda ink: save(on_paper(ink) * (1.0, 0.88, 0.65)),
    "hard shadow beside": lambda ink: save(shadowed(ink)),
    "hard shadow through": lambda ink: save(shadowed(ink, everywhere=True)),
    "soft shadow": lambda ink: save(shadowed(ink, soft=True, everywhere=True)),
    "black desk": lambda ink: save(on_desk(ink, (25, 25, 28))),
    "brown desk": lambda ink: save(on_desk(ink, (95, 65, 40))),
    "desk askew": lambda ink: save(on_desk(ink, (40, 40, 45), 2.5)),
    "frame at the edge": lambda ink: save(framed(ink, 0, 5)),
    "frame inset": lambda ink: save(framed(ink, 25, 4)),
    "thick frame": lambda ink: save(framed(ink, 15, 9)),
    "blue lines": lambda ink: save(ruled(ink, 48)),
    "grey lines": lambda ink: save(ruled(ink, 64, colour=(170, 170, 170))),
    "blue squares": lambda ink: save(ruled(ink, 40, squares=True)),
    "grey squares": lambda ink: save(ruled(ink, 32, squares=True, colour=(185, 185, 185))),
    "one speck": lambda ink: save(specked(ink, 1, 5)),
    "ten specks": lambda ink: save(specked(ink, 10, 4)),
    "noise of 0.5": lambda ink: save(noisy(on_paper(ink), 0.5)),
    "noise of 2": lambda ink: save(noisy(on_paper(ink), 2)),
    "noise of 4": lambda ink: save(noisy(on_paper(ink), 4)),
    "noise of 8": lambda ink: save(noisy(on_paper(ink), 8)),
    "blue pen": lambda ink: save(on_paper(ink, 235, (40, 60, 170))),
    "red pen": lambda ink: save(on_paper(ink, 235, (200, 40, 50))),
    "pencil": lambda ink: save(noisy(on_paper(ink, 235, 150), 2)),
    "chalk": lambda ink: save(on_paper(ink, 30, 225)),
    "drawing on nothing": clear,
    "transparent margins": with_margins,
    "EXIF 6": lambda ink: turned(ink, 6),
    "EXIF 3": lambda ink: turned(ink, 3),
    "JPEG": lambda ink: save(on_paper(ink), "JPEG", quality=60),
    "WebP": lambda ink: save(on_paper(ink), "WEBP", quality=70),
    "BMP": lambda ink: save(on_paper(ink), "BMP"),
    "GIF": lambda ink: save(on_paper(ink), "GIF"),
    "HEIC": heic,
    "large PNG": large,
}

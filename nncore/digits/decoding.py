"""Decode picture files from anyone, with bounds on bytes, pixels, memory and time.

A file may be made to break a decoder: a few bytes may unpack to gigabytes, and a header may lie. So
the decoder itself is asked for the size after it has read the header and before it unpacks any
pixel: only that size is the one that will be decoded. Large pictures whose file is suspiciously
small are refused; JPEG files are decoded at a reduced scale.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, WebPImagePlugin

from nncore.digits.collection import DigitError

#: The largest file in bytes, and the largest picture in pixels.
MOST_BYTES, MOST_PIXELS = 20 * 2**20, 50_000_000
#: A picture is reduced to this many pixels along its longer side.
SIDE = 1600
#: Larger pictures than this must not unpack to more than so many bytes for each byte of the file.
#: Photos unpack to about 10, drawings on white to about 300.
_LARGE, _MOST_UNPACKED = 12_000_000, 100
#: The most passes of a progressive JPEG: each one costs time. Cameras write about ten.
_MOST_PASSES = 100
#: Pillow's names of the formats, by the names that people know.
FORMATS = {
    "PNG": "PNG",
    "JPEG": "JPEG",
    "MPO": "JPEG",
    "WEBP": "WebP",
    "BMP": "BMP",
    "GIF": "GIF",
    "HEIF": "HEIC",
}
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftyphevc", b"ftypheim")


def decode(data: bytes) -> NDArray[np.uint8]:
    """Decode a picture, turned the right way up and reduced.

    Args:
        data: The bytes of a file; they may be anything.

    Returns:
        (height, width) grey or (height, width, 4) RGBA, uint8, at most 1,600 pixels a side.

    Raises:
        DigitError: If it is not a picture that the lab reads, or is too large or damaged.
    """
    if len(data) > MOST_BYTES:
        size = f"{len(data) / 2**20:.1f} MB"
        raise DigitError(f"A file may have {MOST_BYTES // 2**20} MB. This one has {size}.")
    _check_webp(data)
    image = _open(data)
    _check(image, data)
    try:
        with image:
            return _load(image)
    except Exception as error:
        kind = FORMATS[image.format or "PNG"]
        raise DigitError(f"This {kind} picture is damaged.") from error


def _open(data: bytes) -> Image.Image:
    """Read a picture's header, and no pixel."""
    if not data:
        raise DigitError("This file is empty.")
    webp = WebPImagePlugin.WebPImageFile.format  # Pillow does not load this decoder itself
    formats = ["PNG", "JPEG", webp, "BMP", "GIF"]
    if data[4:12] in _HEIC:
        import pillow_heif  # when first used: few people bring HEIC

        pillow_heif.register_heif_opener()
        formats = ["HEIF"]
    try:
        return Image.open(io.BytesIO(data), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DigitError(_too_large("far more")) from error
    except Exception as error:  # decoders raise whatever they like
        kinds = ", ".join(dict.fromkeys(FORMATS.values()))
        raise DigitError(f"This is not a picture that the lab can read: {kinds}.") from error


def _check(image: Image.Image, data: bytes) -> None:
    """Check what the decoder is about to unpack."""
    _check_pixels(*image.size)
    pixels = image.width * image.height
    if image.format in ("JPEG", "MPO"):
        if data.count(b"\xff\xda") > _MOST_PASSES:
            raise DigitError("This JPEG has too many passes to decode.")
        return  # decoded at a reduced scale
    unpacked = pixels * 4
    if pixels > _LARGE and unpacked > _MOST_UNPACKED * len(data):
        raise DigitError(
            f"This small file would unpack to {unpacked / 1e6:,.0f} MB, so it is not opened. "
            "Save the picture in a smaller size."
        )


def _check_pixels(width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise DigitError(_too_large(f"{width:,} × {height:,}"))


def _too_large(size: str) -> str:
    return f"A picture may have {MOST_PIXELS // 1_000_000} million pixels. This one has {size}."


def _check_webp(data: bytes) -> None:
    """Check the size in a WebP header: its decoder takes memory for all pixels when it opens."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return
    if data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    _check_pixels(width, height)
    if width * height > _LARGE and width * height * 4 > _MOST_UNPACKED * len(data):
        raise DigitError(_too_large(f"{width:,} × {height:,} in a very small file"))


def _load(image: Image.Image) -> NDArray[np.uint8]:
    image.draft("RGB", (SIDE, SIDE))  # a JPEG is unpacked at a reduced scale
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=None)
    upright: Any = ImageOps.exif_transpose(image)
    return _to_eight_bits(upright)


def _to_eight_bits(image: Image.Image) -> NDArray[np.uint8]:
    """Return a picture of any mode as grey or RGBA, uint8."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return (np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    return np.asarray(image.convert("RGBA"))

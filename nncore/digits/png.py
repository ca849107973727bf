"""Arrays as PNG files."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def png_bytes(
    picture: NDArray[np.uint8], scale: int = 1, palette: NDArray[np.uint8] | None = None
) -> bytes:
    """Encode a picture as a PNG file.

    Args:
        picture: (height, width) grey or (height, width, 3) colour, uint8.
        scale: The side, in pixels, of the square that each pixel becomes.
        palette: (n, 3) uint8, at most 256 colours: the picture, (height, width), holds their
            numbers. Such a file takes a third of the time of one in colour, and half of the bytes.

    Raises:
        ValueError: If the array has another shape or dtype.
    """
    grey_or_colour = picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] == 3)
    if picture.dtype != np.uint8 or not grey_or_colour:
        raise ValueError(
            "picture must be uint8 of shape (height, width) or (height, width, 3). "
            f"Received: {picture.dtype} of shape {picture.shape}"
        )
    image = Image.fromarray(picture)
    if palette is not None:
        image.putpalette(palette.tobytes())  # a grey image becomes one with a palette
    if scale != 1:
        size = (image.width * scale, image.height * scale)
        image = image.resize(size, Image.Resampling.NEAREST)
    file = io.BytesIO()
    image.save(file, format="PNG", compress_level=1)  # faster, and hardly larger
    return file.getvalue()

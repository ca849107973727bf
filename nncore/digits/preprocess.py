"""Turn a drawing into 28 x 28 pixels like MNIST's, stage by stage.

The recipe is that of MNIST's makers (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of
handwritten digits", http://yann.lecun.com/exdb/mnist/): the ink is scaled to fit a box of 20 x 20
pixels with its aspect kept, grey levels are averages of areas, and the box is placed in a field of
28 x 28 so that the ink's centre of mass is at the centre. In MNIST's own arrays that centre is
pixel 14 (counted from 0), with shifts by whole pixels: MNIST images pass through unchanged.

The stages themselves are in `ink`, `stray_ink`, `line_width` and `placement`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nncore.digits.ink import Array, Ink, Pixels, find_ink
from nncore.digits.line_width import thicken
from nncore.digits.placement import BOX, FIELD, crop_to_ink, place_in_field, shift_images
from nncore.digits.stray_ink import drop_stray_ink

#: Bounds of a `Recipe`, in pixels of the field.
MOST_SHIFT, THINNEST, THICKEST = 6, -2.0, 3.0


@dataclass(frozen=True)
class Recipe:
    """The steps from a drawing to 28 x 28 numbers. Without arguments it is MNIST's own recipe.

    Args:
        thickness: Pixels of the field by which lines get thicker, or thinner if negative. A line
            never vanishes: its middle is kept.
        crop: True to crop to the ink. Otherwise the whole picture goes into the box.
        box: The side in pixels of the box that the ink is scaled to fit.
        keep_aspect: True to scale height and width alike.
        centre: True to put the centre of mass at the centre. Otherwise the box is centred.
        shift: Pixels by which the result moves at the end, to the right and down. Ink that leaves
            the field is lost.
        light_ink: True for light ink on black, as in MNIST. False for dark ink on white.
        scaled: True to divide the numbers by 255.

    Raises:
        ValueError: If a number is out of bounds.
    """

    thickness: float = 0.0
    crop: bool = True
    box: int = BOX
    keep_aspect: bool = True
    centre: bool = True
    shift: tuple[int, int] = (0, 0)
    light_ink: bool = True
    scaled: bool = True

    def __post_init__(self) -> None:
        farthest = max(map(abs, self.shift))
        for name, value, low, high in (
            ("thickness", self.thickness, THINNEST, THICKEST),
            ("box", self.box, 1, FIELD),
            ("shift", farthest, 0, MOST_SHIFT),
        ):
            if not low <= value <= high:
                raise ValueError(
                    f"{name} must be from {low:g} to {high:g} pixels. "
                    f"Received: {name}={getattr(self, name)}"
                )

    def to_inputs(self, image: Pixels) -> Pixels | Ink:
        """Return an image in the form to give to `Network.predict`.

        Args:
            image: (28, 28) uint8.

        Returns:
            The same uint8 pixels, which a `Network` divides by 255 where it was trained so; or
            float32 from 0 to 255, which it takes as they are.
        """
        return image if self.scaled else image.astype(np.float32)


MNIST = Recipe()


@dataclass(frozen=True, eq=False)
class Stages:
    """A drawing on its way to 28 x 28.

    Attributes:
        ink: (height, width) float32, 0 to 1: the amount of ink in each pixel.
        cropped: The part of `ink` that holds any.
        boxed: (20, 20) uint8: `cropped` scaled to fit; (28, 28) where nothing was cropped. Smaller
            for the rare drawing of which centring would push a part over the edge.
        centred: (28, 28) uint8: `boxed` in MNIST's field.
        moved: (28, 28) uint8: `centred` after the recipe's shift and colours.

    The last four are None for a blank drawing.
    """

    ink: Ink
    cropped: Ink | None = None
    boxed: Pixels | None = None
    centred: Pixels | None = None
    moved: Pixels | None = None

    @property
    def is_blank(self) -> bool:
        """True if there is no ink."""
        return self.centred is None

    @property
    def image(self) -> Pixels | None:
        """The network's input: (28, 28) uint8, 0 to 255; None if blank."""
        return self.moved


def to_mnist(
    image: Array,
    *,
    crop: bool = True,
    keep_aspect: bool = True,
    centre: bool = True,
    invert: bool | None = None,
) -> Stages:
    """Turn a drawing into 28 x 28 pixels by MNIST's recipe.

    Args:
        image: (height, width) or (height, width, 1) grey, (height, width, 3) RGB or
            (height, width, 4) RGBA; uint8 from 0 to 255 or float from 0 to 1. Any size.
        crop: True to crop to the ink. Otherwise the whole picture is scaled to 28 pixels.
        keep_aspect: True to scale height and width alike.
        centre: True to put the centre of mass at the centre. Otherwise the box is centred.
        invert: The paper's colour. True: white, with dark ink. False: black, with light ink. None:
            the colour of most of the border; where the border is transparent, every opaque pixel
            is ink.

    Returns:
        Every stage. The darkest pixel of `boxed` is 255, as in MNIST, however pale the ink. A
        single dot fills the box.

    Raises:
        ValueError: If `image` has another shape or dtype, or a number out of range.
    """
    recipe = Recipe(crop=crop, box=BOX if crop else FIELD, keep_aspect=keep_aspect, centre=centre)
    return apply_recipe(image, recipe, invert)


def apply_recipe(image: Array, recipe: Recipe = MNIST, invert: bool | None = None) -> Stages:
    """Turn a drawing into 28 x 28 pixels by any recipe.

    Args:
        image: As for `to_mnist`.
        recipe: The steps to take and to leave out.
        invert: As for `to_mnist`.

    Returns:
        Every stage.

    Raises:
        ValueError: As `to_mnist`.
    """
    ink = thicken(drop_stray_ink(find_ink(image, invert)), recipe.thickness)
    if not ink.any():
        return Stages(ink)
    cropped = crop_to_ink(ink) if recipe.crop else ink
    boxed, centred = place_in_field(cropped, recipe.box, recipe.keep_aspect, recipe.centre)
    moved = shift_images(centred, *recipe.shift)
    return Stages(ink, cropped, boxed, centred, moved if recipe.light_ink else 255 - moved)


def resize_only(image: Array, invert: bool | None = None) -> Pixels:
    """Squeeze the whole picture into 28 x 28: the naive way, for comparison.

    Args:
        image: As for `to_mnist`.
        invert: As for `to_mnist`.

    Returns:
        (28, 28) uint8, light on dark; all 0 for a blank drawing.

    Raises:
        ValueError: As `to_mnist`.
    """
    stages = to_mnist(image, crop=False, keep_aspect=False, centre=False, invert=invert)
    return np.zeros((FIELD, FIELD), np.uint8) if stages.image is None else stages.image

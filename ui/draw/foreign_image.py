"""An image of somebody else on the learner's canvas."""

from __future__ import annotations

from dataclasses import dataclass

from nncore.digits.ink import Pixels


@dataclass(frozen=True, eq=False)
class ForeignImage:
    """An image that the learner did not draw.

    Args:
        image: (28, 28) uint8, as it was received.
        label: The digit, 0 to 9.
        source: Its origin, such as `"test image 115"`.
    """

    image: Pixels
    label: int
    source: str

"""A drawing of a class that the teacher has handed out, as a member shares it.

`ui/class_store/sketches.py` hands the classes out and collects the drawings.
"""

from __future__ import annotations

from dataclasses import dataclass

from nncore.own_drawings import Drawing, clean_name


@dataclass(frozen=True)
class Sketch:
    """A drawing of one of the classes that the teacher has handed out, shared by a member.

    Args:
        name: The class's name, as it was handed out.
        pixels: 784 bytes, row by row, 0 for paper.

    Raises:
        nncore.own_drawings.DrawingError: If one of them is invalid.
    """

    name: str
    pixels: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean_name(self.name))
        Drawing(self.pixels, 0)


@dataclass(frozen=True)
class SketchRow:
    """A shared drawing of a handed-out class.

    Args:
        number: Its number in the class, for `hide`.
        member: The member's generated name.
        at: When it was shared, in seconds since 1970.
        sketch: The drawing.
        is_hidden: True if the teacher has hidden it; it is not trained on then.
    """

    number: int
    member: str
    at: float
    sketch: Sketch
    is_hidden: bool

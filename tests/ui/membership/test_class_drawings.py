"""The drawings of a class that are open, whole or without one person's."""

from __future__ import annotations

from nncore.own_drawings import Drawing, OwnDrawings
from ui.class_store.sketches import Collection
from ui.membership.class_drawings import list_spare


def test_only_people_without_whom_enough_is_left_can_be_left_out() -> None:
    labels = (0, 0, 1, 1, 0, 0, 1)
    drawings = [Drawing(n.to_bytes(2) + bytes(782), label) for n, label in enumerate(labels)]
    own = OwnDrawings(("a", "b"), tuple(drawings))
    assert list_spare(Collection(own, tuple("xxxxyyy"))) == ["y"]

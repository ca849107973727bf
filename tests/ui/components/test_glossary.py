"""Words of the glossary: the anchors of links to them."""

from __future__ import annotations

from ui.components.glossary import anchor


def test_anchors_are_plain() -> None:
    assert anchor("L2") == "term-l2"
    assert anchor("one-hot") == "term-one-hot"

"""A learner's own classes and drawings: a bounded value, named by its content."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.own_drawings import (
    MOST_DRAWINGS,
    Change,
    Drawing,
    DrawingError,
    OwnDrawings,
    clean_name,
    undo,
)

EMPTY = OwnDrawings(("sun", "moon"))


def image(seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (28, 28)).astype(np.uint8)


def drawing(label: int = 0, seed: int = 0) -> Drawing:
    return Drawing.from_image(image(seed), label)


def with_counts(*counts: int) -> OwnDrawings:
    names = tuple(f"class {number}" for number in range(len(counts)))
    drawings = [
        drawing(label, 100 * label + turn)
        for label, count in enumerate(counts)
        for turn in range(count)
    ]
    return OwnDrawings(names, tuple(drawings))


# Changes


def test_a_change_gives_a_new_value_and_leaves_the_old_one() -> None:
    one = EMPTY.add(drawing(0, 0))
    two = one.add(drawing(1, 1))
    assert [len(own) for own in (EMPTY, one, two, two.remove(0))] == [0, 1, 2, 1]
    assert two.move(0, 1).counts == (0, 2)
    assert two.counts == (1, 1)


def test_a_drawing_that_is_there_already_is_not_there_twice() -> None:
    assert len(EMPTY.add(drawing(), drawing()).add(drawing())) == 1
    both = EMPTY.add(drawing(0, 1), drawing(1, 1))
    assert both.move(0, 1).counts == (0, 1)


def test_images_are_those_that_were_given_and_cannot_be_written() -> None:
    own = EMPTY.add(drawing(0, 3), drawing(1, 4))
    np.testing.assert_array_equal(own.images, [image(3), image(4)])
    assert own.labels.tolist() == [0, 1]
    with pytest.raises(ValueError, match="read-only"):
        own.images[0, 0, 0] = 1
    assert EMPTY.images.shape == (0, 28, 28)


def test_a_class_goes_with_its_drawings_and_the_others_keep_theirs() -> None:
    own = with_counts(1, 2, 3).remove_class(1)
    assert own.names == ("class 0", "class 2")
    assert own.counts == (1, 3)
    with pytest.raises(DrawingError, match="2 to 10 classes"):
        own.remove_class(0)


def test_other_classes_keep_the_drawings_of_the_same_name() -> None:
    own = OwnDrawings(("a", "b"), (Drawing(bytes(784), 0), Drawing(bytes(784), 1)))
    assert own.with_classes(("b", "c")) == OwnDrawings(("b", "c"), (Drawing(bytes(784), 0),))
    with pytest.raises(DrawingError, match="same name"):
        own.with_classes(("a", "a"))


def test_a_class_can_be_added_and_renamed() -> None:
    own = EMPTY.add_class("  star ").rename(0, "Sonne ☀️")
    assert own.names == ("Sonne ☀️", "moon", "star")


# Bounds


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "needs a name"),
        ("   ", "needs a name"),
        ("x" * 25, "24 characters. This one has 25"),
        ("x" * 1_000_000, "24 characters"),
        ("a\nb", "not shown"),
        ("a\u202eb", "not shown"),
        ("\ud800", "not shown"),
        ("moon", "same name: moon"),
    ],
    ids=repr,
)
def test_a_name_that_cannot_be_used_gets_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(DrawingError, match=sentence):
        EMPTY.rename(0, name)


def test_names_that_only_look_different_inside_the_computer_are_one() -> None:
    assert clean_name("e\u0301") == clean_name("\u00e9")
    assert clean_name("👩\u200d🚀") == "👩\u200d🚀"


def test_classes_and_drawings_have_an_end() -> None:
    ten = with_counts(*(1,) * 10)
    with pytest.raises(DrawingError, match="2 to 10 classes"):
        ten.add_class("one more")
    full = with_counts(MOST_DRAWINGS // 2, MOST_DRAWINGS // 2)
    with pytest.raises(DrawingError, match="room for 200 drawings; these would be 201"):
        full.add(drawing(0, 9999))
    with pytest.raises(DrawingError, match="class that is not there"):
        EMPTY.add(drawing(2))
    with pytest.raises(DrawingError, match="28 × 28 pixels"):
        Drawing(b"", 0)
    with pytest.raises(DrawingError, match="must be a number"):
        Drawing(bytes(784), True)
    with pytest.raises(DrawingError, match="uint8 of shape"):
        Drawing.from_image(np.zeros((28, 27), np.uint8), 0)


# The fingerprint


def test_the_fingerprint_names_the_content_and_not_its_order() -> None:
    own = with_counts(2, 2)
    turned = OwnDrawings(own.names, own.drawings[::-1])
    assert own.fingerprint == turned.fingerprint
    assert own.fingerprint.startswith("2-")
    others = [own.remove(0), own.move(0, 1), own.rename(0, "other"), own.add_class("third")]
    assert len({own.fingerprint, *(other.fingerprint for other in others)}) == 5


# Two tabs


def test_what_two_tabs_added_stays_and_what_one_removed_goes() -> None:
    base = EMPTY.add(drawing(0, 0), drawing(1, 1))
    mine, other = base.remove(0).add(drawing(0, 2)), base.add(drawing(1, 3))
    merged = mine.merge(other, base)
    assert {*merged.drawings} == {drawing(1, 1), drawing(0, 2), drawing(1, 3)}


def test_a_class_that_one_tab_renamed_stays_where_the_other_drew_for_it() -> None:
    base = EMPTY.add(drawing(0, 0))
    mine, other = base.rename(0, "Sonne"), base.add(drawing(0, 1))
    merged = mine.merge(other, base)
    assert set(merged.names) == {"Sonne", "moon", "sun"}
    assert len(merged) == 2


def test_a_merge_keeps_to_the_bounds() -> None:
    one, other = with_counts(100, 100), OwnDrawings(("x", "y"), with_counts(90, 90).drawings)
    merged = one.merge(other)
    assert len(merged) == MOST_DRAWINGS
    assert merged.classes == 4


def test_undo_takes_back_the_last_change_and_leaves_those_of_others() -> None:
    before = EMPTY.add(drawing(0, 0))
    change = Change("added a drawing", before, before.add(drawing(0, 1)))
    assert undo(change.after, change) == before
    by_another_tab = change.after.add(drawing(1, 2))
    assert {*undo(by_another_tab, change).drawings} == {drawing(0, 0), drawing(1, 2)}

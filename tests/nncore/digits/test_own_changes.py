"""Drawings made of others for experiments, and how unlike the learnt ones a drawing is."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.data import datasets
from nncore.digits import own_novelty, synthetic
from nncore.digits.own_changes import change_class, scale_class, scale_image, thin_out
from nncore.digits.starters import COUNT, neighbour, starter
from nncore.experiment import STARTERS, DataConfig
from nncore.own_drawings import Drawing, OwnDrawings

FACES = starter("faces")
SQUARE = np.zeros((28, 28), np.uint8)
SQUARE[8:20, 8:20] = 255


@pytest.mark.parametrize(("factor", "side"), [(0.5, 6), (1.0, 12), (4 / 3, 16)])
def test_an_image_grows_and_shrinks_around_its_centre(factor: float, side: int) -> None:
    scaled = scale_image(SQUARE, factor)
    assert (scaled > 127).sum() == side * side
    assert np.array_equal(scaled, scaled[::-1, ::-1])


def test_a_factor_has_bounds() -> None:
    with pytest.raises(ValueError, match="factor must be"):
        scale_image(SQUARE, float("nan"))


def test_only_the_class_that_is_named_is_scaled() -> None:
    small = scale_class(FACES, 1, 0.5)
    assert small.counts == FACES.counts
    for old, new in zip(FACES.drawings, small.drawings, strict=True):
        assert (old == new) == (old.label == 0)


def find_ink(drawing: Drawing) -> tuple[int, int, int, int]:
    """Return the first and the last row and column with ink."""
    rows, columns = np.nonzero(drawing.image)
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


def test_a_class_moves_only_as_far_as_its_ink_stays_in_the_field() -> None:
    own = OwnDrawings(("a", "b"), (Drawing.from_image(SQUARE, 0), Drawing.from_image(SQUARE, 1)))
    moved = change_class(own, 1, across=-4, down=4)
    assert find_ink(moved.drawings[1]) == (12, 23, 4, 15)
    assert moved.drawings[0] == own.drawings[0]
    for _ in range(5):
        moved = change_class(moved, 1, across=-4, down=4)
    assert find_ink(moved.drawings[1]) == (16, 27, 0, 11)


def test_a_class_grows_only_as_far_as_its_ink_stays_in_the_field() -> None:
    own = OwnDrawings(("a", "b"), (Drawing.from_image(SQUARE, 0),))
    for _ in range(5):
        own = change_class(own, 0, 1.4)
    top, bottom, left, right = find_ink(own.drawings[0])
    assert (top, left) == (0, 0)
    assert (bottom, right) == (27, 27)
    small = change_class(own, 0, 0.5)
    assert 12 <= np.ptp(find_ink(small.drawings[0])[:2]) <= 16


def test_an_empty_drawing_cannot_be_changed() -> None:
    own = OwnDrawings(("a", "b"), (Drawing(bytes(784), 0),))
    assert change_class(own, 0, 0.5, 4, 4) == own


def test_a_class_can_be_thinned_out() -> None:
    assert thin_out(FACES, 1, 5).counts == (COUNT, 5)
    assert thin_out(FACES, 0, 100) == FACES


@pytest.mark.parametrize("name", STARTERS)
def test_a_neighbour_draws_the_same_classes_in_another_way(name: str) -> None:
    own, other = starter(name), neighbour(name)
    assert own.names == other.names
    assert set(other.counts) == {10}
    assert not {*own.drawings} & {*other.drawings}


# None of these


def test_drawings_of_the_same_kind_are_accepted_and_others_are_not() -> None:
    reference = own_novelty.fit(datasets.load(DataConfig("own", drawings="shapes")))
    signs = synthetic.sign_images()[::3].reshape(-1, 28, 28)
    kept = own_novelty.measure(reference, starter("shapes").images) <= reference.limit
    refused = own_novelty.measure(reference, signs) > reference.limit
    assert kept.mean() > 0.95
    assert refused.mean() > 0.8


def test_an_empty_drawing_is_none_of_the_classes() -> None:
    reference = own_novelty.fit(datasets.load(DataConfig("own", drawings="faces")))
    assert own_novelty.compare(reference, np.zeros((28, 28), np.uint8)).is_none


def test_a_learnt_drawing_is_its_own_nearest() -> None:
    dataset = datasets.load(DataConfig("own", drawings="faces"))
    found = own_novelty.compare(own_novelty.fit(dataset), dataset.x_train[3])
    assert (found.nearest, found.is_none) == (3, False)
    assert found.distance < 0.01

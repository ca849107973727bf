"""Drawings made of others for experiments, and how unlike the learnt ones a drawing is."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.data import datasets
from nncore.digits import own_novelty, synthetic
from nncore.digits.own_changes import scale_class, scale_image, thin_out
from nncore.digits.starters import COUNT, neighbour, starter
from nncore.experiment import STARTERS, DataConfig

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

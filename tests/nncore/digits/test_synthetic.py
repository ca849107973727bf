"""Digits that the lab draws: each is what its label says, in as many ways as are written down."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from nncore.digits import synthetic
from nncore.experiment import Experiment


def hand() -> np.random.Generator:
    return np.random.default_rng(0)


def test_each_digit_comes_as_often() -> None:
    images, labels = synthetic.images()
    assert images.shape == (synthetic.COUNT, 784)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(np.bincount(labels), [synthetic.COUNT // 10] * 10)


@pytest.mark.parametrize(
    ("draw", "digest"),
    [
        (synthetic._draw_images, synthetic._DIGEST),
        (synthetic._draw_signs, synthetic._SIGN_DIGEST),
    ],
)
def test_the_images_that_are_kept_are_those_that_the_code_draws(
    draw: Callable[[], np.ndarray], digest: str
) -> None:
    assert hashlib.sha256(draw().tobytes()).hexdigest() == digest


def test_they_are_placed_as_mnist_places_its_digits() -> None:
    images = synthetic.images()[0].reshape(-1, 28, 28)
    for image in images[::10]:
        rows, columns = np.nonzero(image)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
        np.testing.assert_allclose(ndimage.center_of_mass(image), (14, 14), atol=0.51)


def test_no_two_are_alike() -> None:
    assert len(np.unique(synthetic.images()[0], axis=0)) == synthetic.COUNT


def test_who_is_distorted_by_other_ways_of_writing_learns_from_them_beside_its_data() -> None:
    assert synthetic.extra_images(Experiment()) is None
    mixing = Experiment().updated({"fit.augment": "styles"})
    assert synthetic.extra_images(mixing) is synthetic.images()[0]


def test_the_same_hand_draws_the_same_digit_and_another_one_another() -> None:
    once, again = (synthetic.draw_digit(7, 0, hand()) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, synthetic.draw_digit(7, 1, hand()))


@pytest.mark.parametrize(
    ("label", "way", "holes"),
    [(0, 0, 2), (0, 4, 0), (1, 0, 0), (4, 0, 0), (4, 5, 1), (6, 2, 1), (8, 0, 2), (9, 0, 1)],
)
def test_a_way_of_writing_closes_as_many_loops_as_it_should(
    label: int, way: int, holes: int
) -> None:
    random = hand()
    found = [loops(synthetic.draw_digit(label, way, random)) for _ in range(40)]
    assert np.bincount(found).argmax() == holes  # a wide pen may fill one, a slip leave one open


def loops(image: np.ndarray) -> int:
    """Return how many parts of the paper the ink encloses."""
    paper = np.pad(image.reshape(28, 28) < 100, 1, constant_values=True)
    return ndimage.label(paper)[1] - 1


def test_lines_pass_through_the_points_of_a_skeleton() -> None:
    points = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]])
    for path, steps in (
        (synthetic._line(points), synthetic._LINE_STEPS),
        (synthetic._curve(points), synthetic._CURVE_STEPS),
    ):
        assert len(path) == 2 * steps + 1
        np.testing.assert_allclose(path[::steps], points, atol=1e-12)
    np.testing.assert_allclose(synthetic._line(points)[1], [10 / synthetic._LINE_STEPS, 0])


def test_a_closed_curve_has_no_corner_where_it_closes() -> None:
    turns = np.linspace(0, 2 * np.pi, 9)
    octagon = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    octagon[-1] = octagon[0]
    path = synthetic._curve(octagon)
    start, end = path[1] - path[0], path[-1] - path[-2]
    cosine = start @ end / np.linalg.norm(start) / np.linalg.norm(end)
    assert cosine > 0.85  # the octagon's own corner would be 0.71


def test_other_signs_are_drawn_as_digits_are_and_only_for_readers_of_digits() -> None:
    signs = synthetic.sign_images()
    assert signs.shape == (synthetic.SIGN_COUNT, 784)
    assert len(np.unique(signs, axis=0)) == synthetic.SIGN_COUNT
    assert (signs.max(axis=1) == 255).all()
    assert synthetic.other_signs(Experiment().updated({"data.name": "digits"})) is signs
    assert synthetic.other_signs(Experiment().updated({"data.name": "fashion"})) is None

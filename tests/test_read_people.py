"""How the benchmark of people's digits counts: what is not found is misread, and refused."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import people, read_people, shapes
from benchmarks.people import Kind


def kind() -> Kind:
    """Return four digits of which the lab finds no digit in the last."""
    images = np.zeros((4, 28, 28), np.uint8)
    is_tune = np.array([True, False, True, False])
    return Kind(images, np.array([3, 3, 5, 3]), is_tune, {3: "There is no digit."})


def read_as_3(images: np.ndarray) -> np.ndarray:
    return np.eye(10, dtype=np.float32)[[3] * len(images)]


def test_a_picture_without_a_digit_counts_as_misread() -> None:
    assert read_people.find_right(read_as_3, kind()).tolist() == [True, True, False, False]


def test_each_1_with_an_upstroke_is_drawn_differently() -> None:
    images = shapes.draw_upstroke_ones()
    assert images.shape == (18, 28, 28)
    assert len(np.unique(images, axis=0)) == 18


def test_each_sign_is_drawn_in_many_ways() -> None:
    for name, images in shapes.draw_signs().items():
        assert len(np.unique(images, axis=0)) == shapes.TIMES, name


def test_writers_are_halved_by_name_and_always_the_same_way() -> None:
    halves = [people.is_tune(f"writer {number}") for number in range(200)]
    assert 80 < sum(halves) < 120
    assert halves == [people.is_tune(f"writer {number}") for number in range(200)]


@pytest.mark.skipif(not people.PEOPLE.is_dir(), reason="Needs the digits of many people")
def test_every_kind_has_digits_and_pictures_are_found() -> None:
    for name, found in people.load_kinds(60).items():
        assert len(found.images) == len(found.labels) > 0, name
        assert len(found.errors) <= 0.05 * len(found.labels), name

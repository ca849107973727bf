"""Lesson 3's film: pictures, loss and captions of each frame, and the size of it all."""

from __future__ import annotations

import json

import numpy as np

from nncore.checkpoint import Checkpoint
from nncore.experiment import DataConfig, Experiment, ModelConfig
from nncore.film import MAX_FRAMES, record_frame
from ui.tools.first_layer_film import loss_picture, weights_picture

DIGITS = Experiment(DataConfig("digits"), ModelConfig((32,), output_activation="softmax"))
NAMES = tuple("0123456789")


def run_with_film(frames: int) -> Checkpoint:
    generator = np.random.default_rng(0)
    sizes = DIGITS.layer_sizes
    weights = [generator.normal(size=(784, 32)), np.zeros(32), np.zeros((32, 10)), np.zeros(10)]
    film = tuple(record_frame(sizes, i, weights) for i in range(frames))
    trace = ((0.5, 2.0, 0.4), (1.0, 1.0, 0.6), (2.0, 0.5, 0.8))
    return Checkpoint(DIGITS, "data", film=film, trace=trace)


def test_the_loss_is_drawn_up_to_the_frame() -> None:
    picture = loss_picture(run_with_film(1), [0.0, 1.0, 2.0])
    at_0, at_1, at_2 = (shot["lines"][0][1] for shot in picture["frames"])
    assert all(value is None for value in at_0)
    assert at_1[60] == 1.0
    assert at_1[61] is None
    assert at_2[120] == 0.5
    assert picture["y"]["domain"] == [0.0, 2.0]


def test_the_largest_film_stays_small_on_the_wire() -> None:
    run = run_with_film(MAX_FRAMES)
    pictures = weights_picture(run, run.film, NAMES)
    assert pictures["size"] == [12, 28, 28]
    assert pictures["names"][:2] == ["unit 0", "unit 1"]
    assert "12 of 32 units" in pictures["title"]
    loss = loss_picture(run, [frame.updates / 30 for frame in run.film])
    assert len(json.dumps([pictures, loss], allow_nan=False)) < 1_000_000

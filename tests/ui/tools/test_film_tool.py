"""The frames of a film: their scores, captions, and the reasons why there is none."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.film import Frame
from nncore.nn.evaluation import evaluate
from nncore.nn.network import Network
from ui.tools import film_tool
from ui.tools.film_tool import ScoredFrame

#: One input and two outputs, no hidden unit: what it says is worked out by hand.
ROUNDING = Experiment(
    DataConfig("rounding", 100),
    ModelConfig(()),
    FitConfig(loss="sparse_categorical_crossentropy", batch_size=10),
)


def run_of(experiment: Experiment, vectors: list[np.ndarray], at: int) -> Checkpoint:
    """A run with these weights in its film, which stands where the last of them is."""
    frames = [Frame(i, vector.astype(np.float32)) for i, vector in enumerate(vectors)]
    weights = frames[-1].arrays(experiment.layer_sizes)
    slots = (np.array(at), np.array(0.001, np.float32))
    return Checkpoint(experiment, "data", weights, slots, film=tuple(frames))


def test_the_film_ends_with_where_the_run_stands() -> None:
    run = run_of(ROUNDING, [np.zeros(4), np.ones(4)], at=5)
    assert [frame.updates for frame in film_tool.list_frames(run)] == [0, 1, 5]
    still = run_of(ROUNDING, [np.zeros(4), np.ones(4)], at=1)
    assert [frame.updates for frame in film_tool.list_frames(still)] == [0, 1]


def test_loss_and_accuracy_are_those_of_evaluate() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((50, 1), np.float32), rng.integers(0, 2, 50)
    run = run_of(ROUNDING, [rng.normal(size=4) for _ in range(3)], at=2)
    for seen, frame in zip(film_tool.score_frames(run, x, y), run.film, strict=True):
        network = Network.of(ROUNDING, frame.arrays((1, 2)))
        scores = evaluate(network, ROUNDING, x, y)
        assert seen.loss == pytest.approx(scores["loss"])
        assert seen.accuracy == pytest.approx(scores["accuracy"])


def test_the_caption_says_when_and_how_good() -> None:
    network = Network.of(ROUNDING, (np.zeros((1, 2)), np.zeros(2)))
    at_120 = ScoredFrame(120, network, np.zeros((1, 2)), 0.314, 0.9444)
    assert (
        film_tool.frame_caption(at_120, 300)
        == "update 120 · epoch 0.4 · loss 0.314 · accuracy 0.944"
    )
    begin = at_120._replace(updates=0, loss=float("nan"))
    assert film_tool.frame_caption(begin, 300) == (
        "update 0 · not trained yet · loss NaN · accuracy 0.944"
    )


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (None, "film_first"),
        (Checkpoint(ROUNDING, "data"), "film_recording"),
        (run_of(ROUNDING, [np.zeros(4)], at=0), "film_recording"),
        (run_of(ROUNDING, [np.zeros(4)], at=3), ""),
        (Checkpoint(ROUNDING, "data", slots=(np.array(3),)), "film_none"),
        (Checkpoint(ROUNDING.updated({"model.units": (88, 88)}), "data"), "film_too_large"),
    ],
)
def test_without_a_film_it_is_said_why(run: Checkpoint | None, text: str) -> None:
    assert film_tool.why_no_film(run) == text

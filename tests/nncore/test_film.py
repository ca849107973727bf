"""The film of a run: when frames are due, and that the cut of a run does not show in it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.film import (
    MAX_FILMED_UNITS,
    MAX_FRAMES,
    MAX_PARAMETERS,
    Film,
    Frame,
    is_due,
    next_frame,
    with_frame,
)
from nncore.training import engine, model

ROUNDING = Experiment(
    DataConfig("rounding", 300),
    ModelConfig((8,)),
    FitConfig("adam", loss="sparse_categorical_crossentropy", epochs=3, batch_size=32),
)
FIVES = Experiment(
    DataConfig("five", 500, scaled=False),
    ModelConfig((), output_activation="linear"),
    FitConfig("adam", loss="mean_squared_error", epochs=2, batch_size=32),
)


def begun(experiment: Experiment) -> Checkpoint:
    return Checkpoint(experiment, datasets.load(experiment.data).fingerprint)


def train(experiment: Experiment, budget: Budget | None = None) -> Checkpoint:
    checkpoint = begun(experiment)
    while not checkpoint.finished:
        checkpoint = engine.advance(experiment, checkpoint, budget or Budget())
    return checkpoint


def updates(film: Film) -> list[int]:
    return [frame.updates for frame in film]


def same(one: Film, other: Film) -> bool:
    return updates(one) == updates(other) and all(
        np.array_equal(a.weights, b.weights) for a, b in zip(one, other, strict=True)
    )


# When frames are due


def due(last: int) -> list[int]:
    """All moments at which frames are due, one after another."""
    found = [0]
    while found[-1] < last:
        found.append(next_frame(found[-1]))
    return found


def test_every_update_at_first_and_then_four_a_doubling() -> None:
    assert due(64) == [*range(9), 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64]


def test_from_anywhere_the_next_frame_is_the_next_that_is_due() -> None:
    every = due(1024)
    for at in range(1000):
        assert next_frame(at) == min(moment for moment in every if moment > at)
        assert is_due(at) == (at in every)


def shot(moments: list[int]) -> Film:
    film: Film = ()
    for moment in moments:
        film = with_frame(film, Frame(moment, np.zeros(1, np.float32)))
    return film


@pytest.mark.parametrize("last", [2_820, 5_625, 60_000, 20_000_000])
def test_a_film_has_at_most_sixty_frames_and_more_of_them_early(last: int) -> None:
    film = updates(shot(due(last)))
    assert len(film) <= MAX_FRAMES < 60
    assert film[:6] == [0, 1, 2, 3, 4, 5]
    assert film[-1] >= last
    assert film == sorted(set(film))
    assert sum(moment <= last / 10 for moment in film) > len(film) / 2
    assert all(b / a <= 2 for a, b in pairwise(film[1:]))


def test_where_one_must_go_it_is_the_latest_of_the_nearest() -> None:
    film = updates(shot(due(1 << 16)))
    gone = set(due(1 << 16)) - set(film)
    # 7 / 8 of a power of two: 16 / 12 = 1.33 is less than 12 / 8, 14 / 10 and 20 / 14
    assert gone == {7 * 2**k for k in range(13 - len(gone) + 1, 14)}


# A frame


def test_a_frame_holds_the_weights_one_after_another() -> None:
    kernel, bias = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0])
    frame = Frame.of(7, (kernel, bias))
    assert (frame.updates, frame.weights.tolist()) == (7, [1, 2, 3, 4, 5, 6])
    assert frame.weights.dtype == np.float32
    back = frame.arrays((2, 2))
    assert np.array_equal(back[0], kernel)
    assert np.array_equal(back[1], bias)


def test_a_frame_of_another_network_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"with 3 parameters\. Received: \(1, 2\), which has 4"):
        Frame(0, np.zeros(3, np.float32)).arrays((1, 2))


# The engine keeps it


@pytest.mark.parametrize(
    "cut",
    [Budget(batches=1), Budget(batches=7), Budget(epochs=1), Budget(seconds=0.0)],
    ids=["one batch", "seven batches", "one epoch", "a moment"],
)
@pytest.mark.parametrize("experiment", [ROUNDING, FIVES], ids=["rounding", "fives"])
def test_the_film_does_not_depend_on_the_cut(experiment: Experiment, cut: Budget) -> None:
    whole = train(experiment).film
    assert updates(whole) == [at for at in due(40) if at <= train(experiment).updates]
    assert same(whole, train(experiment, cut).film)


def test_each_frame_is_the_network_after_so_many_updates() -> None:
    for frame in train(ROUNDING).film:
        then = engine.advance(ROUNDING, begun(ROUNDING), Budget(batches=frame.updates))
        assert same((frame,), (Frame.of(then.updates, then.weights),))


def test_it_begins_with_the_starting_weights() -> None:
    film = engine.advance(ROUNDING, begun(ROUNDING), Budget(batches=0)).film
    assert same(film, (Frame.of(0, model.initial_weights(ROUNDING)),))


def test_more_epochs_go_on_with_the_film() -> None:
    longer = ROUNDING.updated({"fit.epochs": 7})
    assert same(engine.advance(longer, train(ROUNDING), Budget()).film, train(longer).film)


def test_a_run_that_fails_keeps_its_film_until_then() -> None:
    wild = FIVES.updated({"fit.optimizer": "sgd", "fit.learning_rate": 10.0})
    ended = train(wild)
    assert ended.failure
    assert updates(ended.film) == list(range(ended.updates + 1))
    assert all(np.isfinite(frame.weights).all() for frame in ended.film)
    assert same(ended.film, train(wild, Budget(batches=1)).film)


def test_a_large_network_on_images_keeps_its_first_layer_pictures() -> None:
    digits = Experiment(
        DataConfig("digits", 400), ModelConfig((40, 10)), FitConfig(epochs=1, batch_size=32)
    )
    assert digits.parameters > MAX_PARAMETERS
    run = train(digits)
    assert updates(run.film)[:4] == [0, 1, 2, 3]
    first, last = run.film[0], run.film[-1]
    start = model.initial_weights(digits)[0][:, :MAX_FILMED_UNITS]
    assert first.pictures().shape == (MAX_FILMED_UNITS, 28, 28)
    expected = start.T.reshape(-1, 28, 28)
    np.testing.assert_allclose(first.pictures(), expected, atol=1e-4)
    assert not np.array_equal(first.weights, last.weights)
    assert same(Checkpoint.from_bytes(run.to_bytes()).film, run.film)
    assert same(train(digits, Budget(batches=3)).film, run.film)
    assert MAX_FRAMES * first.weights.nbytes < 1_200_000


def test_large_networks_on_numbers_have_no_film() -> None:
    large = ROUNDING.updated({"model.units": (88, 88), "fit.epochs": 1})
    assert large.parameters > MAX_PARAMETERS
    assert train(large).film == ()


def test_a_run_that_began_without_a_film_goes_on_without_one() -> None:
    half = engine.advance(ROUNDING, begun(ROUNDING), Budget(epochs=1))
    assert engine.advance(ROUNDING, replace(half, film=()), Budget()).film == ()


def test_weights_set_by_hand_before_the_first_update_begin_the_film() -> None:
    start = engine.advance(ROUNDING, begun(ROUNDING), Budget(batches=0))
    by_hand = tuple(np.ones_like(array) for array in start.weights)
    film = engine.advance(ROUNDING, replace(start, weights=by_hand), Budget(batches=1)).film
    assert updates(film) == [0, 1]
    assert (film[0].weights == 1).all()


# It goes with the checkpoint


def test_bytes_give_back_the_film() -> None:
    before = train(ROUNDING)
    after = Checkpoint.from_bytes(before.to_bytes())
    assert same(after.film, before.film)
    assert after.film[0].weights.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        after.film[0].weights[0] = 1


def test_without_a_film_bytes_are_those_of_before_there_were_films() -> None:
    before = replace(train(ROUNDING), film=())
    assert b"film" not in before.to_bytes()
    assert Checkpoint.from_bytes(before.to_bytes()).film == ()

"""Training on with a learner's own digits: what is learnt, what is kept, what is told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets
from nncore.digits import synthetic
from nncore.digits.collection import Digit, DigitCollection
from nncore.experiment import Experiment
from nncore.nn.network import Network
from nncore.training import branch as branches
from nncore.training import engine, fine_tuning
from nncore.training.branch import Branch, begin

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SETTINGS = {
    "data.name": "digits",
    "data.samples": 2000,
    "model.units": (32,),
    "fit.optimizer": "adam",
    "fit.batch_size": 32,
    "fit.epochs": 4,
}


def trained(**more: object) -> Checkpoint:
    experiment = Experiment.from_settings({**SETTINGS, **more})
    start = Checkpoint(experiment, datasets.load(experiment.data).fingerprint)
    return engine.advance(experiment, start, Budget())


@pytest.fixture(scope="module")
def parent() -> Checkpoint:
    """A small network that has been trained."""
    return trained()


def strange_digits(count: int = 24) -> DigitCollection:
    """Test images turned upside down, which nobody has seen: an odd style, but a steady one."""
    dataset = datasets.load(Experiment.from_settings(SETTINGS).data)
    rows = np.concatenate([np.flatnonzero(dataset.y_test == d)[: count // 3] for d in (2, 3, 4)])
    digits = [
        Digit.from_image(
            np.ascontiguousarray(dataset.x_test[row][::-1]),
            int(dataset.y_test[row]),
            NOON + timedelta(seconds=int(row)),
        )
        for row in rows
    ]
    return DigitCollection(tuple(digits))


def whole(branch: Branch) -> Branch:
    return fine_tuning.go_on(branch, 1000)


def first_epoch(branch: Branch) -> Branch:
    """The branch after one epoch, in the shortest slices."""
    while not branch.epoch:
        branch = fine_tuning.go_on(branch, 0)
    return branch


def test_it_learns_the_hand_and_does_not_forget_the_rest(parent: Checkpoint) -> None:
    branch = whole(begin(parent, strange_digits()))
    before, after = branch.scores[0], branch.scores[-1]
    assert branch.finished
    assert len(branch.scores) == branches.EPOCHS + 1
    assert after.practised > before.practised + 0.3
    assert after.held > before.held
    assert after.test > before.test - 0.02


def test_what_is_held_out_does_not_change_the_outcome(parent: Checkpoint) -> None:
    digits = strange_digits()
    begun = begin(parent, digits)
    other = digits
    for place in np.flatnonzero(begun.held):
        other = other.relabel(int(place), (other.digits[place].label + 1) % 10)
    same = Branch(begun.checkpoint, other, begun.held)
    one, two = (first_epoch(branch).checkpoint for branch in (begun, same))
    for mine, theirs in zip(one.weights, two.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_slices_give_what_one_piece_gives(
    parent: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branches, "EPOCHS", 3)
    cut = begin(parent, strange_digits())
    while not cut.finished:
        cut = fine_tuning.go_on(cut, 0)
    for mine, theirs in zip(
        cut.checkpoint.weights,
        whole(begin(parent, strange_digits())).checkpoint.weights,
        strict=True,
    ):
        np.testing.assert_array_equal(mine, theirs)


def test_a_slice_may_end_within_an_epoch_which_counts_only_as_a_whole(parent: Checkpoint) -> None:
    scored = fine_tuning.go_on(begin(parent, strange_digits()), 0)
    one = fine_tuning.go_on(scored, 0)
    assert (scored.step, one.step, one.epoch) == (0, 1, 0)  # batches of the first epoch
    assert one.checkpoint is scored.checkpoint
    assert (one.newest.weights[0] != parent.weights[0]).any()
    assert one.without_rest().newest is scored.checkpoint
    end = first_epoch(one)
    assert (end.step, end.newest) == (0, end.checkpoint)
    assert end.checkpoint.edits[-1][2] == 1.0  # epochs


def test_the_first_scores_are_the_parents(parent: Checkpoint) -> None:
    digits = strange_digits(9)
    begun = first_epoch(begin(parent, digits))
    network = Network.of(parent.experiment, parent.weights)
    right = network.predict(digits.images).argmax(1) == digits.labels
    assert begun.scores[0].practised == pytest.approx(right.mean())
    assert np.isnan(begun.scores[0].held)  # too few to hold some out
    assert begun.epoch == 1


def test_a_distorted_run_goes_on_with_distorted_samples() -> None:
    distorted = trained(**{"fit.augment": "affine", "fit.epochs": 1})
    one, two = (first_epoch(begin(distorted, strange_digits(), seed)) for seed in (0, 0))
    plain = first_epoch(begin(trained(**{"fit.epochs": 1}), strange_digits()))
    assert one.epoch == 1
    np.testing.assert_array_equal(one.checkpoint.weights[0], two.checkpoint.weights[0])
    assert (one.checkpoint.weights[0] != plain.checkpoint.weights[0]).any()


@pytest.mark.parametrize(("kind", "others"), [("elastic", 0), ("styles", 154)])
def test_who_learnt_from_other_ways_of_writing_goes_on_seeing_them(kind: str, others: int) -> None:
    parent = trained(**{"fit.augment": kind, "fit.epochs": 1})
    branch = begin(parent, strange_digits())
    dataset = datasets.load(parent.experiment.data)
    images, labels = fine_tuning._draw_known(branch, dataset, np.random.default_rng(0))
    drawn = dict(zip(map(bytes, synthetic.images()[0]), synthetic.images()[1], strict=True))
    found = [(drawn[bytes(x)], y) for x, y in zip(images, labels, strict=True) if bytes(x) in drawn]
    assert len(images) == branches.KNOWN
    assert len(found) == others  # a fifth of 768
    assert all(known == label for known, label in found)


def test_a_branch_names_its_digits_and_leaves_its_parent_alone(parent: Checkpoint) -> None:
    weights = [array.copy() for array in parent.weights]
    one, two = (first_epoch(begin(parent, strange_digits(n))).checkpoint for n in (9, 12))
    assert one.edits
    assert one.edits != two.edits
    assert one.edits[-1][2] == 1.0  # epochs
    assert parent.edits == ()
    for before, now in zip(weights, parent.weights, strict=True):
        np.testing.assert_array_equal(before, now)


def test_it_takes_a_trained_network_and_some_digits(parent: Checkpoint) -> None:
    with pytest.raises(ValueError, match=r"5 digits or more\. Received: 3"):
        begin(parent, strange_digits(3))
    untrained = Checkpoint(parent.experiment, parent.fingerprint)
    with pytest.raises(ValueError, match="trained on digits"):
        begin(untrained, strange_digits())

"""Own drawings as a data set: held out honestly, and only for those who have them."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.data import datasets
from nncore.data.datasets import DataUnavailable, DrawingsMissing
from nncore.data.own_split import split_drawings
from nncore.digits.starters import starter
from nncore.experiment import STARTERS, DataConfig, Experiment
from nncore.own_drawings import Drawing, DrawingError, OwnDrawings

SHAPES = starter("shapes")
OWN = Experiment().updated({"data.name": "own", "data.drawings": "faces"})


def only(own: OwnDrawings, count: int) -> OwnDrawings:
    """The first `count` drawings of each class."""
    kept = [
        one
        for label in range(own.classes)
        for one in [d for d in own.drawings if d.label == label][:count]
    ]
    return OwnDrawings(own.names, tuple(kept))


@pytest.mark.parametrize(("count", "held_out"), [(2, 1), (3, 1), (5, 1), (6, 2), (20, 5), (27, 7)])
def test_a_quarter_of_each_class_is_held_out(count: int, held_out: int) -> None:
    own = only(SHAPES, count)
    split = split_drawings(own)
    assert np.bincount(own.labels[split.held_out]).tolist() == [held_out] * 3
    assert sorted([*split.train, *split.held_out]) == [*range(3 * count)]


def test_another_seed_holds_out_others_and_the_same_seed_the_same() -> None:
    assert np.array_equal(split_drawings(SHAPES, 3).held_out, split_drawings(SHAPES, 3).held_out)
    assert {*split_drawings(SHAPES, 1).held_out} != {*split_drawings(SHAPES, 2).held_out}


def test_the_order_of_the_drawings_does_not_matter() -> None:
    turned = OwnDrawings(SHAPES.names, SHAPES.drawings[::-1])
    one, other = (
        {own.drawings[row] for row in split_drawings(own).held_out} for own in (SHAPES, turned)
    )
    assert one == other


def test_a_drawing_that_is_added_moves_at_most_one_other() -> None:
    less = SHAPES.remove(0)
    before, after = (
        {own.drawings[row] for row in split_drawings(own).held_out} for own in (less, SHAPES)
    )
    assert len(before ^ after) <= 2


def test_classes_take_turns_so_that_smaller_training_sets_are_part_of_larger() -> None:
    sets = [datasets.load(DataConfig("own", 3 * k, drawings="shapes")) for k in (1, 5, 20)]
    for k, one in zip((1, 5, 20), sets, strict=True):
        assert np.bincount(one.y_train).tolist() == [k] * 3
        assert np.array_equal(one.x_test, sets[0].x_test)
        assert np.array_equal(one.x_train, sets[2].x_train[: 3 * k])


def test_a_class_with_too_few_drawings_is_named() -> None:
    few = OwnDrawings(("sun", "moon"), (Drawing(bytes(784), 0),))
    with pytest.raises(DrawingError, match="at least 2 drawings"):
        split_drawings(few)
    with pytest.raises(DataUnavailable, match="'sun' has 1"):
        datasets.load(OWN.with_drawings(few).data)


@pytest.mark.parametrize("name", STARTERS)
def test_every_starter_set_has_as_many_classes_as_the_table_says(name: str) -> None:
    dataset = datasets.load(DataConfig("own", drawings=name))
    assert len(dataset.class_names) == STARTERS[name] == DataConfig("own", drawings=name).outputs
    assert dataset.class_names == starter(name).names
    assert dataset.source.startswith(f"{STARTERS[name]} classes: ")


def test_drawings_go_with_an_experiment_and_no_text_has_them() -> None:
    own = SHAPES.remove(0)
    private = OWN.with_drawings(own)
    assert private.outputs == 3
    assert private.updated({"fit.epochs": 9}).data.own is own
    assert private.updated({"data.drawings": "faces"}).data.own is None
    assert private == private.without_drawings()
    assert private.digest == private.without_drawings().digest
    assert datasets.load(private.data).class_names == SHAPES.names
    read, complaints = Experiment.from_query(private.to_query())
    assert (read, complaints, read.data.own) == (private, [], None)


def test_a_fingerprint_alone_gives_nobody_the_drawings() -> None:
    private = OWN.with_drawings(SHAPES.remove(1))
    datasets.load(private.data)  # they are in this process's memory by now
    with pytest.raises(DrawingsMissing, match="Bring the file"):
        datasets.load(private.without_drawings().data)


@pytest.mark.parametrize("text", ["", "2", "11-" + "0" * 32, "2-xyz", "2-" + "0" * 31, "nothing"])
def test_other_names_of_drawings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"data\.drawings"):
        DataConfig("own", drawings=text)


def test_other_data_have_no_drawings() -> None:
    with pytest.raises(ValueError, match="does not apply"):
        DataConfig("digits", drawings="faces")

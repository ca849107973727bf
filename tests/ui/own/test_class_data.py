"""A class's drawings by the people who drew them."""

from __future__ import annotations

import numpy as np

from nncore.data import datasets
from nncore.experiment import Experiment
from nncore.own_drawings import Drawing, OwnDrawings
from ui.class_store.sketches import Collection
from ui.own.class_data import Score, list_one_handed, list_scores

NAMES = ("a", "b")


def collection(*drawn: tuple[str, int]) -> Collection:
    """Return a drawing for each pair of an author and a class."""
    drawings = [Drawing(n.to_bytes(2) + bytes(782), label) for n, (_, label) in enumerate(drawn, 1)]
    return Collection(OwnDrawings(NAMES, tuple(drawings)), tuple(author for author, _ in drawn))


def test_a_class_that_one_of_several_people_drew_is_named() -> None:
    assert list_one_handed(collection(("x", 0), ("y", 0), ("y", 1))) == ["b"]
    assert list_one_handed(collection(("x", 0), ("y", 0))) == []
    assert list_one_handed(collection(("x", 0), ("x", 1))) == []


def test_each_person_has_a_score_on_held_out_drawings() -> None:
    found = collection(*[(author, label) for author in "xyz" for label in (0, 1) for _ in range(4)])
    dataset = datasets.load(Experiment().with_drawings(found.parts["z"]).data)
    scores = list_scores(found, dataset, dataset.y_test)
    assert [score.author for score in scores] == ["x", "y", "z"]
    assert scores[2] == Score("z", 0, 0, 0)
    assert sum(score.trained for score in scores) == len(dataset.x_train)
    assert sum(score.held_out for score in scores) == len(dataset.x_test)
    assert all(score.right == score.held_out for score in scores)
    wrong = list_scores(found, dataset, np.asarray(1 - dataset.y_test))
    assert not any(score.right for score in wrong)

"""What sharing again sends: the difference between a learner's drawings and the shared ones."""

from __future__ import annotations

from ui.class_store.sketch import Sketch
from ui.class_store.values import Withdrawal
from ui.own.class_share import list_changes


def sketch(name: str, number: int) -> Sketch:
    return Sketch(name, number.to_bytes(2) + bytes(782))


def test_new_drawings_are_shared_and_removed_ones_taken_back() -> None:
    shared = {"1" * 32: sketch("a", 1), "2" * 32: sketch("a", 2)}
    mine = [sketch("a", 2), sketch("b", 1)]
    found = [event for event, _ in list_changes(mine, shared, ("a", "b"))]
    assert found == [Withdrawal("1" * 32), sketch("b", 1)]


def test_drawings_of_classes_that_were_handed_out_before_stay() -> None:
    shared = {"1" * 32: sketch("before", 1)}
    assert list(list_changes([], shared, ("a", "b"))) == []


def test_each_event_has_another_identity() -> None:
    mine = [sketch("a", number) for number in range(9)]
    assert len({identity for _, identity in list_changes(mine, {}, ("a", "b"))}) == 9

"""Runs, drawings, cards and the class's reader."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest

from nncore.digits.collection import Digit, DigitError
from nncore.experiment import Experiment
from tests.ui.class_store.conftest import Clock
from ui.class_store import boards, limits, rows
from ui.class_store.errors import LimitReached
from ui.class_store.store import ClassStore
from ui.class_store.values import (
    Answer,
    Card,
    Drawing,
    MemberKey,
    Progress,
    RunResult,
    TeacherKey,
    Withdrawal,
    new_event,
)

Join: TypeAlias = Callable[[], MemberKey]


def draw(label: int, reading: int | None, seed: int = 0) -> Drawing:
    image = np.random.default_rng(seed).integers(0, 256, (28, 28), np.uint8)
    return Drawing(Digit.from_image(image, label), reading, 0.75)


def run(accuracy: float | None, **settings: object) -> RunResult:
    return RunResult(Experiment().updated(settings), "mnist", accuracy, 1.5, 3)


# Runs


def test_a_run_on_the_board_is_the_run_that_was_recorded(
    store: ClassStore, teacher: TeacherKey, join: Join, clock: Clock
) -> None:
    member = join()
    done = RunResult(Experiment().updated({"fit.epochs": 7}), "mnist", 0.91, 12.5, 4, "NaN")
    store.record_run(member, done)
    (row,) = store.list_runs(teacher)
    assert row.result == done
    assert (row.member, row.at) == (store.view_member(member).name, clock.now)


def test_a_run_that_diverged_has_no_accuracy(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.record_run(join(), run(None))
    assert store.list_runs(teacher)[0].result.accuracy is None


def test_a_run_that_is_sent_again_is_on_the_board_once(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member, identity = join(), new_event()
    for _ in range(2):
        store.record_run(member, run(0.9), identity)
    assert len(store.list_runs(teacher)) == 1
    assert store.list_members(teacher)[0].runs == 1


def test_a_board_that_knows_some_runs_asks_for_the_others(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member = join()
    store.record_run(member, run(0.1))
    known = store.list_runs(teacher)[-1].number
    store.record_run(member, run(0.2))
    store.record_run(member, run(0.3))
    assert [row.result.accuracy for row in store.list_runs(teacher, known)] == [0.2, 0.3]


def test_a_board_reads_the_newest_runs_where_there_are_too_many(
    store: ClassStore, teacher: TeacherKey, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "MOST_ROWS", 2)
    member = join()
    for accuracy in (0.1, 0.2, 0.3):
        store.record_run(member, run(accuracy))
    assert [row.result.accuracy for row in store.list_runs(teacher)] == [0.2, 0.3]


def test_a_run_that_the_teacher_hides_is_off_the_board_until_it_is_shown_again(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.record_run(join(), run(0.9))
    number = store.list_runs(teacher)[0].number
    before = store.version(teacher)
    store.hide(teacher, number)
    assert store.version(teacher) > before
    assert store.list_runs(teacher) == []
    assert store.list_runs(teacher, hidden=True)[0].is_hidden
    store.hide(teacher, number, hidden=False)
    assert len(store.list_runs(teacher)) == 1


# Drawings


def test_a_drawing_on_the_wall_is_the_one_that_was_shared(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    drawing = draw(4, 9)
    store.share_drawing(join(), drawing, new_event())
    assert store.list_drawings(teacher)[0].drawing == drawing


def test_readings_of_shared_drawings_are_counted(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    one, other = join(), join()
    for member, label, reading in ((one, 4, 9), (other, 4, 9), (other, 1, 1), (other, 7, None)):
        store.share_drawing(member, draw(label, reading), new_event())
    expected = np.zeros((10, 11), int)
    expected[4, 9], expected[1, 1], expected[7, 10] = 2, 1, 1
    np.testing.assert_array_equal(store.count_readings(teacher), expected)


def test_a_hidden_drawing_is_neither_shown_nor_counted(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.share_drawing(join(), draw(4, 9), new_event())
    store.hide(teacher, store.list_drawings(teacher)[0].number)
    assert store.list_drawings(teacher) == []
    assert store.count_readings(teacher).sum() == 0


def test_a_drawing_that_is_taken_back_is_deleted(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member, drawing = join(), new_event()
    store.share_drawing(member, draw(4, 9), drawing)
    store.unshare(member, drawing)
    assert store.list_drawings(teacher, hidden=True) == []
    assert store.count_readings(teacher).sum() == 0
    assert "pixels" not in store.export_json(teacher)


def test_a_drawing_that_was_taken_back_does_not_return_when_it_is_sent_again(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member, drawing = join(), new_event()
    store.share_drawing(member, draw(4, 9), drawing)
    store.unshare(member, drawing)
    store.share_drawing(member, draw(4, 9), drawing)
    assert store.list_drawings(teacher) == []


def test_nobody_takes_back_the_drawing_of_another_member(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    drawing = new_event()
    store.share_drawing(join(), draw(4, 9), drawing)
    store.unshare(join(), drawing)
    assert len(store.list_drawings(teacher)) == 1


def test_a_teacher_hides_nothing_of_another_class(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.share_drawing(join(), draw(4, 9), new_event())
    number = store.list_drawings(teacher)[0].number
    store.hide(store.create_class("mnist"), number)
    assert len(store.list_drawings(teacher)) == 1


def test_a_drawing_is_28_by_28_pixels_with_a_label() -> None:
    with pytest.raises(DigitError):
        Digit.from_image(np.zeros((280, 280), np.uint8), 3)
    with pytest.raises(DigitError):
        draw(10, None)


# Cards


def test_members_receive_what_they_do_not_know_yet(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.send(teacher, Card("Open this", "/mnist?fit.epochs=5"))
    member = join()
    (first,) = store.receive(member)
    assert (first.title, first.address, first.kind) == ("Open this", "/mnist?fit.epochs=5", "link")
    store.send(teacher, Card("Why?", "/mnist", "question"))
    assert [card.title for card in store.receive(member, first.number)] == ["Why?"]


def test_a_card_that_is_sent_again_arrives_once(store: ClassStore, teacher: TeacherKey) -> None:
    identity = new_event()
    for _ in range(2):
        store.send(teacher, Card("Open this", "/mnist"), identity)
    assert len(store.receive(teacher)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org",
        "//example.org",
        "/mnist#top",
        "javascript:alert(1)",
        "/a/b",
        "/\\example.org",
        "?a=b c",
        "/mnist?" + "x" * 3000,
    ],
)
def test_a_card_leads_nowhere_but_into_the_lab(address: str) -> None:
    with pytest.raises(ValueError, match="address in the lab"):
        Card("Open this", address)


# The reader


def test_the_class_is_offered_the_newest_reader(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member = join()
    assert store.read_reader(member) is None
    assert not store.view_class(member).has_reader
    for data in (b"one", b"two"):
        store.offer_reader(teacher, data)
    assert store.read_reader(member) == b"two"
    assert store.view_class(member).has_reader


def test_a_reader_has_a_bound(store: ClassStore, teacher: TeacherKey) -> None:
    with pytest.raises(LimitReached):
        store.offer_reader(teacher, bytes(limits.MOST_READER_BYTES + 1))


# Bounds


def test_a_member_writes_only_so_many_events(
    store: ClassStore, teacher: TeacherKey, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_EVENTS", 2)
    one, other, drawing = join(), join(), new_event()
    store.share_drawing(one, draw(1, 1), drawing)
    store.unshare(one, drawing)
    with pytest.raises(LimitReached):
        store.share_drawing(one, draw(1, 1), new_event())
    store.share_drawing(other, draw(1, 1), new_event())
    assert len(store.list_drawings(teacher)) == 1


def test_a_class_takes_only_so_many_bytes(
    store: ClassStore, teacher: TeacherKey, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_CLASS_BYTES", 3000)
    member = join()
    store.share_drawing(member, draw(1, 1, seed=1), new_event())  # noise: about 1,400 bytes
    store.share_drawing(member, draw(1, 1, seed=2), new_event())
    with pytest.raises(LimitReached):
        store.share_drawing(member, draw(1, 1, seed=3), new_event())
    assert len(store.list_drawings(teacher)) == 2


def test_a_teacher_acts_only_so_often(
    store: ClassStore, teacher: TeacherKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_ACTS", 1)
    store.open_question(teacher, "one")
    with pytest.raises(LimitReached):
        store.open_question(teacher, "two")
    assert store.view_class(teacher).question.name == "one"


def test_the_largest_drawing_and_the_longest_card_are_small_enough_for_an_event(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.share_drawing(join(), draw(8, 8), new_event())  # noise is what compresses worst
    store.send(teacher, Card("x" * 400, "/mnist?" + "x" * 2900))


def test_an_event_that_is_refused_leaves_no_trace(
    store: ClassStore, teacher: TeacherKey, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = join()
    before = store.version(teacher)
    monkeypatch.setattr(rows, "MOST_BYTES", 10)
    with pytest.raises(LimitReached):
        store.record_progress(member, Progress("mnist", 4))
    assert store.version(teacher) == before
    assert store.list_members(teacher)[0].step == 0


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Answer, ("why", float("nan"))),
        (Answer, ("why", float("inf"))),
        (Answer, ("why", 1, 0)),
        (Answer, ("w" * 81, 1)),
        (Answer, ("two\nlines", 1)),
        (Answer, ("\ud800", 1)),
        (Progress, ("mnist", 10**12)),
        (Progress, ("mnist", 1, "\0")),
        (RunResult, (Experiment(), "mnist", 1.01, 1.0, 1)),
        (RunResult, (Experiment(), "mnist", float("nan"), 1.0, 1)),
        (RunResult, (Experiment(), "mnist", 0.5, -1.0, 1)),
        (Drawing, (draw(1, 1).digit, 10)),
        (Drawing, (draw(1, 1).digit, 1, 1.5)),
        (Withdrawal, ("all",)),
        (Card, ("x", "/mnist", "order")),
    ],
)
def test_an_event_out_of_bounds_is_refused_when_it_is_made(
    kind: Callable[..., object], values: tuple[object, ...]
) -> None:
    with pytest.raises(ValueError, match="must be"):
        kind(*values)

"""What waits while the class's database cannot be reached."""

import time
from collections.abc import Iterator
from threading import Event

import pytest

from ui.class_store import outbox
from ui.class_store.errors import AnswersClosed, ClassError, LimitReached, StoreUnavailable
from ui.class_store.outbox import Outbox
from ui.class_store.values import (
    Answer,
    Hand,
    MemberEvent,
    MemberKey,
    Progress,
    Withdrawal,
    new_event,
)

ONE, TWO = MemberKey("KTRWPX", "1" * 32), MemberKey("KTRWPX", "2" * 32)
PATIENCE = 10.0


class Recorder:
    """Stands for a store that can be unavailable, and that can refuse events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, MemberEvent]] = []
        self.error: Exception | None = None
        self.arrived = Event()
        self.expected = 1

    def record(self, key: MemberKey, event: MemberEvent, identity: str = "") -> None:
        if self.error is not None:
            raise self.error
        self.events.append((key.token[0], event))
        if len(self.events) >= self.expected:
            self.arrived.set()

    def purge(self) -> int:
        return 0

    def is_back(self, expected: int) -> list[tuple[str, MemberEvent]]:
        self.expected, self.error = expected, None
        assert self.arrived.wait(PATIENCE)
        return self.events


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def box(recorder: Recorder) -> Iterator[Outbox]:
    box = Outbox(recorder, retry=0.01)
    yield box
    box.close()


def test_an_event_is_sent_at_once(box: Outbox, recorder: Recorder) -> None:
    assert box.send(ONE, Hand())
    assert recorder.events == [("1", Hand())]


def test_an_event_waits_and_is_counted_while_the_store_is_away(
    box: Outbox, recorder: Recorder
) -> None:
    recorder.error = StoreUnavailable("away")
    assert not box.send(ONE, Hand())
    assert (box.waiting(ONE), box.waiting(TWO), len(box)) == (1, 0, 1)


def test_what_waits_arrives_in_order_once_the_store_is_back(
    box: Outbox, recorder: Recorder
) -> None:
    recorder.error = StoreUnavailable("away")
    answers = [Answer("q", value, number) for number, value in ((1, 3), (2, 1), (3, 2))]
    for answer in answers:
        box.send(ONE, answer)
    assert [event for _, event in recorder.is_back(3)] == answers


def test_a_later_event_does_not_overtake_one_that_waits(box: Outbox, recorder: Recorder) -> None:
    recorder.error = StoreUnavailable("away")
    box.send(ONE, Hand())
    recorder.error = None
    box.send(ONE, Answer("q", 1))
    assert [event for _, event in recorder.is_back(2)] == [Hand(), Answer("q", 1)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Progress("mnist", 1), Progress("mnist", 2)),
        (Hand(True), Hand(False)),
        (Answer("q", 1), Answer("q", 2)),
    ],
)
def test_a_newer_state_replaces_an_older_one_that_waits(
    recorder: Recorder, old: MemberEvent, new: MemberEvent
) -> None:
    box = Outbox(recorder, retry=60)  # it does not try again while this test runs
    recorder.error = StoreUnavailable("away")
    box.send(ONE, old)
    box.send(ONE, new)
    assert box.waiting(ONE) == 1
    box.close()


def test_an_event_that_the_class_refuses_is_told_to_the_page(
    box: Outbox, recorder: Recorder
) -> None:
    recorder.error = AnswersClosed("closed")
    with pytest.raises(AnswersClosed):
        box.send(ONE, Answer("q", 1))
    assert box.waiting(ONE) == 0


@pytest.mark.parametrize("error", [ClassError("no"), ValueError("a mistake in the lab")])
def test_an_event_that_is_refused_later_does_not_hold_up_others(
    box: Outbox, recorder: Recorder, error: Exception
) -> None:
    recorder.error = StoreUnavailable("away")
    box.send(ONE, Hand())
    recorder.error = error
    deadline = time.monotonic() + PATIENCE
    while box.waiting(ONE) and time.monotonic() < deadline:
        time.sleep(0.01)
    recorder.error = None
    assert box.send(TWO, Hand())
    assert recorder.events == [("2", Hand())]


def test_a_member_can_have_only_so_many_events_waiting(box: Outbox, recorder: Recorder) -> None:
    recorder.error = StoreUnavailable("away")
    for _ in range(outbox.MOST_OF_MEMBER):
        box.send(ONE, Withdrawal(new_event()))
    with pytest.raises(LimitReached):
        box.send(ONE, Withdrawal(new_event()))
    assert not box.send(TWO, Hand())


def test_all_members_together_can_have_only_so_many(
    box: Outbox, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_OF_ALL", 1)
    recorder.error = StoreUnavailable("away")
    box.send(ONE, Hand())
    with pytest.raises(LimitReached):
        box.send(TWO, Hand())


def test_what_waits_for_a_member_who_leaves_is_forgotten(box: Outbox, recorder: Recorder) -> None:
    recorder.error = StoreUnavailable("away")
    box.send(ONE, Hand())
    box.drop(ONE)
    assert len(box) == 0

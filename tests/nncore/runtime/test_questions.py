"""Questions to workers: sessions take turns, and slices never wait for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

import pytest

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime import tasks
from nncore.runtime.questions import MOST_WAITING, ask_in_pieces
from nncore.runtime.runner import Runner


class Held(Executor):
    """Holds what is submitted until the test answers it."""

    def __init__(self) -> None:
        self.sent: list[tuple[Callable[..., Any], tuple[Any, ...], Future[Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        self.sent.append((fn, args, Future()))
        return self.sent[-1][2]

    def names(self) -> list[str]:
        return [str(args[0]) for fn, args, _ in self.sent if fn is len]


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def runner(held: Held) -> Iterator[Runner]:
    found = Runner(None, 2)
    yield found
    found.close()


def until(condition: Callable[[], bool]) -> None:
    import time

    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_sessions_take_turns(runner: Runner, held: Held) -> None:
    for name in ("a1", "a2", "a3"):
        runner.enqueue("ann", len, name)
    runner.enqueue("ben", len, "b1")
    runner.use(held)
    for count in range(1, 5):
        until(lambda count=count: len(held.sent) == count)  # type: ignore[misc]
        held.sent[-1][2].set_result(2)
    assert held.names() == ["a1", "b1", "a2", "a3"]


def test_a_slot_is_left_for_slices(runner: Runner, held: Held) -> None:
    for number in range(9):
        runner.enqueue(f"session {number}", len, f"q{number}")
    runner.submit("ann", Checkpoint(Experiment(), "data"))
    runner.use(held)
    until(lambda: len(held.sent) == 2)
    assert [fn for fn, _, _ in held.sent] == [len, tasks.advance]


def test_questions_and_slices_take_turns_on_a_single_slot(held: Held) -> None:
    runner = Runner(None, 1)
    for number in range(3):
        runner.enqueue("ben", len, f"q{number}")
    start = Checkpoint(Experiment(), "data")
    runner.submit("ann", start)
    runner.use(held)
    for count in range(1, 6):
        until(lambda count=count: len(held.sent) == count)  # type: ignore[misc]
        held.sent[-1][2].set_result(start)
    runner.close()
    assert [fn is len for fn, _, _ in held.sent[:5]] == [True, False, True, False, True]


def test_an_answer_and_an_error_are_passed_on(runner: Runner, held: Held) -> None:
    good, bad = (runner.enqueue("ann", len, name) for name in ("x", "y"))
    runner.use(held)
    until(lambda: len(held.sent) == 1)
    held.sent[0][2].set_result(1)
    until(lambda: len(held.sent) == 2)
    held.sent[1][2].set_exception(ValueError("no"))
    assert good.result(5) == 1
    assert isinstance(bad.exception(5), ValueError)
    assert runner.in_flight() == 0


def test_an_answer_in_pieces_is_asked_for_until_it_is_whole(runner: Runner, held: Held) -> None:
    answer = ask_in_pieces(partial(runner.enqueue, "ann", len), "begun", int)
    other = runner.enqueue("ben", len, "other")
    runner.use(held)
    for count, piece in enumerate(("half", 2, 7), start=1):
        until(lambda count=count: len(held.sent) == count)  # type: ignore[misc]
        held.sent[-1][2].set_result(piece)
    assert held.names() == ["begun", "other", "half"]  # others have their turn between two pieces
    assert (other.result(5), answer.result(5)) == (2, 7)
    assert runner.in_flight() == 0


def test_an_answer_fails_with_a_piece_of_it(runner: Runner, held: Held) -> None:
    answer = ask_in_pieces(partial(runner.enqueue, "ann", len), "begun", int)
    runner.use(held)
    until(lambda: len(held.sent) == 1)
    held.sent[-1][2].set_result("half")
    until(lambda: len(held.sent) == 2)
    held.sent[-1][2].set_exception(ValueError("no"))
    assert isinstance(answer.exception(5), ValueError)


def test_an_answer_in_pieces_is_cancelled_with_its_question(runner: Runner) -> None:
    answer = ask_in_pieces(partial(runner.enqueue, "ann", len), "begun", int)
    runner.release("ann")
    assert answer.cancelled()


def test_the_questions_of_a_session_that_left_are_cancelled(runner: Runner, held: Held) -> None:
    gone, other = runner.enqueue("ann", len, "x"), runner.enqueue("ben", len, "y")
    runner.release("ann")
    assert gone.cancelled()
    runner.use(held)
    until(lambda: held.names() == ["y"])
    assert not other.cancelled()


def test_a_session_cannot_fill_the_queue(runner: Runner, held: Held) -> None:
    asked = [runner.enqueue("ann", len, f"a{number}") for number in range(MOST_WAITING + 2)]
    assert [one.cancelled() for one in asked] == [False] * MOST_WAITING + [True, True]
    assert not runner.enqueue("ben", len, "b").cancelled()
    runner.use(held)
    until(lambda: len(held.sent) == 1)
    assert not runner.enqueue("ann", len, "next").cancelled()  # one of hers is on its way


def test_an_executor_that_fails_fails_the_question(runner: Runner) -> None:
    class Gone(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
            raise ConnectionError("gone")

    question = runner.enqueue("ann", len, "x")
    runner.use(Gone())
    assert isinstance(question.exception(5), ConnectionError)
    assert runner.in_flight() == 0

"""Answers of workers: each asked for once, kept by bytes, and never lost while computed."""

from __future__ import annotations

from concurrent.futures import Future

from nncore.runtime.answers import Answers


class Worker:
    """Collects questions until the test answers them."""

    def __init__(self) -> None:
        self.futures: list[Future[bytes]] = []

    def __call__(self) -> Future[bytes]:
        self.futures.append(Future())
        return self.futures[-1]


def is_lost(error: BaseException) -> bool:
    return isinstance(error, ConnectionError)


def test_a_result_is_asked_for_once() -> None:
    answers, worker = Answers[bytes](100, len), Worker()
    assert answers.get("a", worker, is_lost) is None
    assert answers.get("a", worker, is_lost) is None
    worker.futures[0].set_result(b"found")
    assert [answers.get("a", worker, is_lost) for _ in range(2)] == [b"found", b"found"]
    assert len(worker.futures) == 1


def test_any_number_of_readers_are_served_in_spite_of_a_small_budget() -> None:
    """More readers than there is room for: each gets its answer once, none drives another out."""
    answers, worker = Answers[bytes](20, len), Worker()
    served = set()
    for _ in range(3):
        for name in range(12):
            if answers.get(name, worker, is_lost) is not None:
                served.add(name)
        for future in worker.futures:
            if not future.done():
                future.set_result(bytes(10))
    assert served == set(range(12))


def test_results_that_nobody_comes_for_are_kept_within_the_budget_too() -> None:
    """A visitor may leave before the answer is there."""
    now = [0.0]
    answers, worker = Answers[bytes](20, len, clock=lambda: now[0]), Worker()
    for name in range(12):
        answers.get(name, worker, is_lost)
    for future in worker.futures[:10]:
        future.set_result(bytes(10))
    worker.futures[10].cancel()
    answers.get("other", worker, is_lost)
    now[0] = 61.0
    answers.get("other", worker, is_lost)
    assert [*answers._results] == [8, 9]
    assert [*answers._pending] == [11, "other"]
    assert answers.get(9, worker, is_lost) == bytes(10)


def test_the_least_recently_used_go_first() -> None:
    answers, worker = Answers[bytes](20, len), Worker()
    for name in ("a", "b"):
        answers.get(name, worker, is_lost)
        worker.futures[-1].set_result(bytes(10))
        answers.get(name, worker, is_lost)
    answers.get("a", worker, is_lost)
    answers.get("c", worker, is_lost)
    worker.futures[-1].set_result(bytes(10))
    answers.get("c", worker, is_lost)
    assert [*answers._results] == ["a", "c"]
    assert answers._bytes == 20


def test_a_lost_answer_is_asked_for_again_and_an_error_is_not() -> None:
    answers, worker = Answers[bytes](100, len), Worker()
    for error in (ConnectionError(), ValueError()):
        answers.get("a", worker, is_lost)
        worker.futures[-1].set_exception(error)
        assert answers.get("a", worker, is_lost) is None
    answers.get("a", worker, is_lost)
    assert len(worker.futures) == 2


def test_a_cancelled_question_is_asked_again() -> None:
    answers, worker = Answers[bytes](100, len), Worker()
    answers.get("a", worker, is_lost)
    worker.futures[0].cancel()
    assert answers.get("a", worker, is_lost) is None
    answers.get("a", worker, is_lost)
    assert len(worker.futures) == 2


def test_a_question_that_ends_its_worker_is_not_asked_for_ever() -> None:
    answers, worker = Answers[bytes](100, len), Worker()
    for _ in range(10):
        answers.get("a", worker, is_lost, has_killed=lambda error: True)
        if not worker.futures[-1].done():
            worker.futures[-1].set_exception(ConnectionError())
    assert len(worker.futures) == 3
    answers.get("b", worker, is_lost)
    assert len(worker.futures) == 4


def test_a_lost_connection_does_not_count_against_a_question() -> None:
    answers, worker = Answers[bytes](100, len), Worker()
    for _ in range(10):
        answers.get("a", worker, is_lost)
        worker.futures[-1].set_exception(ConnectionError())
        answers.get("a", worker, is_lost)
    assert len(worker.futures) == 10


def test_the_number_of_failures_in_memory_is_bounded() -> None:
    answers, worker = Answers[bytes](100, len, max_failures=4), Worker()
    for name in range(20):
        answers.get(name, worker, is_lost)
        worker.futures[-1].set_exception(ValueError())
        answers.get(name, worker, is_lost)
    assert len(answers._failures) == 4

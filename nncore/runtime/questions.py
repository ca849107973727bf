"""Questions to workers that take longer than a slice: a fair queue, and answers in pieces."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any

#: The most questions of a session that may wait. One holds a network's weights, 12 MB, and where it
#: is answered in pieces also what there is so far, 26 MB.
MOST_WAITING = 8


@dataclass(frozen=True, eq=False)
class _Question:
    """A question of one session.

    Args:
        ask: Sends it to a worker.
        answer: Completed when the worker has answered.
    """

    ask: Callable[[], Future[Any]]
    answer: Future[Any] = field(default_factory=Future)


class QuestionQueue:
    """The questions of all sessions, in turn; at most half of the slots work on them.

    Not safe for threads.
    """

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[_Question]] = OrderedDict()
        self._in_flight = 0

    def add(self, session: str, ask: Callable[[], Future[Any]]) -> Future[Any]:
        """Add a question, and return the future of its answer.

        It is cancelled at once where the session has `MOST_WAITING` already.
        """
        question, waiting = _Question(ask), self._waiting.setdefault(session, deque())
        if len(waiting) < MOST_WAITING:
            waiting.append(question)
        else:
            question.answer.cancel()
        return question.answer

    def release(self, session: str) -> list[Future[Any]]:
        """Drop the waiting questions of a session, and return their futures to be cancelled."""
        return [question.answer for question in self._waiting.pop(session, ())]

    def has_turn(self, slots: int) -> bool:
        """Return True if a question waits and may use a free slot now."""
        return bool(self._waiting) and self._in_flight < max(1, slots // 2)

    def launch(self, done: Callable[[], None]) -> None:
        """Send the question whose turn it is.

        Args:
            done: Called when the worker has answered; it calls `finish`.
        """
        session, questions = next(iter(self._waiting.items()))
        question = questions.popleft()
        self._waiting.move_to_end(session)
        if not questions:
            del self._waiting[session]
        self._in_flight += 1
        try:
            sent = question.ask()
        except Exception as error:  # noqa: BLE001 - the executor itself may be gone
            sent = Future()
            sent.set_exception(error)
        sent.add_done_callback(partial(_pass_on, question.answer, done))

    def finish(self) -> None:
        """Count a question as answered."""
        self._in_flight -= 1


def ask_in_pieces(ask: Callable[[Any], Future[Any]], begun: object, whole: type) -> Future[Any]:
    """Ask, and ask again with what was answered, until that is the whole answer.

    Args:
        ask: Asks for the next piece, given what there is so far. It may be called in any thread.
        begun: What there is before the first piece.
        whole: The type of a whole answer.

    Returns:
        The future of the whole answer. It fails or is cancelled with a piece. A session that leaves
        while a piece is on its way does not end it.
    """
    answer: Future[Any] = Future()

    def take(sent: Future[Any]) -> None:
        if sent.cancelled():
            answer.cancel()
            return
        error = sent.exception()
        if error is not None:
            answer.set_exception(error)
        elif isinstance(sent.result(), whole):
            answer.set_result(sent.result())
        else:
            ask(sent.result()).add_done_callback(take)

    ask(begun).add_done_callback(take)
    return answer


def _pass_on(answer: Future[Any], done: Callable[[], None], sent: Future[Any]) -> None:
    """Complete the future of an answer."""
    done()
    if not answer.set_running_or_notify_cancel():
        return
    error = ConnectionError("The question was cancelled.") if sent.cancelled() else sent.exception()
    if error is None:
        answer.set_result(sent.result())
    else:
        answer.set_exception(error)

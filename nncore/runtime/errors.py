"""Errors of tasks: the sentences that learners read; the details go to the server's log."""

from __future__ import annotations

import re
from concurrent.futures import CancelledError, Future
from typing import Any

from nncore.data.datasets import DataMismatch, DataUnavailable

#: The sentence for an error that says nothing to a learner.
INTERNAL = "The run ended because of an error in the lab. The server's log has the details."
TOO_LARGE = (
    "This network needs more memory than the machine has. Try fewer units or a smaller batch size."
)
#: A path of the server: two or more names with slashes between them.
_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[/\\][\w.~-]+){2,}")


class NotSent(ConnectionError):
    """A task could not be sent: no worker is ready, or the lab is about to notice it is gone."""


class TaskError(RuntimeError):
    """An error of a worker; the message is one sentence for the learner."""


class StoreError(RuntimeError):
    """A finished run cannot be stored; the message is one sentence for the learner."""


#: Errors whose messages are written for learners.
READABLE = (ValueError, TaskError, StoreError, ConnectionError, DataMismatch, DataUnavailable)


def is_unsent(error: BaseException) -> bool:
    """Return True for a question that no worker got: nobody failed, and it can be asked again."""
    return isinstance(error, (NotSent, CancelledError))


def sentence_of(error: BaseException) -> str:
    """Return one sentence for the learner.

    Messages of errors that are not `READABLE`, and messages that name a path of the server, are not
    shown.
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return TOO_LARGE
    text = str(error)
    if isinstance(error, READABLE) and text and not _PATH.search(text):
        return text
    return INTERNAL


def reason_of(error: BaseException) -> str:
    """Return why something failed, as the end of a sentence, without a path of the server."""
    text = (error.strerror if isinstance(error, OSError) else "") or ""
    text = text or (str(error) if isinstance(error, READABLE) else "")
    if text and not _PATH.search(text):
        return text.removesuffix(".")
    return "the server's log says why"


def start_sentence(error: BaseException) -> str:
    """Return the sentence that says why the workers cannot be used."""
    said = sentence_of(error)
    if said == INTERNAL or (isinstance(error, OSError) and error.strerror):
        return f"The worker could not start: {reason_of(error)}."
    return said


def failed_future(error: BaseException) -> Future[Any]:
    """Return the future of a task that could not be sent."""
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def error_of(future: Future[Any]) -> BaseException | None:
    """Return the error of a task that is done, or None."""
    if future.cancelled():
        return ConnectionError("The task was cancelled.")
    return future.exception()

"""A task's result or error is handed on, whatever happens to its worker in the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future
from types import SimpleNamespace
from typing import Any

import pytest

from nncore.runtime.cluster import is_lost
from nncore.runtime.dask_executor import DaskExecutor


class Loop:
    def add_callback(self, function: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        asyncio.run(function(*arguments))  # type: ignore[arg-type]


class Client:
    """A client whose worker is gone as soon as a result was fetched."""

    loop = Loop()

    def __init__(self, outcome: object) -> None:
        self.outcome = outcome

    def submit(self, *call: object, **options: object) -> SimpleNamespace:
        return SimpleNamespace(status="finished")

    async def gather(self, sent: SimpleNamespace, asynchronous: bool) -> object:
        sent.status = "lost"
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


def answer_of(outcome: object) -> Future[Any]:
    return DaskExecutor(Client(outcome)).submit(len)


@pytest.mark.parametrize("result", ["four", (1, 2, 3), None])
def test_a_result_is_one_although_its_worker_has_just_gone(result: object) -> None:
    assert answer_of(result).result(0) == result


def test_an_error_is_handed_on() -> None:
    error = ValueError("no")
    assert answer_of(error).exception(0) is error


def test_a_client_that_is_being_closed_counts_as_lost() -> None:
    error = answer_of(asyncio.CancelledError()).exception(0)
    assert isinstance(error, CancelledError)
    assert is_lost(error)

"""Questions of pages that a worker answers: what a page shows where the worker fails."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from types import SimpleNamespace
from typing import Any

import pytest
from distributed.scheduler import KilledWorker

from nncore.experiment import Experiment
from nncore.runtime.errors import TaskError
from nncore.runtime.runner import Runner
from ui.core import cached_results


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (KilledWorker("summary", None, 0), None),
        (CancelledError(), None),
        (TimeoutError(), None),
        (ValueError("too many values to unpack"), None),
        (TaskError("An error in the lab."), "An error in the lab."),
    ],
)
def test_a_page_is_drawn_although_the_worker_of_its_question_fails(
    error: BaseException, shown: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*question: Any) -> Future[str]:
        future: Future[str] = Future()
        future.set_exception(error)
        return future

    lab = SimpleNamespace(status=SimpleNamespace(ready=True), runner=SimpleNamespace(ask=ask))
    monkeypatch.setattr(cached_results, "lab", lambda: lab)
    experiment = Experiment().updated({"fit.seed": 12345})  # asked for nowhere else
    assert cached_results.summary(experiment) == shown


def test_a_page_is_drawn_although_the_workers_went_a_moment_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Closed(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
            raise RuntimeError("Tried sending message after closing. Status: closed")

    runner = Runner(Closed())
    lab = SimpleNamespace(status=SimpleNamespace(ready=True), runner=runner)
    monkeypatch.setattr(cached_results, "lab", lambda: lab)
    experiment = Experiment().updated({"fit.seed": 23456})  # asked for nowhere else
    assert cached_results.summary(experiment) is None
    runner.close()

"""Small work on a few threads, however much of it there is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from nncore.runtime import background
from nncore.runtime.background import Background


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def workers() -> int:
    return sum(thread.name == "background" for thread in threading.enumerate())


def test_thousands_of_delayed_tasks_take_a_few_threads() -> None:
    before, here = workers(), Background(threads=2)
    for _ in range(2000):
        here.run(lambda: None, delay=3600)
    assert workers() - before <= 2


def test_tasks_run_when_they_are_due_in_their_order() -> None:
    found: list[str] = []
    here = Background(threads=1)
    here.run(lambda: found.append("late"), delay=0.1)
    here.run(lambda: found.append("early"))
    until(lambda: found == ["early", "late"])


def test_a_task_that_waits_does_not_hold_up_the_next() -> None:
    gate, done = threading.Event(), threading.Event()
    here = Background(threads=2)
    here.run(lambda: gate.wait(10))
    here.run(done.set)
    assert done.wait(5)
    gate.set()


def test_a_task_that_fails_does_not_end_its_thread(caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()
    here = Background(threads=1)
    here.run(lambda: 1 / 0)
    here.run(done.set)
    assert done.wait(5)
    assert "A task in the background failed" in caplog.text


def test_threads_end_when_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "IDLE", 0.05)
    here = Background()
    here.run(lambda: None)
    until(lambda: here._threads == 0)

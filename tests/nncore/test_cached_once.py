"""Threads that ask for the same result share one."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from nncore.cached_once import cached_once


def test_threads_that_ask_at_the_same_time_get_the_same_object() -> None:
    together = threading.Barrier(4)
    calls: list[str] = []

    @cached_once(maxsize=4)
    def make(name: str) -> list[str]:
        calls.append(name)
        time.sleep(0.05)  # the others ask meanwhile
        return [name]

    def ask() -> list[str]:
        together.wait()
        return make("images")

    with ThreadPoolExecutor(4) as pool:
        found = [one.result() for one in [pool.submit(ask) for _ in range(4)]]
    assert calls == ["images"]
    assert all(one is found[0] for one in found)


def test_the_least_recently_used_result_goes_first() -> None:
    calls: list[int] = []

    @cached_once(maxsize=2)
    def double(number: int) -> int:
        calls.append(number)
        return 2 * number

    assert [double(number) for number in (1, 2, 1, 3, 1, 2)] == [2, 4, 2, 6, 2, 4]
    assert calls == [1, 2, 3, 2]


def test_a_function_may_call_itself_and_an_error_is_not_kept() -> None:
    @cached_once(maxsize=8)
    def factorial(number: int) -> int:
        if number < 0:
            raise ValueError(number)
        return number * factorial(number - 1) if number else 1

    assert factorial(4) == 24
    for _ in range(2):
        with pytest.raises(ValueError, match="-1"):
            factorial(-1)

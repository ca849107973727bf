"""A cache that counts what it holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

from nncore.byte_cache import ByteCache, size_of
from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment


@dataclass
class Pair:
    first: np.ndarray
    second: np.ndarray


def test_the_size_of_a_value_has_all_arrays_in_it_and_counts_each_once() -> None:
    array = np.zeros(10_000, np.uint8)
    assert size_of(array) == 10_000
    assert 10_000 < size_of(Pair(array, array)) < 11_000
    assert 20_000 < size_of({"a": [array], "b": (array.copy(),)}) < 21_000
    assert 5_000 < size_of("x" * 5_000) < 5_100


def test_the_size_of_a_checkpoint_has_every_group_of_arrays_in_it() -> None:
    def arrays(count: int) -> tuple[np.ndarray, ...]:
        return (np.zeros(count, np.uint8),)

    groups = {"weights": 10_000, "slots": 20_000, "counters": 40_000, "aside": 80_000}
    held = {name: arrays(count) for name, count in groups.items()}
    one = Checkpoint(Experiment(), "data", **held)  # type: ignore[arg-type] # by group
    empty = size_of(Checkpoint(Experiment(), "data"))
    assert 150_000 <= size_of(one) - empty < 151_000


def test_results_are_kept_by_bytes_and_the_least_recently_used_go_first() -> None:
    cache = ByteCache[bytes](100, len)
    for name in "abc":
        cache.get(name, lambda: bytes(40))
        cache.get("a", lambda: pytest.fail("It is there."))
    assert (len(cache), cache.nbytes) == (2, 80)
    cache.get("a", lambda: pytest.fail("It was used last."))
    assert cache.get("b", lambda: b"again") == b"again"


def test_many_results_of_any_size_stay_within_the_budget() -> None:
    cache = ByteCache[bytes](1000, len)
    for number in range(500):
        cache.get(number, lambda size=number: bytes(size))  # type: ignore[misc]
        assert cache.nbytes <= 1000
    cache.get("huge", lambda: bytes(5000))
    assert (len(cache), cache.nbytes) == (1, 5000)  # what a page shows stays
    cache.get("small", lambda: bytes(10))
    assert (len(cache), cache.nbytes) == (1, 10)


def test_an_error_is_raised_and_not_kept() -> None:
    cache = ByteCache[bytes](100, len)

    def fail() -> bytes:
        raise ConnectionError("No worker is ready.")

    with pytest.raises(ConnectionError):
        cache.get("a", fail)
    assert cache.get("a", lambda: b"found") == b"found"


def test_threads_that_ask_at_the_same_time_wait_for_one_computation() -> None:
    cache, begun, may_end = ByteCache[bytes](100, len), threading.Event(), threading.Event()
    computed = []

    def compute() -> bytes:
        begun.set()
        may_end.wait(10)
        computed.append(1)
        return b"found"

    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(cache.get, "a", compute)
        begun.wait(10)
        others = [threads.submit(cache.get, "a", compute) for _ in range(3)]
        may_end.set()
        assert {one.result(10) for one in (first, *others)} == {b"found"}
    assert len(computed) == 1


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_who_waits_computes_where_the_thread_that_computed_was_stopped() -> None:
    class Stopped(BaseException):
        """As Streamlit stops a page's thread."""

    cache: ByteCache[str] = ByteCache(1000)
    begun, stop = threading.Event(), threading.Event()

    def be_stopped() -> str:
        begun.set()
        stop.wait(5)
        raise Stopped

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, "key", be_stopped)
        begun.wait(5)
        pending = cache._pending["key"]
        second = pool.submit(cache.get, "key", lambda: "made")
        until(lambda: bool(pending._waiters))
        stop.set()
        assert second.result(5) == "made"
        assert isinstance(first.exception(5), Stopped)
    assert cache.get("key", be_stopped) == "made"

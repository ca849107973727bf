"""The lab beside its workers: what it does where their end of the line fails."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nncore.runtime.cluster import Cluster
from nncore.runtime.lab import Lab, wait_until_ready
from nncore.runtime.store import Store


class Client:
    """Says what `distributed.Client` says; from its third answer on it raises an error instead."""

    status = "running"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked = 0

    def nthreads(self) -> dict[str, int]:
        self.asked += 1
        if self.error is not None and self.asked > 2:
            raise self.error
        return {"here": 1}

    def close(self, timeout: float) -> None:
        self.status = "closed"


@pytest.mark.parametrize("error", [KeyError("workers"), AttributeError("ncores"), OSError("gone")])
def test_workers_that_fail_in_any_way_are_ended_and_others_take_their_place(
    error: Exception,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("nncore.runtime.lab.INTERVAL", 0.01)
    first, second = Client(error), Client()
    clients = iter((first, second))
    with ThreadPoolExecutor(1) as executor, caplog.at_level(logging.CRITICAL):
        lab = Lab(Store(tmp_path), lambda: Cluster(executor, next(clients)))
        lab.start()
        wait_until_ready(lab)
        while not second.asked:
            time.sleep(0.01)
        wait_until_ready(lab)
        lab.close()
    assert (first.status, second.status) == ("closed", "closed")

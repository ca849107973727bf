"""Training on other machines: over TLS, and while one of them is cut off."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.experiment import DataConfig, Experiment, FitConfig
from nncore.runtime import node
from nncore.runtime.cluster import open_cluster
from nncore.runtime.lab import Lab, wait_until_ready
from nncore.runtime.run import Run
from nncore.runtime.store import Store
from nncore.runtime.tls import KeyFiles, write_keys
from tests.deploy import cluster

#: Seconds until a busy machine has done anything here; and in which a cut must be noticed, by
#: dask's setting of 12 s and what a busy machine adds.
PATIENCE, NOTICED = 240.0, 60.0


def use(monkeypatch: pytest.MonkeyPatch, keys: KeyFiles) -> None:
    for name, path in (("CA", keys.ca), ("CERT", keys.cert), ("KEY", keys.key)):
        monkeypatch.setenv(f"NNCORE_TLS_{name}", str(path))


def wait_for_epoch(run: Run, epoch: int, patience: float) -> None:
    end = time.monotonic() + patience
    while run.peek().checkpoint.epoch < epoch:
        assert time.monotonic() < end, run.peek().state
        time.sleep(0.05)


def test_a_run_goes_on_at_the_other_worker_where_one_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = write_keys(tmp_path / "keys")
    use(monkeypatch, keys)
    experiment = Experiment(
        DataConfig("rounding", samples=10_000), fit=FitConfig(epochs=40, batch_size=32)
    )
    fingerprint = datasets.load(experiment.data).fingerprint
    with ExitStack() as stack:
        hosts = [stack.enter_context(cluster.host(number)) for number in (1, 2)]
        port = stack.enter_context(cluster.scheduler(keys, tmp_path))
        for one in hosts:
            address = f"tls://{one.gateway}:{port}"
            stack.enter_context(cluster.worker(keys, address, tmp_path, one))
        lab = Lab(Store(tmp_path / "store"), lambda: open_cluster(f"tls://127.0.0.1:{port}"))
        stack.callback(lab.close)
        lab.start()
        wait_until_ready(lab)
        end = time.monotonic() + PATIENCE
        while lab.slots < 4 and time.monotonic() < end:
            time.sleep(0.1)
        assert lab.slots == 4
        runs = [
            lab.runner.submit(f"learner {n}", Checkpoint(experiment, fingerprint), rate=600)
            for n in range(4)
        ]
        for run in runs:
            wait_for_epoch(run, 2, PATIENCE)
        reached = [run.peek().checkpoint.epoch for run in runs]
        assert max(reached) < 40
        hosts[0].cut()
        began = time.monotonic()
        for run, epoch in zip(runs, reached, strict=True):
            wait_for_epoch(run, epoch + 3, NOTICED)
        print(f"All runs went on after {time.monotonic() - began:.1f} s.")  # noqa: T201 - a figure
        for run in runs:
            wait_for_epoch(run, 40, PATIENCE)
        first, *others = [run.peek().checkpoint.weights for run in runs]
    for weights in others:
        assert all(np.array_equal(a, b) for a, b in zip(first, weights, strict=True))


def test_a_node_without_keys_or_with_an_open_address_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("CA", "CERT", "KEY"):
        monkeypatch.delenv(f"NNCORE_TLS_{name}", raising=False)
    with pytest.raises(SystemExit):
        node.main(["scheduler"])
    assert "Set NNCORE_TLS_CA" in capsys.readouterr().err
    use(monkeypatch, write_keys(tmp_path / "keys"))
    monkeypatch.setenv("NNCORE_SCHEDULER", "tcp://scheduler:8786")
    with pytest.raises(SystemExit):
        node.main(["worker"])
    assert "must be tls://HOST:PORT" in capsys.readouterr().err

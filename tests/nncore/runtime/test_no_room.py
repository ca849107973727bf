"""A lab whose folders are full, or cannot be written: it says so, or goes on without them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.runtime.jobs import State
from nncore.runtime.lab import Lab, wait_until_ready
from nncore.runtime.store import Store

SHORT = Experiment(
    DataConfig("rounding", 2000),
    ModelConfig((8,)),
    FitConfig("adam", loss="sparse_categorical_crossentropy", epochs=2, batch_size=32),
)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_full_folder_for_temporary_files_is_named_and_noticed_when_it_has_room(
    small_disk: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_disk(2**20)
    others = folder / "others"
    others.write_bytes(bytes(shutil.disk_usage(folder).free))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with closing(Lab(Store(tmp_path / "models"))) as lab:
        lab.start()
        until(lambda: "The worker could not start" in lab.status.sentence)
        assert lab.status.sentence == "The worker could not start: No space left on device."
        assert [path.name for path in folder.iterdir()] == ["others"]
        others.unlink()
        wait_until_ready(lab, 120)
    assert [*folder.iterdir()] == []


def test_a_lab_trains_although_nothing_can_be_written(
    small_disk: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = small_disk(2**20)
    subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)
    monkeypatch.setenv("NNCORE_CACHE_DIR", str(home / "nncore"))
    with closing(Lab(Store(home / "nncore" / "models"))) as lab:
        lab.start()
        wait_until_ready(lab, 120)
        run = lab.runner.submit("ann", Checkpoint(SHORT, datasets.load(SHORT.data).fingerprint))
        until(lambda: run.progress().state.over and bool(run.progress().note))
    assert run.peek().state is State.FINISHED
    assert run.peek().checkpoint.epoch == 2
    assert "Read-only file system" in run.peek().note

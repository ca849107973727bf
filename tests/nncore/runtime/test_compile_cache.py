"""XLA's cache on disk: probed, bounded, checked, and never in the way of training."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nncore.runtime import compile_cache
from tests.nncore.runtime.conftest import MakeDisk

ROOT = Path(__file__).resolve().parents[3]
#: Trains a small network in a process of its own and prints its number of updates.
PROGRAM = """
from nncore.checkpoint import Budget, Checkpoint
from nncore.data.datasets import load
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.runtime import compile_cache, tasks
compile_cache.FREE_BYTES = 0
fit = FitConfig("adam", loss="sparse_categorical_crossentropy", epochs=1, batch_size=32)
experiment = Experiment(DataConfig("rounding", 64), ModelConfig((3,)), fit)
{damage}
start = Checkpoint(experiment, load(experiment.data).fingerprint)
print(tasks.advance(experiment, start, Budget()).updates, compile_cache.is_enabled())
"""


def train(damage: str = "") -> str:
    """Train in a process of its own; the damage comes once it is ready."""
    program = PROGRAM.format(damage=damage and f"tasks.warm_up()\n{damage}")
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def compiled(path: Path, name: str, size: int = 10, age: float = 0.0) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    file = path / f"{name}.pb"
    file.write_bytes(os.urandom(size))
    os.utime(file, (time.time() - age,) * 2)
    return file


def test_a_usable_folder_has_no_problem_and_keeps_nothing_of_the_probe(tmp_path: Path) -> None:
    assert compile_cache.probe(tmp_path / "xla") == ""
    assert list((tmp_path / "xla").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "exists" in compile_cache.probe(tmp_path / "file")


def test_a_full_disk_is_a_problem(small_disk: MakeDisk) -> None:
    assert "MB are free" in compile_cache.probe(small_disk(2**20))
    assert "No space left" in compile_cache.probe(small_disk(2**14))


def test_a_worker_goes_without_a_folder_that_cannot_be_used(
    cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setenv("TF_XLA_FLAGS", "")
    cache_dir.touch()
    compile_cache.enable()
    assert not compile_cache.is_enabled()
    cache_dir.unlink()
    compile_cache.enable()
    assert compile_cache.is_enabled()


def test_the_oldest_files_go_first(tmp_path: Path) -> None:
    files = [compiled(tmp_path, str(age), 100, age) for age in (1, 2, 3)]
    compile_cache.seal(tmp_path)
    compile_cache.prune(tmp_path, 200)
    assert [file.exists() for file in files] == [True, True, False]
    assert len(list(tmp_path.iterdir())) == 4


def test_a_file_that_has_changed_is_removed_and_a_whole_one_stays(tmp_path: Path) -> None:
    whole, damaged = compiled(tmp_path, "whole"), compiled(tmp_path, "damaged")
    compile_cache.seal(tmp_path)
    damaged.write_bytes(b"something else")
    compile_cache.check(tmp_path)
    assert sorted(tmp_path.iterdir()) == [whole, Path(f"{whole}.sha256")]


def test_a_file_whose_checksum_is_damaged_is_removed(tmp_path: Path) -> None:
    file = compiled(tmp_path, "one")
    compile_cache.seal(tmp_path)
    Path(f"{file}.sha256").write_bytes(b"\xff" * 64)
    compile_cache.check(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_files_left_by_a_crash_are_removed_and_new_ones_stay(tmp_path: Path) -> None:
    new, old = compiled(tmp_path, "new"), compiled(tmp_path, "old", age=3600)
    compile_cache.check(tmp_path)
    assert (new.exists(), old.exists()) == (True, False)


def test_a_half_written_file_is_removed_once_it_is_old(tmp_path: Path) -> None:
    new, old = tmp_path / "new.pb.tmp1", tmp_path / "old.pb.tmp1"
    for file in (new, old):
        file.write_bytes(b"half")
    os.utime(old, (time.time() - 3600,) * 2)
    compile_cache.prune(tmp_path)
    assert (new.exists(), old.exists()) == (True, False)


def test_a_file_truncated_while_the_worker_runs_costs_one_more_compilation(
    cache_dir: Path,
) -> None:
    assert train() == "2 True"
    (file,) = (cache_dir / "xla").glob("*.pb")
    size = file.stat().st_size
    assert train(f"open({str(file)!r}, 'r+b').truncate(100)") == "2 True"
    (file,) = (cache_dir / "xla").glob("*.pb")
    assert file.stat().st_size == pytest.approx(size, rel=0.1)


def test_a_worker_ends_if_the_folder_is_gone_and_the_next_one_trains(cache_dir: Path) -> None:
    folder = str(cache_dir / "xla")
    with pytest.raises(subprocess.CalledProcessError):
        train(f"import shutil; shutil.rmtree({folder!r}); open({folder!r}, 'w')")
    assert train() == "2 False"

"""The store: whole entries or none, shared, bounded, and never a damaged one."""

import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.film import Frame
from nncore.runtime import store as store_module
from nncore.runtime.errors import StoreError
from nncore.runtime.store import Store

ROOT = Path(store_module.__file__).parents[2]
FINGERPRINT = "0123456789abcdef" * 2
FILES = ("checkpoint.npz", "settings.json", "model.keras")


def finished(seed: int = 0, **changes: Any) -> Checkpoint:
    """The last checkpoint of a small run; `changes` replace its fields."""
    experiment = Experiment().updated(
        {"data.name": "rounding", "data.samples": 10, "model.units": (8,), "fit.seed": seed}
    )
    rng = np.random.default_rng(seed)
    shapes = ((1, 8), (8,), (8, 2), (2,))
    fields: dict[str, Any] = {
        "weights": tuple(rng.random(shape, dtype=np.float32) for shape in shapes),
        "epoch": experiment.fit.epochs,
        "history": {"loss": (0.7, 0.5), "accuracy": (0.6, 0.9)},
        "seconds": 1.5,
    }
    return Checkpoint(experiment, FINGERPRINT, **(fields | changes))


def put(store: Store, checkpoint: Checkpoint) -> str:
    return store.put(checkpoint, b"keras", "Ten random numbers.")


def get(store: Store, checkpoint: Checkpoint) -> Checkpoint | None:
    entry = store.get(checkpoint.experiment, checkpoint.fingerprint)
    return entry.checkpoint if entry else None


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def store(folder: Path) -> Store:
    return Store(folder)


# What goes in comes out


def test_a_finished_run_comes_back_as_it_was(store: Store) -> None:
    checkpoint = finished()
    put(store, checkpoint)
    back = get(store, checkpoint)
    assert back is not None
    assert back.experiment == checkpoint.experiment
    assert back.fingerprint == FINGERPRINT
    assert back.history == checkpoint.history
    assert [w.dtype for w in back.weights] == [np.float32] * 4
    assert all(map(np.array_equal, back.weights, checkpoint.weights))


def test_an_entry_survives_a_restart(folder: Path) -> None:
    put(Store(folder), finished())
    assert get(Store(folder), finished()) is not None


def test_other_experiments_and_other_data_are_missing(store: Store) -> None:
    put(store, finished(0))
    assert get(store, finished(1)) is None
    assert store.get(finished().experiment, FINGERPRINT[::-1]) is None


def test_only_an_entry_has_a_stamp(store: Store) -> None:
    checkpoint = finished()
    assert store.stamp(checkpoint.experiment, FINGERPRINT) is None
    put(store, checkpoint)
    first = store.stamp(checkpoint.experiment, FINGERPRINT)
    get(store, checkpoint)  # counts as use, and changes nothing
    assert first is not None
    assert store.stamp(checkpoint.experiment, FINGERPRINT) == first


def test_the_keras_file_comes_back(store: Store) -> None:
    key = put(store, finished())
    assert store.keras_file(key) == b"keras"


def test_an_entry_may_have_no_keras_file(store: Store) -> None:
    key = store.put(finished(), None, "")
    assert store.keras_file(key) is None
    assert get(store, finished()) is not None


def test_the_list_is_newest_first_and_reads_no_arrays(store: Store, folder: Path) -> None:
    for seed in range(3):
        put(store, finished(seed, history={"loss": (math.nan,), "accuracy": (seed / 4,)}))
    for path in folder.glob("*/checkpoint.npz"):
        path.unlink()
    records = store.entries()
    assert [record.experiment.fit.seed for record in records] == [2, 1, 0]
    assert [record.accuracy for record in records] == [0.5, 0.25, 0]
    assert records[0].last == {"loss": None, "accuracy": 0.5}
    assert records[0].source == "Ten random numbers."
    assert records[0].seconds == 1.5
    assert records[0].epochs == 5
    assert timedelta() <= datetime.now(UTC) - records[0].created < timedelta(minutes=1)


def test_a_run_that_failed_before_its_first_epoch_is_finished_too(store: Store) -> None:
    put(store, finished(epoch=0, history={"loss": ()}, failure="The loss is not a number."))
    (record,) = store.entries()
    assert (record.last, record.accuracy) == ({}, None)
    assert record.failure == "The loss is not a number."


def test_settings_are_json_that_others_can_read(store: Store, folder: Path) -> None:
    key = put(store, finished(history={"loss": (math.inf,)}))

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    text = (folder / key / "settings.json").read_text()
    settings = json.loads(text, parse_constant=refuse)
    assert settings["settings"]["model.units"] == [8]
    assert settings["fingerprint"] == FINGERPRINT


def test_an_empty_store_is_empty(store: Store) -> None:
    assert store.entries() == []
    assert get(store, finished()) is None
    assert store.keras_file("a-b") is None


def test_early_stopping_stores_the_history_of_the_kept_weights(store: Store) -> None:
    early = finished(epoch=3, best_epoch=2, history={"accuracy": (0.1, 0.2, 0.3)})
    early = replace(early, experiment=early.experiment.updated({"fit.patience": 1}))
    put(store, early)
    (record,) = store.entries()
    assert (record.epochs, record.accuracy) == (3, 0.2)
    found = get(store, early)
    assert found is not None
    assert found.stopped_early


def test_a_run_that_is_not_finished_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="Received: epoch 4 of 5"):
        put(store, finished(epoch=4))


# Keys


def test_a_run_on_own_drawings_is_refused(store: Store, folder: Path) -> None:
    own = finished()
    experiment = Experiment().updated({"data.name": "own", "data.drawings": f"2-{FINGERPRINT}"})
    with pytest.raises(ValueError, match="learner's own drawings"):
        put(store, replace(own, experiment=experiment, epoch=5))
    assert not folder.exists() or not [*folder.iterdir()]


def test_a_key_is_the_digest_and_the_fingerprint(store: Store, folder: Path) -> None:
    key = put(store, finished())
    assert key == f"{finished().experiment.digest}-{FINGERPRINT}"
    assert os.listdir(folder) == [key]


@pytest.mark.parametrize(
    "key", ["", "..", "../a-b", "a-b/../..", "a-b\n", "/etc/passwd", "damaged", "A-B", "a-b-c"]
)
def test_a_key_that_is_not_hexadecimal_is_refused(key: str, store: Store) -> None:
    with pytest.raises(ValueError, match="key must be hexadecimal digits"):
        store.keras_file(key)


@pytest.mark.parametrize("fingerprint", ["", "../..", "a/b", "é"])
def test_a_fingerprint_that_is_not_hexadecimal_is_refused(fingerprint: str, store: Store) -> None:
    with pytest.raises(ValueError, match="key must be hexadecimal digits"):
        put(store, Checkpoint(finished().experiment, fingerprint, epoch=5))
    with pytest.raises(ValueError, match="key must be hexadecimal digits"):
        store.get(finished().experiment, fingerprint)


# All or nothing


def test_an_error_before_the_rename_leaves_nothing(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*paths: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", fail)
        with pytest.raises(KeyboardInterrupt):
            put(store, finished())
    assert os.listdir(folder) == []
    assert get(store, finished()) is None


def run(script: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Runs a script with what is used here in another process."""
    start = (
        f"import os, sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_store import Path, Store, finished, get, put\n"
    )
    command = [sys.executable, "-c", start + script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT)


def test_a_crash_before_the_rename_leaves_no_entry_and_is_cleaned_up_by_the_next_run(
    store: Store, folder: Path
) -> None:
    crash = "os.rename = lambda *paths: os._exit(7)\nput(Store(Path(sys.argv[1])), finished())"
    assert run(crash, folder).wait(60) == 7
    (left,) = folder.iterdir()
    assert left.name.startswith("partial-")
    assert store.entries() == []
    assert get(store, finished()) is None
    key = put(store, finished())
    assert os.listdir(folder) == [key]


def test_the_first_entry_of_two_stays(store: Store) -> None:
    put(store, finished(seconds=1.0))
    put(store, finished(seconds=2.0))
    assert [record.seconds for record in store.entries()] == [1.0]


def test_an_entry_without_a_film_is_replaced_by_one_with_a_film(store: Store) -> None:
    film = (Frame(0, np.zeros(34, np.float32)),)
    put(store, finished())
    put(store, finished(film=film))
    back = get(store, finished())
    assert back is not None
    assert [frame.updates for frame in back.film] == [0]
    put(store, finished())
    again = get(store, finished())
    assert again is not None
    assert len(again.film) == 1


def test_the_first_of_two_concurrent_writers_wins(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = store_module._publish

    def be_late(partial: Path, target: Path) -> None:
        monkeypatch.setattr(store_module, "_publish", publish)
        put(Store(folder), finished(seconds=1.0))
        publish(partial, target)

    monkeypatch.setattr(store_module, "_publish", be_late)
    key = put(store, finished(seconds=2.0))
    assert [record.seconds for record in store.entries()] == [1.0]
    assert os.listdir(folder) == [key]


def test_processes_share_a_store_that_is_too_small_for_them(folder: Path) -> None:
    one = size_of_one(folder)
    script = (
        "store = Store(Path(sys.argv[1]), int(sys.argv[2]))\n"
        "for seed in list(range(8)) * 5:\n"
        "    put(store, finished(seed)); get(store, finished((seed + 3) % 8)); store.entries()\n"
    )
    workers = [run(script, folder, 4 * one) for _ in range(2)]
    assert [worker.wait(120) for worker in workers] == [0, 0]
    store = Store(folder, 4 * one)
    put(store, finished(99))
    records = store.entries()
    assert 1 <= len(records) <= 4
    for record in records:
        entry = store.get(record.experiment, FINGERPRINT)
        assert entry is not None
        expected = finished(record.experiment.fit.seed).weights
        assert all(map(np.array_equal, entry.checkpoint.weights, expected))
    assert not list(folder.glob("partial-*"))


# Bounded in size


def size_of_one(folder: Path) -> int:
    """A bound on the bytes of one entry: none of those made here is larger."""
    put(Store(folder), finished())
    one = size(folder) + 20
    shutil.rmtree(folder)
    return one


def seeds(store: Store) -> list[int]:
    return sorted(record.experiment.fit.seed for record in store.entries())


def test_the_least_recently_used_entry_goes_first(folder: Path) -> None:
    store = Store(folder, limit_bytes=3 * size_of_one(folder))
    for seed in range(3):
        key = put(store, finished(seed))
        os.utime(folder / key, (1_000 + seed,) * 2)
    get(store, finished(0))  # 0 has now been used after 1 and 2
    put(store, finished(3))
    assert seeds(store) == [0, 2, 3]
    put(store, finished(4))
    assert seeds(store) == [0, 3, 4]


def test_the_limit_holds_however_many_are_stored(folder: Path) -> None:
    limit = 3 * size_of_one(folder)
    store = Store(folder, limit_bytes=limit)
    for seed in range(8):
        put(store, finished(seed))
        assert size(folder) <= limit
    assert len(store.entries()) == 3


def test_an_entry_larger_than_the_store_is_refused_and_evicts_nothing(folder: Path) -> None:
    store = Store(folder, limit_bytes=size_of_one(folder))
    put(store, finished())
    with pytest.raises(StoreError, match=r"it has [\d,]+ bytes, but the store is limited to"):
        store.put(finished(1), b"k" * 100_000, "")
    assert seeds(store) == [0]


def test_a_folder_with_the_name_of_an_entry_is_evicted_too(folder: Path) -> None:
    store = Store(folder, limit_bytes=size_of_one(folder))
    folder.mkdir()
    (folder / "a-b").write_text("no folder")
    os.utime(folder / "a-b", (0, 0))
    put(store, finished(0))
    put(store, finished(1))
    assert seeds(store) == [1]


# Damage


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def overwrite(path: Path) -> None:
    path.write_bytes(b"[1, 2")


def overwrite_with_json(path: Path) -> None:
    path.write_text("[1, 2]")


DAMAGES = {
    "missing": Path.unlink,
    "truncated": truncate,
    "one bit flipped": flip,
    "garbage": overwrite,
    "other JSON": overwrite_with_json,
    "empty": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_entry_is_set_aside_and_can_be_written_again(
    damage: Callable[[Path], object], name: str, store: Store, folder: Path
) -> None:
    key = put(store, finished())
    damage(folder / key / name)
    assert get(store, finished()) is None
    assert os.listdir(folder) == ["damaged"]
    (aside,) = (folder / "damaged").iterdir()
    assert aside.name.startswith(key)
    put(store, finished())
    assert get(store, finished()) is not None


def test_the_keras_file_of_a_damaged_entry_is_missing(store: Store, folder: Path) -> None:
    key = put(store, finished())
    flip(folder / key / "model.keras")
    assert store.keras_file(key) is None


def test_every_flipped_byte_in_the_settings_is_detected(store: Store, folder: Path) -> None:
    key = put(store, finished())
    path = folder / key / "settings.json"
    whole = path.read_bytes()
    (record,) = store.entries()
    for position in range(0, len(whole), 3):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
        assert store.entries() in ([], [record])


def test_settings_changed_by_hand_are_rejected(store: Store, folder: Path) -> None:
    key = put(store, finished())
    path = folder / key / "settings.json"
    path.write_text(path.read_text().replace("Ten random", "All the"))
    assert store.entries() == []


@pytest.mark.parametrize("name", ["../../secret", "other.npz"])
def test_files_that_an_entry_does_not_have_are_not_read(
    name: str, store: Store, folder: Path
) -> None:
    key = put(store, finished())
    path = folder / key / "settings.json"
    settings = json.loads(path.read_text())
    settings["sha256"][name] = "0" * 64
    settings["checksum"] = store_module._checksum(settings)
    path.write_text(json.dumps(settings))
    assert get(store, finished()) is None
    assert os.listdir(folder) == ["damaged"]


def test_an_entry_under_a_wrong_key_is_set_aside(store: Store, folder: Path) -> None:
    key = put(store, finished(0))
    wrong = f"{finished(1).experiment.digest}-{FINGERPRINT}"
    (folder / key).rename(folder / wrong)
    assert store.entries() == []
    assert get(store, finished(1)) is None
    assert os.listdir(folder) == ["damaged"]


def test_a_checkpoint_of_another_experiment_is_set_aside(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Checkpoint, "to_bytes", lambda self, real=Checkpoint.to_bytes: real(finished(1))
    )
    put(store, finished(0))
    assert get(store, finished(0)) is None
    assert os.listdir(folder) == ["damaged"]


@pytest.mark.parametrize("damaged_before", [False, True], ids=["missing", "damaged"])
def test_an_entry_that_is_stored_while_it_is_looked_for_stays(
    damaged_before: bool, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if damaged_before:
        flip(folder / put(store, finished()) / "settings.json")
    read = Path.read_bytes

    def store_meanwhile(path: Path) -> bytes:
        monkeypatch.setattr(Path, "read_bytes", read)
        try:
            return read(path)
        finally:
            put(Store(folder), finished())

    monkeypatch.setattr(Path, "read_bytes", store_meanwhile)
    assert get(store, finished()) is None
    assert get(store, finished()) is not None


def test_damaged_entries_are_bounded_too(folder: Path) -> None:
    one = size_of_one(folder)
    store = Store(folder, limit_bytes=8 * 2 * one)
    for seed in range(5):
        key = put(store, finished(seed))
        flip(folder / key / "checkpoint.npz")
        assert get(store, finished(seed)) is None
    assert size(folder / "damaged") <= 2 * one
    assert len(os.listdir(folder / "damaged")) == 2


def test_a_file_in_place_of_an_entry_is_set_aside(store: Store, folder: Path) -> None:
    key = put(store, finished())
    shutil.rmtree(folder / key)
    (folder / key).write_text("no folder")
    assert store.entries() == []
    assert get(store, finished()) is None
    put(store, finished())
    assert get(store, finished()) is not None


# A disk that will not


def test_a_full_disk_is_reported_and_leaves_nothing_behind(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="could not be saved to disk: No space left on device"):
        put(store, finished())
    assert os.listdir(folder) == []


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "models")
    with pytest.raises(StoreError, match="could not be saved to disk: Not a directory"):
        put(store, finished())
    assert store.entries() == []
    assert get(store, finished()) is None


def test_on_a_read_only_disk_entries_can_be_read(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(30, "Read-only file system")

    key = put(store, finished())
    for name in ("utime", "rename", "mkdir"):
        monkeypatch.setattr(os, name, refuse)
    assert get(store, finished()) is not None
    flip(folder / key / "checkpoint.npz")
    assert get(store, finished()) is None
    with pytest.raises(StoreError, match="Read-only file system"):
        put(store, finished(1))


def test_an_unreadable_entry_is_missing_but_not_set_aside(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = put(store, finished())

    def fail(path: Path) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", fail)
        assert get(store, finished()) is None
    assert os.listdir(folder) == [key]
    assert get(store, finished()) is not None


def test_on_a_disk_smaller_than_the_limit_old_entries_make_room(
    small_disk: Callable[[int], Path],
) -> None:
    folder = small_disk(256 * 1024)
    store = Store(folder / "models")
    kept = [put(store, finished(seed)) for seed in range(20)]  # 16 kB each, with their folders
    assert store.entries()[0].key == kept[-1]
    assert 2 < len(store.entries()) < 20
    assert not list((folder / "models").glob("partial-*"))


def test_a_store_is_bounded_in_entries_and_keeps_those_in_use(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nncore.runtime.store.MOST_ENTRIES", 3)
    first, second, third = (put(store, finished(seed)) for seed in range(3))
    assert get(store, finished(0)) is not None
    fourth = put(store, finished(3))
    assert {record.key for record in store.entries()} == {first, third, fourth}
    assert second not in {record.key for record in store.entries()}


def test_a_disk_filled_by_others_is_reported(small_disk: Callable[[int], Path]) -> None:
    folder = small_disk(256 * 1024)
    store = Store(folder / "models")
    (folder / "other").write_bytes(bytes(shutil.disk_usage(folder).free))
    with pytest.raises(StoreError, match="could not be saved to disk: No space left on device"):
        put(store, finished())
    assert not list((folder / "models").glob("*"))


def test_a_list_reads_only_what_has_changed(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [put(store, finished(seed)) for seed in range(5)]
    assert len(store.entries()) == 5
    read: list[str] = []
    read_bytes = Path.read_bytes

    def noting(path: Path) -> bytes:
        read.append(path.parent.name)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", noting)
    assert len(store.entries()) == 5
    assert read == []
    os.utime(folder / keys[2] / "settings.json", ns=(1, 1))
    shutil.rmtree(folder / keys[4])
    assert [record.key for record in store.entries()] == [keys[3], keys[2], keys[1], keys[0]]
    assert read == [keys[2]]
    assert len(store._records) == 4
    (folder / keys[0] / "settings.json").write_text("{}")
    read.clear()
    for _ in range(3):
        assert [record.key for record in store.entries()] == [keys[3], keys[2], keys[1]]
    assert read == [keys[0]]  # what cannot be read is not read again either


def test_a_damaged_entry_is_replaced_by_the_next_run(store: Store, folder: Path) -> None:
    key = put(store, finished())
    (folder / key / "model.keras").write_bytes(b"something else")
    put(store, finished())
    assert get(store, finished()) is not None


def test_the_next_run_removes_what_a_killed_writer_left(store: Store, folder: Path) -> None:
    put(store, finished(1))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    beginning = store_module._prefix().removesuffix(f"{os.getpid()}-")
    left, alive, elsewhere = (
        folder / name
        for name in (
            f"{beginning}{gone.pid}-abc",
            f"{beginning}{os.getpid()}-abc",
            f"partial-elsewhere-{gone.pid}-abc",
        )
    )
    for path in (left, alive, elsewhere):
        path.mkdir()
    put(store, finished(1))  # is stored already
    assert not left.exists()
    assert alive.exists(), "its writer may be at work"
    assert elsewhere.exists(), "its writer may be at work on another machine"
    os.utime(elsewhere, (time.time() - 3700,) * 2)
    put(store, finished(1))
    assert not elsewhere.exists()

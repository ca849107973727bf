"""Finished runs on disk: an experiment and its data's fingerprint lead to a checkpoint.

    <folder>/<digest>-<fingerprint>/   checkpoint.npz  settings.json  model.keras
    <folder>/damaged/                  entries that were set aside
    <folder>/partial-.../              entries that are being written

An entry is written beside its place, and renamed into it in one step, so that a crash leaves all
or nothing. Several processes may share a folder. This file does not know how a run is made.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment

_FORMAT = 1
_HOUR = 3600
_KEY = re.compile(r"[0-9a-f]{1,64}-[0-9a-f]{1,64}")
_CHECKPOINT, _SETTINGS, _KERAS = "checkpoint.npz", "settings.json", "model.keras"
#: What is wrong with an entry makes one of these: a missing key, another type, not JSON, ...
_DAMAGE = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


class StoreError(RuntimeError):
    """A finished run that could not be kept; the message says why in one sentence."""


@dataclass(frozen=True)
class Record:
    """What a list of finished runs shows of one: all but its arrays.

    Args:
        key: Its name in the store.
        experiment: What was done.
        fingerprint: The data it was done on.
        source: Where those came from, in one sentence.
        last: Each column of the history after the epoch whose weights were kept, which is the
            last one but for early stopping; None stands for infinite or NaN.
        epochs: How many epochs were done.
        seconds: How long the training took.
        created: When it was stored (UTC).
        failure: Empty, or why the run ended before its last epoch.
    """

    key: str
    experiment: Experiment
    fingerprint: str
    source: str
    last: Mapping[str, float | None]
    epochs: int
    seconds: float
    created: datetime
    failure: str

    @property
    def accuracy(self) -> float | None:
        """The accuracy on the training data in the epoch whose weights were kept, if any."""
        return self.last.get("accuracy")


@dataclass(frozen=True, eq=False)
class Entry:
    """A finished run as it came out of the store."""

    record: Record
    checkpoint: Checkpoint


class Store:
    """The finished runs in one folder, bounded in size: what was not used longest goes first.

    Args:
        folder: Where they are; made when the first one is stored.
        limit_bytes: How many bytes they may take in all; entries that were set aside may take an
            eighth of that besides.
    """

    def __init__(self, folder: Path, limit_bytes: int = 512 * 2**20) -> None:
        self._folder = folder
        self._limit = limit_bytes

    def put(self, checkpoint: Checkpoint, keras_bytes: bytes | None, source: str) -> str:
        """Keeps a finished run. If its experiment is there already, that one stays.

        Only an entry without a film makes way for one with a film: it is older than films are.

        Args:
            checkpoint: The last one of the run.
            keras_bytes: The network as a `.keras` file, if there is one.
            source: Where the data came from, in one sentence.

        Returns:
            Its key.

        Raises:
            ValueError: If the run is not finished.
            StoreError: If it cannot be kept, such as on a full disk. The run is none the worse.
        """
        if not checkpoint.finished:
            raise ValueError(
                "checkpoint must be that of a finished run. Received: "
                f"epoch {checkpoint.epoch} of {checkpoint.experiment.fit.epochs}"
            )
        key = _key(checkpoint.experiment, checkpoint.fingerprint)
        files = _files(checkpoint, keras_bytes, source)
        try:
            if checkpoint.film and _filmless(self._folder / key / _CHECKPOINT):
                _remove(self._folder / key)
            if not (self._folder / key).exists():
                self._add(key, files)
        except OSError as error:
            raise StoreError(
                f"The finished run could not be kept on disk: {error.strerror or error}."
            ) from error
        return key

    def get(self, experiment: Experiment, fingerprint: str) -> Entry | None:
        """The finished run of an experiment on certain data, which thereby counts as used.

        An entry that is damaged, or holds something else, is set aside and counts as missing.

        Args:
            experiment: What was done.
            fingerprint: The data it was done on.
        """
        key = _key(experiment, fingerprint)
        files = self._verified(key)
        if files is None:
            return None
        try:
            record = _record(key, files[_SETTINGS])
            checkpoint = Checkpoint.from_bytes(files[_CHECKPOINT])
            if _key(checkpoint.experiment, checkpoint.fingerprint) != key:
                raise ValueError("the checkpoint is that of another experiment")
        except _DAMAGE:
            self._set_aside(key)
            return None
        with suppress(OSError):  # on a read-only disk nothing is evicted either
            os.utime(self._folder / key)
        return Entry(record, checkpoint)

    def stamp(self, experiment: Experiment, fingerprint: str) -> int | None:
        """When the entry of an experiment was written, in nanoseconds; None if there is none.

        Says at little cost whether `get` would find something, and something new.

        Args:
            experiment: What was done.
            fingerprint: The data it was done on.
        """
        try:
            path = self._folder / _key(experiment, fingerprint) / _SETTINGS
            return path.stat().st_mtime_ns
        except OSError:
            return None

    def changed(self) -> int:
        """When an entry came or went last, in nanoseconds; 0 where there never was one."""
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return 0

    def record(self, experiment: Experiment, fingerprint: str) -> Record | None:
        """What a list shows of an experiment's run, read without its arrays; None if there is none.

        Args:
            experiment: What was done.
            fingerprint: The data it was done on.
        """
        key = _key(experiment, fingerprint)
        with suppress(OSError, *_DAMAGE):
            return _record(key, (self._folder / key / _SETTINGS).read_bytes())
        return None

    def entries(self) -> list[Record]:
        """What is there, newest first; reads no arrays, and leaves out what cannot be read."""
        records = []
        for path in self._paths():
            with suppress(OSError, *_DAMAGE):
                records.append(_record(path.name, (path / _SETTINGS).read_bytes()))
        return sorted(records, key=lambda record: record.created, reverse=True)

    def keras_file(self, key: str) -> bytes | None:
        """The `.keras` file of an entry, or None if it has none or is damaged.

        Args:
            key: As `put` returned it, or a `Record` has it.

        Raises:
            ValueError: If `key` has not the form of a key.
        """
        files = self._verified(_checked(key))
        return None if files is None else files.get(_KERAS)

    def _paths(self) -> list[Path]:
        """The folders of the entries."""
        with suppress(OSError):
            return [path for path in self._folder.iterdir() if _KEY.fullmatch(path.name)]
        return []

    def _add(self, key: str, files: dict[str, bytes]) -> None:
        """Writes an entry beside its place, makes room, and renames it into its place."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        size = sum(map(len, files.values()))
        if size > self._limit:
            raise OSError(f"it has {size:,} bytes, and the store may have {self._limit:,}")
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=self._folder))
        try:
            for name, data in files.items():
                _write(partial / name, data)
            _sync(partial)
            _evict(self._paths(), self._limit - size)
            _publish(partial, self._folder / key)
            _sync(self._folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _sweep(self) -> None:
        """Removes what writers left that crashed more than an hour ago."""
        for left in self._folder.glob("partial-*"):
            with suppress(OSError):  # another process may be sweeping too
                if time.time() - left.stat().st_mtime > _HOUR:
                    shutil.rmtree(left)

    def _verified(self, key: str) -> dict[str, bytes] | None:
        """An entry's files, if all are there as they were written; else it is set aside."""
        folder = self._folder / key
        try:
            files = {_SETTINGS: (folder / _SETTINGS).read_bytes()}
            for name, digest in _settings(files[_SETTINGS])["sha256"].items():
                files[name] = (folder / name).read_bytes()
                if hashlib.sha256(files[name]).hexdigest() != digest:
                    raise ValueError(f"{name} is not as it was written")
        except (FileNotFoundError, NotADirectoryError, *_DAMAGE):
            if folder.exists():  # or else it was never there, or has just been evicted
                self._set_aside(key)
            return None
        except OSError:  # it cannot be read now, which says nothing against it
            return None
        return files

    def _set_aside(self, key: str) -> None:
        """Moves an entry to `damaged`, for whoever wants to know what happened to it."""
        damaged = self._folder / "damaged"
        with suppress(OSError):  # on a read-only disk it stays, and goes on counting as missing
            damaged.mkdir(exist_ok=True)
            os.rename(self._folder / key, damaged / f"{key}-{time.time_ns()}")
            _evict(list(damaged.iterdir()), self._limit // 8)


def _key(experiment: Experiment, fingerprint: str) -> str:
    return _checked(f"{experiment.digest}-{fingerprint}")


def _checked(key: str) -> str:
    """`key`, which becomes a folder's name and so must be nothing but hexadecimal digits."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"key must be hexadecimal digits, '-' and such digits. Received: {key!r}")
    return key


def _files(checkpoint: Checkpoint, keras_bytes: bytes | None, source: str) -> dict[str, bytes]:
    """The files of an entry by name, `settings.json` last."""
    files = {_CHECKPOINT: checkpoint.to_bytes()}
    if keras_bytes is not None:
        files[_KERAS] = keras_bytes
    history = {name: column for name, column in checkpoint.kept_history.items() if column}
    settings: dict[str, Any] = {
        "format": _FORMAT,
        "settings": checkpoint.experiment.settings(),
        "fingerprint": checkpoint.fingerprint,
        "source": source,
        "last": {name: _finite(column[-1]) for name, column in history.items()},
        "epochs": checkpoint.epoch,
        "seconds": checkpoint.seconds,
        "failure": checkpoint.failure,
        "created": datetime.now(UTC).isoformat(),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    settings["checksum"] = _checksum(settings)
    files[_SETTINGS] = json.dumps(settings, indent=2).encode()
    return files


def _filmless(path: Path) -> bool:
    """Whether this is a whole checkpoint of before there were films."""
    try:
        with zipfile.ZipFile(path) as stored:
            return not any(name.startswith("film") for name in stored.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _finite(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return float(value) if math.isfinite(value) else None


def _checksum(settings: Mapping[str, Any]) -> str:
    """A SHA-256 of the settings file's own contents, but for the checksum."""
    contents = {name: value for name, value in settings.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()


def _settings(data: bytes) -> dict[str, Any]:
    """The contents of `settings.json`.

    Raises:
        Exception: One of `_DAMAGE` if they are not as they were written.
    """
    settings: dict[str, Any] = json.loads(data)
    if settings["checksum"] != _checksum(settings) or settings["format"] != _FORMAT:
        raise ValueError(f"{_SETTINGS} is not as it was written, or of another format")
    if not {_CHECKPOINT} <= settings["sha256"].keys() <= {_CHECKPOINT, _KERAS}:
        raise ValueError(f"{_SETTINGS} names other files than an entry has")
    return settings


def _record(key: str, data: bytes) -> Record:
    settings = _settings(data)
    values = settings["settings"]
    experiment = Experiment.from_settings(values | {"model.units": tuple(values["model.units"])})
    if _key(experiment, settings["fingerprint"]) != key:
        raise ValueError(f"{_SETTINGS} is that of another experiment")
    return Record(
        key,
        experiment,
        settings["fingerprint"],
        settings["source"],
        settings["last"],
        settings["epochs"],
        settings["seconds"],
        datetime.fromisoformat(settings["created"]),
        settings["failure"],
    )


def _write(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Has the folder's list of names on disk too: without it a rename may not outlive a crash."""
    handle = os.open(folder, os.O_RDONLY)
    with suppress(OSError):  # some network file systems cannot do this to a folder
        os.fsync(handle)
    os.close(handle)


def _publish(partial: Path, target: Path) -> None:
    """Renames a whole entry into its place, unless another process was faster."""
    try:
        os.rename(partial, target)
    except OSError:
        if not target.exists():
            raise


def _evict(folders: list[Path], limit: int) -> None:
    """Removes folders, those not used longest first, until the rest has at most `limit` bytes."""
    sizes = {folder: _size(folder) for folder in folders}
    total = sum(sizes.values())
    for folder in sorted(folders, key=_used):
        if total <= limit:
            return
        _remove(folder)
        total -= sizes[folder]


def _used(folder: Path) -> int:
    with suppress(OSError):
        return folder.stat().st_mtime_ns
    return 0


def _size(folder: Path) -> int:
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    with suppress(OSError):  # another process may have removed it
        for path in folder.iterdir():
            yield path.stat().st_size


def _remove(folder: Path) -> None:
    """Takes a folder away in one step, so that no reader finds half of it, and then deletes it."""
    partial = Path(tempfile.mkdtemp(prefix="partial-", dir=folder.parent))
    with suppress(FileNotFoundError):  # another process was faster
        os.rename(folder, partial / folder.name)
    shutil.rmtree(partial, ignore_errors=True)

"""Finished runs on disk, by experiment and fingerprint of the data.

    <folder>/<digest>-<fingerprint>/   checkpoint.npz  settings.json  model.keras
    <folder>/damaged/                  damaged entries, kept for inspection
    <folder>/partial-.../              entries that are being written

An entry is written to a temporary folder and then renamed in one step, so a crash leaves either the
whole entry or none. Several processes may share a folder. This module does not know how a run is
trained.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
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

import psutil

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.errors import StoreError

_FORMAT = 1
#: The most entries: the server holds the records of all, 3 kB each, and lists the folder for them.
MOST_ENTRIES = 4000
_HOUR = 3600
#: Bytes of disk left free for the folders and names of an entry.
_MARGIN = 2**16
_KEY = re.compile(r"[0-9a-f]{1,64}-[0-9a-f]{1,64}")
_CHECKPOINT, _SETTINGS, _KERAS = "checkpoint.npz", "settings.json", "model.keras"
#: The errors that a damaged entry may cause: a missing key, a wrong type, invalid JSON, ...
_DAMAGE = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Record:
    """A stored run without its arrays, as lists of finished runs show it.

    Args:
        key: Its name in the store.
        experiment: The experiment that was trained.
        fingerprint: The data it was trained on.
        source: One sentence that says where the data came from.
        last: The last value of each column of the history, up to the epoch whose weights were
            kept (with early stopping, the best epoch); None stands for infinite or NaN.
        epochs: The number of epochs trained.
        seconds: The training time in seconds.
        created: The time at which it was stored (UTC).
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
        """The training accuracy in the epoch whose weights were kept; None without an epoch."""
        return self.last.get("accuracy")


@dataclass(frozen=True, eq=False)
class Entry:
    """A finished run read from the store."""

    record: Record
    checkpoint: Checkpoint


class Store:
    """The finished runs in one folder of bounded size; the least recently used ones go first.

    It holds at most `MOST_ENTRIES`.

    Args:
        folder: The folder; created when the first run is stored.
        limit_bytes: The most bytes that the entries may take together. Damaged entries may take an
            eighth of that in addition.
    """

    def __init__(self, folder: Path, limit_bytes: int = 512 * 2**20) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._records: dict[str, tuple[int, Record | None]] = {}  # None: not readable

    def put(self, checkpoint: Checkpoint, keras_bytes: bytes | None, source: str) -> str:
        """Store a finished run; an entry of the same experiment stays as it is.

        Only an entry without a film is replaced by one with a film: films were added later.

        Args:
            checkpoint: The last checkpoint of the run.
            keras_bytes: The network as a `.keras` file, or None.
            source: One sentence that says where the data came from.

        Returns:
            The key of the entry.

        Raises:
            ValueError: If the run is not finished, or is on a learner's own drawings.
            StoreError: If it cannot be stored, for example on a full disk.
        """
        if not checkpoint.finished:
            raise ValueError(
                "checkpoint must be that of a finished run. Received: "
                f"epoch {checkpoint.epoch} of {checkpoint.experiment.fit.epochs}"
            )
        if checkpoint.experiment.data.is_private:
            raise ValueError("checkpoint must not be of a run on a learner's own drawings")
        key = _key(checkpoint.experiment, checkpoint.fingerprint)
        files = _files(checkpoint, keras_bytes, source)
        try:
            self._sweep()
            if checkpoint.film and _filmless(self._folder / key / _CHECKPOINT):
                _remove(self._folder / key)
            self._verified(key)  # sets a damaged entry aside
            if not (self._folder / key).exists():
                self._add(key, files)
        except OSError as error:
            raise StoreError(
                f"The finished run could not be saved to disk: {error.strerror or error}."
            ) from error
        return key

    def get(self, experiment: Experiment, fingerprint: str) -> Entry | None:
        """Return the finished run of an experiment, or None, and mark it as used.

        A damaged entry, or one of another experiment, is moved to `damaged` and counts as missing.

        Args:
            experiment: The experiment that was trained.
            fingerprint: The data it was trained on.
        """
        key = _key(experiment, fingerprint)
        folder = _identity(self._folder / key)
        files = self._verified(key)
        if files is None:
            return None
        try:
            record = _record(key, files[_SETTINGS])
            checkpoint = Checkpoint.from_bytes(files[_CHECKPOINT])
            if _key(checkpoint.experiment, checkpoint.fingerprint) != key:
                raise ValueError("the checkpoint belongs to another experiment")
        except _DAMAGE:
            self._set_aside(key, folder)
            return None
        with suppress(OSError):  # a read-only disk needs no order of use: nothing is evicted
            os.utime(self._folder / key)
        return Entry(record, checkpoint)

    def stamp(self, experiment: Experiment, fingerprint: str) -> int | None:
        """Return the time at which an entry was written, in nanoseconds; None if there is none.

        This is a cheap way to learn whether `get` would find something, and something new.

        Args:
            experiment: The experiment that was trained.
            fingerprint: The data it was trained on.
        """
        try:
            path = self._folder / _key(experiment, fingerprint) / _SETTINGS
            return path.stat().st_mtime_ns
        except OSError:
            return None

    def changed(self) -> int:
        """Return the time at which an entry last came or went, in nanoseconds; 0 if none did."""
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return 0

    def record(self, experiment: Experiment, fingerprint: str) -> Record | None:
        """Return the record of an experiment's run without reading its arrays; None if missing.

        Args:
            experiment: The experiment that was trained.
            fingerprint: The data it was trained on.
        """
        key = _key(experiment, fingerprint)
        with suppress(OSError, *_DAMAGE):
            return _record(key, (self._folder / key / _SETTINGS).read_bytes())
        return None

    def entries(self) -> list[Record]:
        """Return all readable records, newest first, without reading arrays.

        A record is read again only if its file has changed.
        """
        found = {}
        for path in self._paths():
            with suppress(OSError):
                found[path.name] = self._current_record(path)
        self._records = found  # replaced in one step, for other threads
        records = [record for _, record in found.values() if record is not None]
        return sorted(records, key=lambda record: record.created, reverse=True)

    def _current_record(self, path: Path) -> tuple[int, Record | None]:
        """Return the time of an entry's settings file, and the record in it.

        An entry that is damaged, or of a meaning that has changed since, has none.
        """
        file = path / _SETTINGS
        written = file.stat().st_mtime_ns
        known = self._records.get(path.name)
        if known is not None and known[0] == written:
            return known
        data = file.read_bytes()
        try:
            return written, _record(path.name, data)
        except _DAMAGE:
            return written, None

    def keras_file(self, key: str) -> bytes | None:
        """Return the `.keras` file of an entry; None if it has none or is damaged.

        Args:
            key: The key that `put` returned, or `Record.key`.

        Raises:
            ValueError: If `key` does not have the form of a key.
        """
        files = self._verified(_checked(key))
        return None if files is None else files.get(_KERAS)

    def _paths(self) -> list[Path]:
        """Return the folders of the entries."""
        with suppress(OSError):
            return [path for path in self._folder.iterdir() if _KEY.fullmatch(path.name)]
        return []

    def _add(self, key: str, files: dict[str, bytes]) -> None:
        """Write an entry to a temporary folder, make room, and rename it into place."""
        self._folder.mkdir(parents=True, exist_ok=True)
        size = sum(map(len, files.values()))
        if size > self._limit:
            raise OSError(f"it has {size:,} bytes, but the store is limited to {self._limit:,}")
        self._free_disk(size)
        partial = Path(tempfile.mkdtemp(prefix=_prefix(), dir=self._folder))
        try:
            for name, data in files.items():
                _write(partial / name, data)
            _sync(partial)
            _evict(self._paths(), self._limit - size, MOST_ENTRIES - 1)
            _publish(partial, self._folder / key)
            _sync(self._folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _free_disk(self, size: int) -> None:
        """Evict old entries if the disk has less room than the store may use."""
        missing = size + _MARGIN - shutil.disk_usage(self._folder).free
        if missing > 0:
            paths = self._paths()
            _evict(paths, sum(map(_size, paths)) - missing)

    def _sweep(self) -> None:
        """Remove temporary folders of writers that have crashed."""
        for left in self._folder.glob("partial-*"):
            with suppress(OSError):  # another process may be sweeping too
                if _is_abandoned(left):
                    shutil.rmtree(left)

    def _verified(self, key: str) -> dict[str, bytes] | None:
        """Return an entry's files if their checksums match; otherwise move it to `damaged`."""
        folder = self._folder / key
        before = _identity(folder)
        try:
            files = {_SETTINGS: (folder / _SETTINGS).read_bytes()}
            for name, digest in _settings(files[_SETTINGS])["sha256"].items():
                files[name] = (folder / name).read_bytes()
                if hashlib.sha256(files[name]).hexdigest() != digest:
                    raise ValueError(f"{name} has changed since it was written")
        except (FileNotFoundError, NotADirectoryError, *_DAMAGE):
            self._set_aside(key, before)
            return None
        except OSError:  # unreadable at the moment, which does not mean damaged
            return None
        return files

    def _set_aside(self, key: str, folder: tuple[int, int] | None) -> None:
        """Move an entry to `damaged`, where it can be inspected.

        Args:
            key: Its key.
            folder: The identity of the folder that was read. Another one is left alone: the entry
                was missing, and another thread or process has stored it since.
        """
        if folder is None or _identity(self._folder / key) != folder:
            return
        damaged = self._folder / "damaged"
        with suppress(OSError):  # on a read-only disk it stays in place and counts as missing
            damaged.mkdir(exist_ok=True)
            os.rename(self._folder / key, damaged / f"{key}-{time.time_ns()}")
            _evict(list(damaged.iterdir()), self._limit // 8)


def _prefix() -> str:
    """Return the beginning of a temporary folder's name, which says who writes it."""
    return f"partial-{_machine()}-{os.getpid()}-"


def _machine() -> str:
    """Return a name for this machine and, inside a container, for its own numbers of processes."""
    numbers = Path("/proc/self/ns/pid")
    space = numbers.stat().st_ino if numbers.exists() else 0
    return re.sub("[^0-9A-Za-z]", "", platform.node())[:32] + str(space)


def _is_abandoned(partial: Path) -> bool:
    """Return True if the writer of a temporary folder has ended, or began more than an hour ago."""
    _, machine, number, *_ = (*partial.name.split("-"), "", "")
    if machine == _machine() and number.isdigit() and not psutil.pid_exists(int(number)):
        return True
    return time.time() - partial.stat().st_mtime > _HOUR


def _key(experiment: Experiment, fingerprint: str) -> str:
    return _checked(f"{experiment.digest}-{fingerprint}")


def _checked(key: str) -> str:
    """Return `key` if it is safe as the name of a folder: hexadecimal digits only.

    Raises:
        ValueError: If it is not.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"key must be hexadecimal digits, '-' and such digits. Received: {key!r}")
    return key


def _files(checkpoint: Checkpoint, keras_bytes: bytes | None, source: str) -> dict[str, bytes]:
    """Return the files of an entry by name, `settings.json` last."""
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
    """Return True for a readable checkpoint without a film."""
    try:
        with zipfile.ZipFile(path) as stored:
            return not any(name.startswith("film") for name in stored.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _finite(value: float) -> float | None:
    """Return None for NaN and infinity, which JSON cannot hold."""
    return float(value) if math.isfinite(value) else None


def _checksum(settings: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the settings without the checksum itself."""
    contents = {name: value for name, value in settings.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()


def _settings(data: bytes) -> dict[str, Any]:
    """Return the contents of `settings.json`.

    Raises:
        Exception: One of `_DAMAGE` if they have changed since they were written.
    """
    settings: dict[str, Any] = json.loads(data)
    if settings["checksum"] != _checksum(settings) or settings["format"] != _FORMAT:
        raise ValueError(f"{_SETTINGS} has changed since it was written, or has another format")
    if not {_CHECKPOINT} <= settings["sha256"].keys() <= {_CHECKPOINT, _KERAS}:
        raise ValueError(f"{_SETTINGS} names files that an entry does not have")
    return settings


def _record(key: str, data: bytes) -> Record:
    settings = _settings(data)
    values = settings["settings"]
    experiment = Experiment.from_settings(values | {"model.units": tuple(values["model.units"])})
    if _key(experiment, settings["fingerprint"]) != key:
        raise ValueError(f"{_SETTINGS} belongs to another experiment")
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
    """Flush a folder's list of names to disk, so that a rename survives a crash."""
    handle = os.open(folder, os.O_RDONLY)
    with suppress(OSError):  # some network file systems cannot flush a folder
        os.fsync(handle)
    os.close(handle)


def _publish(partial: Path, target: Path) -> None:
    """Rename a complete entry into place, unless another process was faster."""
    try:
        os.rename(partial, target)
    except OSError:
        if not target.exists():
            raise


def _evict(folders: list[Path], limit: int, most: int = MOST_ENTRIES) -> None:
    """Remove the least recently used folders until the rest keeps to bounds.

    Args:
        folders: The folders.
        limit: The most bytes that they may take together.
        most: The most folders.
    """
    sizes = {folder: _size(folder) for folder in folders}
    total, count = sum(sizes.values()), len(folders)
    for folder in sorted(folders, key=_used):
        if total <= limit and count <= most:
            return
        _remove(folder)
        total, count = total - sizes[folder], count - 1


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from one that takes its place; None if there is none."""
    with suppress(OSError):
        status = folder.stat()
        return status.st_dev, status.st_ino
    return None


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
    """Delete a folder; it disappears in one step, so that no reader finds half of it."""
    try:
        partial = Path(tempfile.mkdtemp(prefix=_prefix(), dir=folder.parent))
    except OSError:  # a disk without room for a folder: make room without the detour
        shutil.rmtree(folder, ignore_errors=True)
        return
    with suppress(FileNotFoundError):  # another process was faster
        os.rename(folder, partial / folder.name)
    shutil.rmtree(partial, ignore_errors=True)

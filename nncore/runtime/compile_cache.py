"""XLA's cache of compiled networks on disk, made safe: probed, bounded, checked and repaired.

TensorFlow fails every compilation if the folder is not writable, the disk is full, or a file is
truncated. So a worker probes the folder before it loads TensorFlow and goes without if it must;
files are checked against a checksum; and after a failed compilation the cache is emptied.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nncore.environment import cache_dir

LOG = logging.getLogger("distributed.nncore")
#: The most bytes that the cache may take; a compiled network takes about a third of a megabyte.
MAX_BYTES = 128 * 2**20
#: Bytes that must be free on the disk.
FREE_BYTES = 32 * 2**20
#: Bytes that the probe writes.
PROBE_BYTES = 2**16
#: Seconds after which a file without a checksum counts as left behind by a crash.
GRACE = 60.0
_FLAGS, _FOLDER_FLAG = "TF_XLA_FLAGS", "--tf_xla_persistent_cache_directory"
_SEAL = ".sha256"


def folder() -> Path:
    """Return the folder of the cache."""
    return cache_dir() / "xla"


def is_enabled() -> bool:
    """Return True if this process compiles with the cache."""
    return _FOLDER_FLAG in os.environ.get(_FLAGS, "")


def enable() -> None:
    """Let TensorFlow use the cache, if the folder is usable; call it before TensorFlow loads."""
    if is_enabled() or "tensorflow" in sys.modules:
        return
    path = folder()
    problem = probe(path)
    if problem:
        LOG.warning("Compiled networks are not kept on disk: %s", problem)
        return
    check(path)
    prune(path)
    ours = f"{_FOLDER_FLAG}={path} --tf_xla_persistent_cache_device_types=CPU"
    os.environ[_FLAGS] = f"{os.environ.get(_FLAGS, '')} {ours}".strip()


def probe(path: Path) -> str:
    """Return an empty text if the folder can be written, otherwise the reason why it cannot."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
        free = shutil.disk_usage(path).free
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return "" if free >= FREE_BYTES else f"{path}: only {free >> 20} MB are free"


def seal(path: Path) -> None:
    """Write a checksum beside each file that has none."""
    for file in _compiled(path):
        if not _seal_of(file).exists():
            with suppress(OSError):  # without a checksum it is removed at the next start
                _seal_of(file).write_text(_digest(file))


def check(path: Path) -> None:
    """Remove files that do not match their checksum, and files that a crash left behind."""
    for file in _compiled(path):
        with suppress(OSError):  # another worker may have removed it
            if not _is_whole(file):
                LOG.warning("A damaged compiled network was removed: %s", file.name)
                _remove(file)


def prune(path: Path, limit: int = MAX_BYTES) -> None:
    """Remove what a crash left behind, and the oldest files until the rest fits into `limit`."""
    for left in path.glob("*.tmp*"):
        with suppress(OSError):
            if _age(left) > GRACE:
                left.unlink()
    sizes = {}
    for file in _compiled(path):
        with suppress(OSError):
            status = file.stat()
            sizes[file] = (status.st_mtime_ns, status.st_size)
    total = sum(size for _, size in sizes.values())
    for file, (_, size) in sorted(sizes.items(), key=lambda item: item[1]):
        if total <= limit:
            return
        _remove(file)
        total -= size


def clear(path: Path) -> None:
    """Remove all files, because one of them may be damaged or the disk may be full."""
    for file in [*_compiled(path), *path.glob("*.tmp*")]:
        _remove(file)


def _compiled(path: Path) -> Iterator[Path]:
    yield from path.glob("*.pb")


def _seal_of(file: Path) -> Path:
    return file.with_name(file.name + _SEAL)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _is_whole(file: Path) -> bool:
    if _seal_of(file).exists():
        return _seal_of(file).read_bytes() == _digest(file).encode()  # a damaged one is no text
    return _age(file) < GRACE  # another worker may be about to write its checksum


def _age(file: Path) -> float:
    return time.time() - file.stat().st_mtime


def _remove(file: Path) -> None:
    for name in (file, _seal_of(file)):
        with suppress(OSError):
            name.unlink()

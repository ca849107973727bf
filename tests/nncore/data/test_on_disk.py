"""Large arrays that lie in files without a name."""

from __future__ import annotations

import errno
import os
import pickle
import re
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from nncore.data import on_disk, sources
from nncore.data.datasets import load
from nncore.data.on_disk import drop_pages, keep_on_disk
from nncore.experiment import DataConfig
from nncore.training.process_memory import hand_memory_back
from tests.nncore.data.image_files import arrays, save

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="others keep arrays in memory")
#: More than the smallest array that gets a file.
SHAPE = (8_000, 28, 28)


@pytest.fixture(autouse=True)
def _on_a_disk_with_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary files may be a small tmpfs."""
    monkeypatch.setattr(on_disk, "SPARE", 0)
    mount(monkeypatch, {"/": "ext4"})


def mount(monkeypatch: pytest.MonkeyPatch, kinds: dict[str, str]) -> None:
    """Pretend that file systems of these kinds are mounted, and no others."""
    mounts = [SimpleNamespace(mountpoint=place, fstype=kind) for place, kind in kinds.items()]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)


def numbers(shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def held_of_files(folder: Path) -> int:
    """Return the bytes of files in a folder, also of those without a name, that are in memory."""
    found = re.findall(
        rf"^\w+-\w+ .*? {re.escape(str(folder))}/.*\n(?:\w+: .*\n)*?Rss: +(\d+) kB",
        Path("/proc/self/smaps").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return sum(map(int, found)) * 1024


@ON_LINUX
def test_the_pages_of_a_large_array_are_handed_back_and_read_again(tmp_path: Path) -> None:
    (kept,) = keep_on_disk((numbers(),), tmp_path / "new")
    assert not list((tmp_path / "new").iterdir())  # a crash leaves nothing behind
    kept.sum()
    assert held_of_files(tmp_path) >= kept.nbytes
    hand_memory_back()
    assert held_of_files(tmp_path) == 0
    np.testing.assert_array_equal(kept, numbers())
    assert kept.dtype == np.uint8
    assert not kept.flags.writeable


@ON_LINUX
def test_the_file_ends_with_the_array(tmp_path: Path) -> None:
    (kept,) = keep_on_disk((numbers(),), tmp_path)
    part = kept[:10]
    del kept
    assert str(tmp_path) in Path("/proc/self/smaps").read_text(encoding="utf-8")
    del part
    assert str(tmp_path) not in Path("/proc/self/smaps").read_text(encoding="utf-8")


def test_a_kept_array_is_sent_to_other_processes_like_any_other(tmp_path: Path) -> None:
    (kept,) = keep_on_disk((numbers(),), tmp_path)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(kept)), numbers())
    assert type(kept) is np.ndarray


def test_a_view_is_kept_in_its_own_order(tmp_path: Path) -> None:
    turned = np.asfortranarray(numbers())[:, ::-1]
    (kept,) = keep_on_disk((turned,), tmp_path)
    np.testing.assert_array_equal(kept, numbers()[:, ::-1])


def test_a_small_array_stays_in_memory_and_becomes_read_only(tmp_path: Path) -> None:
    small = numbers((10, 28, 28))
    assert keep_on_disk((small,), tmp_path) == (small,)
    assert not small.flags.writeable


@ON_LINUX
def test_an_array_stays_in_memory_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    images = numbers()
    assert keep_on_disk((images,), tmp_path)[0] is images


@pytest.mark.parametrize(("free", "is_kept"), [(300, True), (260, False)])
def test_a_nearly_full_disk_keeps_its_room_for_finished_runs(
    free: int, is_kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(free=free * 2**20)
    monkeypatch.setattr(on_disk, "SPARE", 256 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    images = numbers()  # 6 MB
    (kept,) = keep_on_disk((images,), tmp_path)
    assert (kept is not images) == (is_kept and sys.platform == "linux")


@pytest.mark.parametrize(
    ("kinds", "is_kept"),
    [
        ({"/": "nfs4"}, False),
        ({"/": "ext4", "{folder}": "tmpfs"}, False),  # the innermost counts
        ({"/": "nfs", "{folder}": "xfs"}, True),
        ({"/": "ext4", "{folder}x": "nfs"}, True),  # a neighbour
        ({}, False),  # nothing is known
    ],
)
def test_only_a_local_disk_is_used(
    kinds: dict[str, str], is_kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = str(tmp_path.resolve())
    mount(monkeypatch, {place.format(folder=here): kind for place, kind in kinds.items()})
    images = numbers()
    (kept,) = keep_on_disk((images,), tmp_path / "data")
    assert (kept is not images) == (is_kept and sys.platform == "linux")


@ON_LINUX
def test_there_are_never_more_files_than_a_process_can_spare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = len(on_disk._mapped_files().list_files())  # other tests may still hold some
    monkeypatch.setattr(on_disk, "MOST_FILES", here + 1)
    images = numbers()
    (kept,) = keep_on_disk((images,), tmp_path)
    assert keep_on_disk((images,), tmp_path)[0] is images
    del kept
    assert keep_on_disk((images,), tmp_path)[0] is not images


def test_an_array_stays_in_memory_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    images = numbers()
    assert keep_on_disk((images,), tmp_path / "file")[0] is images


@ON_LINUX
def test_images_of_a_file_are_kept_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of MNIST takes 55 MB in each process of a lab."""
    monkeypatch.setenv("NNCORE_CACHE_DIR", str(tmp_path / "cache"))
    content = arrays(train=6_000)
    save(tmp_path / "mnist.npz", content)
    images = sources.images_at(sources.Place(tmp_path / "mnist.npz", "mnist.npz"))
    assert isinstance(images, sources.Images)
    np.testing.assert_array_equal(images.x_train, content["x_train"])
    drop_pages()
    assert held_of_files(tmp_path / "cache") == 0
    assert str(tmp_path / "cache") in Path("/proc/self/smaps").read_text(encoding="utf-8")


@ON_LINUX
def test_a_large_part_of_the_images_is_kept_on_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than 8,192 of them are a copy of them all, in another order."""
    monkeypatch.setenv("NNCORE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NNCORE_DATA_DIR", str(tmp_path))
    content = arrays(train=9_000)
    save(tmp_path / "mnist.npz", content)
    dataset = load(DataConfig(samples=8_500))
    drop_pages()
    dataset.x_train.sum()
    assert held_of_files(tmp_path / "cache") >= dataset.x_train.nbytes
    order = np.random.default_rng(0).permutation(9_000)[:8_500]
    np.testing.assert_array_equal(dataset.x_train, content["x_train"][order])

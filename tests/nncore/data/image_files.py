"""Image files for tests, written by hand, and the configs that read them."""

import gzip
import struct
from pathlib import Path

import numpy as np

from nncore.data.datasets import Dataset
from nncore.experiment import DataConfig

DIGITS, FIVE, FASHION = DataConfig("digits"), DataConfig("five"), DataConfig("fashion")
IDX_FILES = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")


def arrays(seed: int = 0, train: int = 60, test: int = 20) -> dict[str, np.ndarray]:
    """Random images and labels in the layout of Keras's `mnist.npz`."""
    rng = np.random.default_rng(seed)
    return {
        "x_train": rng.integers(0, 256, (train, 28, 28), np.uint8),
        "y_train": rng.integers(0, 10, train, np.uint8),
        "x_test": rng.integers(0, 256, (test, 28, 28), np.uint8),
        "y_test": rng.integers(0, 10, test, np.uint8),
    }


def save(path: Path, contents: dict[str, np.ndarray]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **contents)
    return path


def save_idx(folder: Path, contents: dict[str, np.ndarray]) -> Path:
    """The four files in which Fashion-MNIST is published, written by hand."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(IDX_FILES, contents.values(), strict=True):
        header = struct.pack(">I", 0x800 + array.ndim)
        header += struct.pack(f">{array.ndim}I", *array.shape)
        (folder / f"{name}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))
    return folder


def same(dataset: Dataset, contents: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(getattr(dataset, name), contents[name]) for name in contents)

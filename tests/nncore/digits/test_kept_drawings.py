"""Drawn images come from the cache folder where it has them whole, and are drawn where not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from nncore.digits.kept_drawings import load_or_draw

PIXELS = (np.arange(3 * 784) % 251).astype(np.uint8).reshape(3, 784)
DIGEST = hashlib.sha256(PIXELS.tobytes()).hexdigest()


class Pen:
    """Counts how often it draws."""

    def __init__(self, pixels: np.ndarray = PIXELS) -> None:
        self.pixels, self.count = pixels, 0

    def __call__(self) -> np.ndarray:
        self.count += 1
        return self.pixels


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NNCORE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_images_are_drawn_once_and_read_afterwards(cache: Path) -> None:
    pen = Pen()
    for _ in range(2):
        np.testing.assert_array_equal(load_or_draw("digits", DIGEST, pen), PIXELS)
    assert pen.count == 1
    assert [path.name for path in (cache / "data").iterdir()] == [f"digits-{DIGEST[:16]}.pixels"]


@pytest.mark.parametrize(
    "damaged",
    [PIXELS.tobytes()[:-1], b"\1" + PIXELS.tobytes()[1:], b""],
    ids=["cut", "flipped", "empty"],
)
def test_a_damaged_file_is_drawn_anew(cache: Path, damaged: bytes) -> None:
    load_or_draw("digits", DIGEST, Pen())
    (file,) = (cache / "data").iterdir()
    file.write_bytes(damaged)
    pen = Pen()
    np.testing.assert_array_equal(load_or_draw("digits", DIGEST, pen), PIXELS)
    assert pen.count == 1
    assert file.read_bytes() == PIXELS.tobytes()


def test_others_than_the_digest_says_are_not_kept(cache: Path) -> None:
    np.testing.assert_array_equal(load_or_draw("digits", DIGEST, Pen(PIXELS + 1)), PIXELS + 1)
    assert not (cache / "data").exists()


def test_without_a_folder_to_write_into_images_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NNCORE_CACHE_DIR", str(tmp_path / "file"))
    np.testing.assert_array_equal(load_or_draw("digits", DIGEST, Pen()), PIXELS)

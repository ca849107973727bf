"""A scheduler or workers on another machine: where they keep their files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from nncore.runtime import node


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine's folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_temporary_files_go_into_a_folder_that_is_private_and_the_same_at_each_start() -> None:
    folder = node.private_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert node.private_folder() == folder


@pytest.mark.parametrize("mode", [0o777, 0o750])
def test_a_folder_that_others_can_open_is_not_used(mode: int) -> None:
    planted = node.private_folder()
    planted.chmod(mode)
    other = node.private_folder()
    assert other != planted
    assert other.stat().st_mode & 0o777 == 0o700


def test_a_link_that_somebody_has_planted_is_not_followed(temporary: Path) -> None:
    planted, elsewhere = node.private_folder(), temporary / "elsewhere"
    planted.rmdir()
    elsewhere.mkdir(mode=0o700)
    planted.symlink_to(elsewhere)
    assert node.private_folder() not in (planted, elsewhere)

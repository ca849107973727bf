"""The machines that the lab says it can run on."""

import ast
from pathlib import Path

import pytest

from scripts import check_platform
from scripts.check_platform import complaint

LINUX = "cpython-312-x86_64-linux-gnu"


@pytest.mark.parametrize(
    ("version", "system", "machine", "abi"),
    [
        ((3, 11), "linux", "x86_64", "cpython-311-x86_64-linux-gnu"),
        ((3, 12), "linux", "x86_64", LINUX),
        ((3, 13), "linux", "aarch64", "cpython-313-aarch64-linux-gnu"),
        ((3, 12), "darwin", "arm64", "cpython-312-darwin"),
    ],
)
def test_the_lab_runs_here(version: tuple[int, int], system: str, machine: str, abi: str) -> None:
    assert complaint(version, system, machine, abi) is None


@pytest.mark.parametrize(
    ("version", "system", "machine", "abi", "received"),
    [
        ((3, 10), "linux", "x86_64", "cpython-310-x86_64-linux-gnu", "Python 3.10"),
        ((3, 14), "linux", "x86_64", "cpython-314-x86_64-linux-gnu", "Python 3.14"),
        ((3, 12), "win32", "AMD64", "cp312-win_amd64", "win32"),
        ((3, 12), "darwin", "x86_64", "cpython-312-darwin", "x86_64"),
        ((3, 12), "linux", "armv7l", "cpython-312-arm-linux-gnueabihf", "cpython-312-arm"),
        ((3, 12), "linux", "x86_64", "cpython-312-x86_64-linux-musl", "linux-musl"),
        ((3, 13), "linux", "x86_64", "cpython-313t-x86_64-linux-gnu", "cpython-313t"),
        ((3, 11), "linux", "x86_64", "pypy311-pp73-x86_64-linux-gnu", "pypy311"),
    ],
)
def test_one_sentence_says_why_it_does_not(
    version: tuple[int, int], system: str, machine: str, abi: str, received: str
) -> None:
    sentence = complaint(version, system, machine, abi)
    assert sentence is not None
    assert received in sentence.split("Received: ")[1]
    assert "\n" not in sentence


def test_without_venv_the_package_to_install_is_named() -> None:
    assert "python3-venv" in (complaint((3, 12), "linux", "x86_64", LINUX, False) or "")


def test_any_python_3_can_read_the_file() -> None:
    source = Path(check_platform.__file__).read_text(encoding="ascii")
    ast.parse(source, feature_version=(3, 4))

"""The script that runs the tests gives browser tests, and only those, a second chance."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "run_tests.py"
#: Fails the first time that it is run in a folder, and passes from then on.
FLAKY = """
from pathlib import Path

def test_second_time():
    seen = Path("seen")
    was_there = seen.exists()
    seen.touch()
    assert was_there
"""
PASSING = "def test_passes():\n    pass\n"
FAILING = "def test_fails():\n    assert False\n"


def run(folder: Path, files: dict[str, str], **environment: str) -> tuple[int, str]:
    """The exit status and what is printed when the script runs these files as tests."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, SCRIPT, "-q", "-p", "no:cacheprovider", "-n", "0"],
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_browser_test_that_passes_alone_is_named_and_passes(tmp_path: Path) -> None:
    status, printed = run(tmp_path, {"tests/browser/test_a.py": FLAKY, "tests/test_b.py": PASSING})
    assert status == 0
    assert "passed alone (please repair):\n  tests/browser/test_a.py::test_second_time" in printed


def test_a_browser_test_that_fails_twice_fails(tmp_path: Path) -> None:
    status, printed = run(tmp_path, {"tests/browser/test_a.py": FAILING})
    assert status == 1
    assert "run once more, alone:\n  tests/browser/test_a.py::test_fails" in printed


def test_any_other_failure_counts_at_once(tmp_path: Path) -> None:
    files = {"tests/browser/test_a.py": FLAKY, "tests/test_b.py": FAILING}
    status, printed = run(tmp_path, files)
    assert status == 1
    assert "once more" not in printed


@pytest.mark.parametrize(
    ("reason", "environment", "expected"),
    [
        ("No Chromium here", {}, 0),
        ("No Chromium here", {"CI": "true"}, 1),
        ("Needs all of MNIST: set a variable", {"CI": "true"}, 0),
    ],
)
def test_in_ci_nothing_is_skipped_but_what_is_optional(
    tmp_path: Path, reason: str, environment: dict[str, str], expected: int
) -> None:
    text = f"import pytest\n\ndef test_needs():\n    pytest.skip({reason!r})\n"
    status, printed = run(tmp_path, {"tests/test_a.py": text}, **environment)
    assert status == expected
    assert ("Skipped for want of something:" in printed) is bool(expected)

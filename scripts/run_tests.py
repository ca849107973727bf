#!/usr/bin/env python3
"""Run the tests; run browser tests that failed once more, alone, and name them.

    python scripts/run_tests.py [arguments for pytest]

A browser test on a busy machine can fail because something took too long. One that passes when it
is run again alone does not fail the whole run, but it is named, so that it gets repaired. Any other
failure counts at once. Where the variable `CI` is set, a test that was skipped counts as a failure:
there the machine has everything that the tests need, apart from data and rights in `OPTIONAL`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

#: Tests in these folders get a second chance.
RETRIED = ("tests/browser/",)
#: Beginnings of the reasons for which a test may be skipped in continuous integration.
OPTIONAL = ("Needs all of MNIST", "Needs the digits of many people", "Needs the right to")


class Outcomes:
    """A pytest plugin that notes which tests failed and which were skipped.

    Attributes:
        failed: The tests that failed, in the order in which they did, without duplicates.
        skipped: The reason for each test that was skipped.
    """

    def __init__(self) -> None:
        self.failed: dict[str, None] = {}
        self.skipped: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one phase of one test; pytest calls this, also for tests in other processes."""
        if report.failed:
            self.failed[report.nodeid] = None
        elif report.skipped and isinstance(report.longrepr, tuple):  # else: expected to fail
            self.skipped[report.nodeid] = report.longrepr[2].removeprefix("Skipped: ")


def missing(outcomes: Outcomes) -> dict[str, str]:
    """Return the skipped tests, with their reasons, that something optional does not explain."""
    return {
        test: reason for test, reason in outcomes.skipped.items() if not reason.startswith(OPTIONAL)
    }


def listed(title: str, tests: Sequence[str]) -> None:
    """Print the tests below a title."""
    print(f"\n{title}", *tests, sep="\n  ", flush=True)


def passes_again(tests: Sequence[str]) -> bool:
    """Return True if all these tests pass when they are run once more, one after another."""
    listed("Failed in a browser; run once more, alone:", tests)
    command = [sys.executable, "-m", "pytest", "-n", "0", *tests]
    if subprocess.run(command, check=False).returncode:
        return False
    listed("Failed at first and passed alone (please repair):", tests)
    return True


def main(arguments: Sequence[str]) -> int:
    """Run pytest with these arguments, then what has to be run again; return the exit status."""
    outcomes = Outcomes()
    status = int(pytest.main([*arguments], plugins=[outcomes]))
    failed = [*outcomes.failed]
    may_retry = status == pytest.ExitCode.TESTS_FAILED and failed
    if may_retry and all(test.startswith(RETRIED) for test in failed):
        status = 0 if passes_again(failed) else status
    skipped = missing(outcomes) if os.environ.get("CI") else {}
    if skipped:
        listed("Skipped for want of something:", [f"{t}: {why}" for t, why in skipped.items()])
        status = status or 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

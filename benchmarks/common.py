"""What all groups share: timing, rows of results, a table on the terminal, a JSON file.

This file does not know what is measured.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import psutil

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("results")
FULL_DATA = ROOT.parent / "shared" / "data"
PACKAGES = (
    "numpy",
    "tensorflow-cpu",
    "tensorflow",
    "keras",
    "distributed",
    "streamlit",
    "scikit-learn",
    "torch",
    "jax",
    "playwright",
)
#: Seconds between two candidates, in which the threads of the one before fall asleep.
REST = 0.3


@dataclass(frozen=True)
class Row:
    """One result.

    Args:
        name: What was measured.
        value: The median of the repeats.
        unit: What it is counted in.
        repeats: How often it was measured.
        lowest: The smallest of the repeats.
        highest: The largest of the repeats.
        at_most: The value that is not to be exceeded; None where there is no such aim.
        at_least: The value that is to be reached; None where there is no such aim.
    """

    name: str
    value: float
    unit: str
    repeats: int
    lowest: float
    highest: float
    at_most: float | None = None
    at_least: float | None = None

    @classmethod
    def of(
        cls,
        name: str,
        values: Sequence[float],
        unit: str,
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> Row:
        """The row of some repeats."""
        middle = statistics.median(values)
        return cls(name, middle, unit, len(values), min(values), max(values), at_most, at_least)

    @property
    def missed(self) -> bool:
        """True where an aim is missed."""
        over = self.at_most is not None and self.value > self.at_most
        return over or (self.at_least is not None and self.value < self.at_least)

    def __str__(self) -> str:
        spread = f"{number(self.lowest)} to {number(self.highest)}" if self.repeats > 1 else ""
        aim = "" if self.at_most is None else f"at most {number(self.at_most)}"
        aim = aim if self.at_least is None else f"at least {number(self.at_least)}"
        value = f"{number(self.value):>7} {self.unit:<9}"
        missed = "  MISSED" if self.missed else ""
        return f"{self.name:<86}{value}{spread:<18}{aim}{missed}".rstrip()


def number(value: float) -> str:
    """A number with three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


class Report:
    """The rows of one group: printed as they come, written as JSON at the end.

    Args:
        group: The group's name.
        quick: Whether this is a trial: the smallest sizes, one repeat.
    """

    def __init__(self, group: str, quick: bool) -> None:
        self.group, self.quick = group, quick
        self.rows: list[Row] = []
        #: What is learnt from, in a sentence, where that is not what the environment says.
        self.data = ""
        self.tables: dict[str, list[list[int]]] = {}
        #: Further parts of the file, such as a list of what failed.
        self.details: dict[str, object] = {}
        self._machine = machine()  # before its load is our own

    def repeats(self, wanted: int) -> int:
        """Number of measurements."""
        return 1 if self.quick else wanted

    def few(self, sizes: Sequence[T]) -> Sequence[T]:
        """The sizes to go through."""
        return sizes[:1] if self.quick else sizes

    def add(
        self,
        name: str,
        values: float | Sequence[float],
        unit: str = "s",
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> float:
        """Adds a row and gives back its value."""
        listed = [values] if isinstance(values, int | float) else values
        row = Row.of(name, listed, unit, at_most, at_least)
        self.rows.append(row)
        print(row, flush=True)
        return row.value

    def table(self, name: str, counts: list[list[int]]) -> None:
        """Adds a table of counts, such as a confusion matrix."""
        self.tables[name] = counts
        print(f"{name}:")
        for row in counts:
            print("  " + "".join(f"{count:>6,}" for count in row), flush=True)

    def add_answers(
        self, name: str, seconds: Sequence[float], at_most: float | None = None
    ) -> None:
        """Adds the median of many waits, and their 95th percentile, which the aim is for."""
        self.add(f"{name}: median of {len(seconds)}", seconds)
        self.add(f"{name}: 95th percentile", percentile(seconds, 0.95), "s", at_most)

    def write(self) -> Path:
        """Writes `results/<group>.json`; a trial leaves no file behind that looks like a result."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.group}{'.quick' if self.quick else ''}.json"
        found = {
            "group": self.group,
            "quick": self.quick,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": self._machine,
            "versions": versions(),
            "data": self.data or data_in_use(),
            "rows": [asdict(row) for row in self.rows],
        }
        found |= {"tables": self.tables} if self.tables else {}
        found |= self.details
        path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return path


def run(measure: Callable[[Report], None]) -> None:
    """The command line of a group: measures, prints, writes.

    Args:
        measure: Takes the report and adds its rows.
    """
    group = Path(sys.argv[0]).stem
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{group}")
    parser.add_argument("--quick", action="store_true", help="a trial: smallest sizes, one repeat")
    report = Report(group, parser.parse_args().quick)
    with prepared(report):
        measure(report)


@contextmanager
def prepared(report: Report) -> Iterator[None]:
    """All that a group needs around it; its report is written when it is through."""
    if "NNCORE_DATA_DIR" not in os.environ and (FULL_DATA / "mnist.npz").is_file():
        os.environ["NNCORE_DATA_DIR"] = str(FULL_DATA)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["NNCORE_OFFLINE"] = "1"
    title = f"{report.group}{' (a trial)' if report.quick else ''}"
    print(f"\n{title}: {data_in_use()}", flush=True)
    with own_cache():
        yield
    print(f"Written to {report.write().relative_to(ROOT)}", flush=True)


@contextmanager
def own_cache() -> Iterator[Path]:
    """An empty cache folder for what runs inside: no compiled code, no trained network in it."""
    before = os.environ.get("NNCORE_CACHE_DIR")
    with TemporaryDirectory(prefix="nncore-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["NNCORE_CACHE_DIR"] = folder
        try:
            yield Path(folder)
        finally:
            os.environ.pop("NNCORE_CACHE_DIR")
            if before is not None:
                os.environ["NNCORE_CACHE_DIR"] = before


def data_in_use() -> str:
    """Return a sentence on the digits that are trained on."""
    from nncore.data.datasets import load
    from nncore.experiment import DataConfig

    return load(DataConfig()).source


def timed(function: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def in_turn(candidates: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, list[float]]:
    """Measures candidates in turn, round after round, so that all meet the same machine.

    Args:
        candidates: By name, what measures once. Each is called once before, to warm up.
        repeats: Rounds.
    """
    for measure in candidates.values():
        measure()
    found: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(repeats):
        for name, measure in candidates.items():
            time.sleep(REST)
            found[name].append(measure())
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def memory_of(*processes: psutil.Process) -> float:
    """Memory of processes together, in MB: their proportional set size.

    A page that several share counts once. Systems other than Linux tell only the resident memory.
    """
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            memory = process.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    return total / 1e6


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it has started."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def machine() -> dict[str, object]:
    """Return a description of the machine."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load": [round(load, 2) for load in psutil.getloadavg()],
    }


def versions() -> dict[str, str]:
    """Python's version, and those of the packages that are measured."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()

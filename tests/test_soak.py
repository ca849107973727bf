"""The soak in short: scripted visitors, and what is counted of them."""

from __future__ import annotations

import pytest

from benchmarks import soak
from benchmarks.common import Report


def test_visitors_of_half_a_minute_see_no_error_and_their_runs_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(soak, "A_MINUTE", 20)
    monkeypatch.setattr(soak, "WAITING", 1.0)
    monkeypatch.setattr(soak, "STAY", (0.5, 1.5))
    monkeypatch.setattr(soak, "LEAVING", 120.0)
    monkeypatch.setattr(soak, "PAGES", ("rounding", "runs", ""))  # one shape of network
    report = Report("soak", quick=True)
    soak.measure(report, 0.5, soak.SEED)
    counts = {row.name: row.value for row in report.rows}
    assert [name for name in counts if name.startswith("failed")] == []
    assert counts["visitors"] >= 8
    assert counts["runs whose end was seen"] > 0
    assert 100 < counts["server: at the end"] < 500  # megabytes


def test_the_log_says_what_went_wrong_behind_a_page() -> None:
    log = "started\nTraceback (most recent call last):\n  File x\nValueError: 3\nTraceback (most "
    assert soak.find_errors(log) == ["\n  File x\nValueError: 3\nTraceback (most "]
    assert soak.find_errors("started") == []


def test_growth_counts_from_the_first_half_hour() -> None:
    found = soak.Soak()
    found.samples = [{"server": 100.0 + minute} for minute in range(121)]
    report = Report("soak", quick=True)
    soak.summarise(report, found, 120)
    growth = {row.name: row.value for row in report.rows}["server: growth since then"]
    assert growth == pytest.approx(218 / 132)  # the medians of minutes 116 to 120 and 30 to 34

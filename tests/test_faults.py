"""The fault bench in short: a few faults at a real lab, and what the bench itself relies on."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import fault_kinds, fault_stage
from benchmarks.fault_stage import Stage, is_sentence, marked, new_stage
from benchmarks.faults import KINDS, Outcome, kind_of, read_logs, throw, throw_all


def numbers_of(kind: str, count: int) -> list[int]:
    """Return the first faults of a kind."""
    return [number for number in range(1000) if kind_of(17, number) == kind][:count]


def test_nothing_is_lost_or_left_behind_by_ten_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_kinds, "UNITS", (3,))  # compiled once
    monkeypatch.setattr(fault_kinds, "SEEDS", 2)
    counts = {
        "stored file damaged": 3,
        "disk full": 2,
        "compiled file damaged": 1,
        "two labs on one cache": 2,
        "clock set back a day": 1,
        "worker killed": 1,
    }
    numbers = [number for kind, count in counts.items() for number in numbers_of(kind, count)]
    outcomes = list(throw_all(17, numbers))
    assert [one for one in outcomes if one.broken] == []
    assert len(outcomes) == 10


def test_a_fault_follows_from_its_seed_and_number() -> None:
    assert [kind_of(17, number) for number in range(50)] == [
        kind_of(17, number) for number in range(50)
    ]
    assert {kind_of(17, number) for number in range(1000)} == {*KINDS}


def test_a_promise_that_does_not_hold_is_recorded_with_its_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_a_promise(fault: fault_kinds.Fault) -> None:
        fault.note.append("by hand")
        raise fault_stage.Broken("a run is lost")

    monkeypatch.setitem(KINDS, "worker killed", (break_a_promise, 1))
    stage = new_stage()
    try:
        outcome = throw(stage, 17, 3, "worker killed")
    finally:
        stage.close()
    assert (outcome.number, outcome.note, outcome.broken) == (3, "by hand", "a run is lost")
    assert not stage.folder.exists()


def test_a_process_that_belongs_to_no_lab_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_stage, "PATIENCE", 0.1)
    stage = new_stage()
    try:
        stage.check_clean()
        orphan = subprocess.Popen(["sleep", "1000"], env=stage.environment())
        with pytest.raises(fault_stage.Broken, match=f"process {orphan.pid}"):
            stage.check_clean()
        stage.check_clean([orphan.pid])
    finally:
        stage.close()
    orphan.wait()
    assert not marked(stage.mark)


def test_a_temporary_file_that_is_left_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_stage, "PATIENCE", 0.1)
    stage = new_stage()
    try:
        (stage.temporary / "nncore-left").mkdir()
        with pytest.raises(fault_stage.Broken, match="tmp/nncore-left"):
            stage.check_clean()
    finally:
        stage.close()


def test_the_clock_of_a_stage_is_its_own() -> None:
    stage = new_stage()
    try:
        if not stage.can_set_clock:
            pytest.skip("Needs a C compiler.")
        stage.set_clock(-fault_kinds.DAY)
        assert seconds_behind(stage) == pytest.approx(fault_kinds.DAY, abs=60)
        stage.set_clock(0)
        assert seconds_behind(stage) == pytest.approx(0, abs=60)
    finally:
        stage.close()


def seconds_behind(stage: Stage) -> float:
    """Return by how much the stage's clock is behind this process's."""
    command = [sys.executable, "-c", "import time; print(time.time())"]
    there = subprocess.run(
        command, env=stage.environment(), capture_output=True, text=True, check=True
    )
    return time.time() - float(there.stdout)


@pytest.mark.parametrize("how", fault_kinds.WAYS)
def test_a_damaged_file_is_another_file(how: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(1000))
    fault_kinds.damage(file, how, random.Random(1))
    assert not file.exists() or file.read_bytes() != bytes(1000)


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("Worker ready", True),
        ("The run ended because of an error in the lab. The server's log has the details.", True),
        ("", False),
        ("See /tmp/nncore-1/keys", False),
        ("Attempted to run task <Task 1>", False),
        ("ValueError: no", False),
    ],
)
def test_a_sentence_has_no_path_and_no_class(text: str, readable: bool) -> None:
    assert is_sentence(text) is readable


def test_logs_are_read_with_the_last_outcome_of_each_fault(tmp_path: Path) -> None:
    log = tmp_path / "log"
    lines = [
        '{"seed": 1, "number": 2, "kind": "a", "note": "", "seconds": 1.0, "broken": "no"}',
        '{"seed": 1, "number": 2, "kind": "a", "note": "", "seconds": 2.0}',
    ]
    log.write_text("\n".join(lines))
    assert read_logs([log]) == [Outcome(1, 2, "a", "", 2.0)]

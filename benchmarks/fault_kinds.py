"""The faults of the fault bench: each function throws one on a stage, and checks what follows.

A fault is random, but follows from its generator alone: the kind, the runs, the moment, the file.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from benchmarks.fault_stage import Broken, Host, Stage, finish, is_sentence, wait_until

DAY = 24 * 3600
#: The networks that are trained: few, so that most of them are compiled already.
UNITS, SEEDS = (3, 5), 4
#: Gradient updates of a run.
UPDATES = 200
#: Gradient updates a second: at full speed, and so slow that a fault hits the middle of the run.
RATES = (None, 400.0, 800.0)


@dataclass
class Fault:
    """One fault.

    Args:
        stage: Where it is thrown.
        random: Decides everything about it.
        note: What was done, in a few words, for the report.
    """

    stage: Stage
    random: random.Random
    note: list[str] = field(default_factory=list)

    def settings(self) -> dict[str, Any]:
        """Return the settings of a small experiment."""
        units, seed = self.random.choice(UNITS), self.random.randrange(SEEDS)
        return settings_of(units, seed)

    def all_settings(self) -> list[dict[str, Any]]:
        """Return the settings of all experiments."""
        return [settings_of(units, seed) for units in UNITS for seed in range(SEEDS)]

    def train(self, host: Host, count: int) -> list[_Training]:
        """Start some runs."""
        chosen = [(self.settings(), self.random.choice(RATES)) for _ in range(count)]
        return [
            _Training(settings, host.ask("train", settings=settings, rate=rate))
            for settings, rate in chosen
        ]

    def wait_for_moment(self, host: Host, runs: list[_Training]) -> None:
        """Wait until the first run has made a random number of updates."""
        least = self.random.randrange(UPDATES)
        self.note.append(f"after {least} updates")

        def is_there() -> bool:
            seen = host.ask("look", number=runs[0].number)
            return bool(seen["is_over"] or seen["updates"] >= least)

        wait_until(is_there, "the run did not start")


class _Training(NamedTuple):
    """A run that was started."""

    settings: dict[str, Any]
    number: int


Kind = Callable[[Fault], None]


def settings_of(units: int, seed: int) -> dict[str, Any]:
    """Return the settings of an experiment of 200 updates."""
    return {
        "data.name": "rounding",
        "data.samples": 640,
        "model.units": [units],
        "fit.optimizer": "adam",
        "fit.loss": "sparse_categorical_crossentropy",
        "fit.epochs": 10,
        "fit.batch_size": 32,
        "fit.seed": seed,
    }


# What must hold


def check_runs(fault: Fault, host: Host, runs: list[_Training], *, is_saved: bool = True) -> None:
    """Check that all runs reach their end, with the same bits as undisturbed ones.

    Args:
        fault: The fault that was thrown.
        host: The lab that trains them.
        runs: The runs.
        is_saved: True if they must be stored, too.
    """
    for run in runs:
        end = finish(host, run.number)
        if end["state"] != "finished":
            raise Broken(f"a run is {end['state']}: {end['note']}")
        if end["digest"] != fault.stage.reference(run.settings):
            raise Broken(f"other weights than undisturbed: {run.settings}")
        if is_saved:
            check_saved(fault, host, run)


def check_saved(fault: Fault, host: Host, run: _Training) -> None:
    """Check that a finished run is stored, bit for bit."""
    found = ""

    def is_saved() -> bool:
        nonlocal found
        found = host.ask("stored", settings=run.settings)
        note = host.ask("look", number=run.number)["note"]
        if note and not found:
            raise Broken(f"not saved: {note}")
        return bool(found)

    wait_until(is_saved, "a finished run was not saved")
    if found != fault.stage.reference(run.settings):
        raise Broken("the store has other weights")


# Processes


def kill(role: str) -> Kind:
    """Return the fault that kills a process of the lab in the middle of runs, or at their end."""

    def throw(fault: Fault) -> None:
        host = fault.stage.host()
        runs = fault.train(host, fault.random.randint(1, 3))
        fault.wait_for_moment(host, runs)
        if fault.random.random() < 0.3:  # while the finished run is being saved
            fault.note.append("at the end")
            finish(host, runs[0].number)
        with suppress(psutil.NoSuchProcess):
            host.find(role).kill()
        check_runs(fault, host, runs)
        host.wait_until_ready()
        fault.stage.check_clean()

    return throw


def kill_server(fault: Fault) -> None:
    """Kill the process of the lab itself: its finished runs are whole or were never stored."""
    host = fault.stage.host()
    runs = fault.train(host, fault.random.randint(1, 3))
    expected = {json.dumps(run.settings): fault.stage.reference(run.settings) for run in runs}
    fault.wait_for_moment(host, runs)
    if fault.random.random() < 0.5:
        fault.note.append("at the end")
        finish(host, runs[0].number)
    host.kill()
    fault.stage.check_clean(half=True)
    after = fault.stage.host()
    for run in runs:
        if after.ask("stored", settings=run.settings) not in {
            "",
            expected[json.dumps(run.settings)],
        }:
            raise Broken("the store has half of a run")
    again = [_Training(run.settings, after.ask("train", settings=run.settings)) for run in runs]
    check_runs(fault, after, again)
    fault.stage.check_clean()


# Files


@contextmanager
def full_disk(stage: Stage, left: int) -> Iterator[None]:
    """Fill the cache's disk but for some bytes."""
    filler = stage.cache / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(2**16))
    os.truncate(filler, max(0, filler.stat().st_size - left))
    try:
        yield
    finally:
        filler.unlink()


def fill_disk(fault: Fault) -> None:
    """Leave no room for what a run writes; it is trained all the same, and saved or explained."""
    stage, host = fault.stage, fault.stage.host()
    left = fault.random.choice((0, 4096, 2**15, 2**17, 2**20))
    fault.note.append(f"{left:,} bytes left")
    is_mid_run = fault.random.random() < 0.5
    early = fault.train(host, 2) if is_mid_run else []
    if early:
        fault.wait_for_moment(host, early)
    with full_disk(stage, left):
        runs = early + fault.train(host, 1)
        for run in runs:
            end = finish(host, run.number)
            if end["state"] != "finished":
                raise Broken(f"a run is {end['state']}: {end['note']}")
        check_notes(host, runs)
    for run in runs:
        if host.ask("look", number=run.number)["digest"] != stage.reference(run.settings):
            raise Broken("other weights than undisturbed")
    again = [_Training(run.settings, host.ask("train", settings=run.settings)) for run in runs]
    check_runs(fault, host, again)
    stage.check_clean()


def check_notes(host: Host, runs: list[_Training]) -> None:
    """Wait until each finished run is saved or says in a sentence why it is not."""
    for run in runs:
        seen: dict[str, Any] = {}

        def is_settled(run: _Training = run, seen: dict[str, Any] = seen) -> bool:
            seen.update(host.ask("look", number=run.number))
            return bool(seen["note"] or seen["is_taken"])

        wait_until(is_settled, "neither saved nor explained")
        if seen["note"] and not (is_sentence(seen["note"]) and "disk" in seen["note"]):
            raise Broken(f"the page says {seen['note']!r}")


def damage(file: Path, how: str, random: random.Random) -> None:
    """Damage a file: cut it, flip a bit, empty it, remove it, or put something else there."""
    data = bytearray(file.read_bytes())
    match how:
        case "cut":
            file.write_bytes(data[: random.randrange(max(1, len(data)))])
        case "flipped" if data:
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
            file.write_bytes(data)
        case "removed":
            file.unlink()
        case _:
            file.write_bytes(random.randbytes(random.choice((0, 1, 100, 10_000))))


WAYS = ("cut", "flipped", "removed", "replaced")


def damage_stored(fault: Fault) -> None:
    """Damage a file of the store: nobody gets other weights, and the next run is stored again."""
    stage, host = fault.stage, fault.stage.host()
    settings = fault.settings()
    expected = stage.reference(settings)
    ensure_stored(fault, host, settings)
    entries = [path for path in (stage.cache / "models").iterdir() if "-" in path.name]
    files = sorted(path for entry in entries for path in entry.glob("*") if path.is_file())
    for file in fault.random.sample(files, min(len(files), fault.random.randint(1, 3))):
        how = fault.random.choice(WAYS)
        fault.note.append(f"{file.name} {how}")
        damage(file, how, fault.random)
    for one in fault.all_settings():
        found = host.ask("stored", settings=one)
        if found and found != stage.reference(one):
            raise Broken("the store returned damaged weights")
    run = _Training(settings, host.ask("train", settings=settings))
    check_runs(fault, host, [run])
    if host.ask("stored", settings=settings) != expected:
        raise Broken("the run was not stored again")
    stage.check_clean()


def ensure_stored(fault: Fault, host: Host, settings: dict[str, Any]) -> None:
    """Train an experiment if the store does not have it."""
    if not host.ask("stored", settings=settings):
        check_runs(fault, host, [_Training(settings, host.ask("train", settings=settings))])


def damage_compiled(fault: Fault) -> None:
    """Damage compiled networks, for the worker that is there or for the next one."""
    stage, host = fault.stage, fault.stage.host()
    files = sorted((stage.cache / "xla").glob("*"))
    for file in fault.random.sample(files, min(len(files), fault.random.randint(1, 4))):
        how = fault.random.choice(WAYS)
        fault.note.append(f"{file.suffix} {how}")
        damage(file, how, fault.random)
    if fault.random.random() < 0.5:
        fault.note.append("new worker")
        host.find("worker").kill()
    check_runs(fault, host, fault.train(host, 2))
    host.wait_until_ready()
    stage.check_clean()


# The clock


def set_clock_back(fault: Fault) -> None:
    """Set the clock back a day in the middle of runs, and forward again."""
    stage, host = fault.stage, fault.stage.host()
    runs = fault.train(host, 2)
    fault.wait_for_moment(host, runs)
    stage.set_clock(-DAY)
    try:
        if fault.random.random() < 0.05:
            fault.note.append("new worker")
            host.find("worker").kill()
        runs += fault.train(host, 1)
        check_runs(fault, host, runs)
        host.wait_until_ready()
    finally:
        stage.set_clock(0)
    check_runs(fault, host, fault.train(host, 1))
    stage.check_clean()


# Two labs


def share_cache(fault: Fault) -> None:
    """Let two labs train and store the same experiments in one folder, while files are damaged."""
    stage = fault.stage
    first, second = stage.host(0), stage.host(1)
    settings = [fault.settings() for _ in range(2)]
    for one in settings:
        entry = [path for path in (stage.cache / "models").glob("*-*") if path.is_dir()]
        if entry and fault.random.random() < 0.7:
            chosen = fault.random.choice(sorted(entry))
            files = sorted(chosen.iterdir())
            if files:
                damage(fault.random.choice(files), fault.random.choice(WAYS), fault.random)
        stage.reference(one)
    pairs = [
        (host, _Training(one, host.ask("train", settings=one, rate=fault.random.choice(RATES))))
        for one in settings
        for host in (first, second)
    ]
    for host, run in pairs:
        check_runs(fault, host, [run])
    for host in (first, second):
        host.wait_until_ready()
    stage.check_clean()

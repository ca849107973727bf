"""Throw faults at real labs, from a seed, and check after each that nothing is lost or left behind.

    python -m benchmarks.faults                          # 1,000 faults
    python -m benchmarks.faults --seed 7 --only 12       # one of them again
    python -m benchmarks.faults --first 500 --count 250 --log b.jsonl     # a part, into a log
    python -m benchmarks.faults --from-logs a.jsonl b.jsonl               # the table of some logs

Each fault follows from the seed and its number alone: its kind, its runs, its moment. A lab is kept
for many faults; after one that broke something the next starts on a new stage.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import fault_kinds, network
from benchmarks.common import Report, prepared
from benchmarks.fault_hosts import cut_link
from benchmarks.fault_kinds import Fault, Kind
from benchmarks.fault_servers import end_server
from benchmarks.fault_stage import Broken, Gone, Stage, new_stage

SEED, COUNT, FEW = 17, 1000, 10
#: The faults, with how many of a thousand are of each kind. Those after which TensorFlow has to be
#: loaded again are rare: they take ten times as long as the others.
KINDS: dict[str, tuple[Kind, int]] = {
    "worker killed": (fault_kinds.kill("worker"), 24),
    "nanny killed": (fault_kinds.kill("nanny"), 8),
    "scheduler killed": (fault_kinds.kill("scheduler"), 8),
    "lab killed": (fault_kinds.kill_server, 8),
    "server ended": (end_server, 4),
    "disk full": (fault_kinds.fill_disk, 200),
    "stored file damaged": (fault_kinds.damage_stored, 560),
    "compiled file damaged": (fault_kinds.damage_compiled, 20),
    "clock set back a day": (fault_kinds.set_clock_back, 20),
    "two labs on one cache": (fault_kinds.share_cache, 144),
    "link cut between hosts": (cut_link, 4),
}


@dataclass(frozen=True)
class Outcome:
    """The end of one fault.

    Args:
        seed: The seed.
        number: The fault's number.
        kind: Its kind.
        note: What was done.
        seconds: Seconds that the fault and its checks took.
        broken: Empty, or the promise that did not hold.
        skipped: Empty, or why it was not thrown here.
    """

    seed: int
    number: int
    kind: str
    note: str
    seconds: float
    broken: str = ""
    skipped: str = ""


def kind_of(seed: int, number: int) -> str:
    """Return the kind of a fault."""
    chooser = random.Random(f"{seed}/{number}/kind")
    return chooser.choices([*KINDS], [weight for _, weight in KINDS.values()])[0]


def missing(kind: str, stage: Stage) -> str:
    """Return why a fault cannot be thrown here, or an empty text."""
    if kind == "disk full" and not stage.has_disk:
        return "needs the right to mount a tmpfs"
    if kind == "clock set back a day" and not stage.can_set_clock:
        return "needs a C compiler"
    if kind == "link cut between hosts" and not network.can_make_hosts():
        return "needs the right to make network namespaces"
    return ""


def throw(stage: Stage, seed: int, number: int, kind: str) -> Outcome:
    """Throw one fault and return what became of it."""
    fault = Fault(stage, random.Random(f"{seed}/{number}"))
    started, broken = time.monotonic(), ""
    skipped = missing(kind, stage)
    if not skipped:
        try:
            KINDS[kind][0](fault)
        except Broken as error:
            broken = str(error)
        except Gone:
            broken = "the lab ended"
        except Exception:  # noqa: BLE001 - a fault of the bench itself is recorded like the others
            broken = traceback.format_exc(limit=-3)
    seconds = round(time.monotonic() - started, 2)
    return Outcome(seed, number, kind, ", ".join(fault.note), seconds, broken, skipped)


def throw_all(seed: int, numbers: Iterable[int], kinds: Sequence[str] = ()) -> Iterator[Outcome]:
    """Throw faults one after another, and yield what became of each.

    Args:
        seed: The seed.
        numbers: The faults' numbers.
        kinds: The kinds to throw; none means all.
    """
    stage: Stage | None = None
    try:
        for number in numbers:
            kind = kind_of(seed, number)
            if kinds and kind not in kinds:
                continue
            stage = stage or new_stage()
            outcome = throw(stage, seed, number, kind)
            if outcome.broken:
                tell_log(stage)
                stage.close()
                stage = None
            yield outcome
    finally:
        if stage is not None:
            stage.close()


def tell_log(stage: Stage) -> None:
    """Print the end of the labs' log."""
    log = stage.folder / "log"
    if log.exists():
        print(log.read_text(errors="replace")[-3000:], file=sys.stderr)


def tell(outcome: Outcome) -> None:
    """Print a line on a fault."""
    end = outcome.broken and f"BROKEN: {outcome.broken}"
    end = end or (outcome.skipped and f"skipped: {outcome.skipped}") or "held"
    line = f"{outcome.number:>5} {outcome.kind:<26}{outcome.seconds:>7.1f} s  {end}"
    print(f"{line}  ({outcome.note})" if outcome.note else line, flush=True)


def summarise(report: Report, outcomes: Sequence[Outcome]) -> None:
    """Add the rows of all kinds, and the list of what broke."""
    for kind in KINDS:
        ours = [one for one in outcomes if one.kind == kind]
        thrown = [one for one in ours if not one.skipped]
        if thrown:
            broken = sum(bool(one.broken) for one in thrown)
            report.add(f"{kind}: broken of {len(thrown):,}", broken, "faults", at_most=0)
            report.add(f"{kind}: until all was checked", [one.seconds for one in thrown])
        elif ours:
            print(f"{kind}: skipped, {ours[0].skipped}")
    report.add("all kinds: faults", sum(not one.skipped for one in outcomes), "faults")
    report.details["broken"] = [asdict(one) for one in outcomes if one.broken]


def read_logs(paths: Iterable[str | Path]) -> list[Outcome]:
    """Return the outcomes of some logs; of a fault that was thrown twice the last."""
    found = {}
    for path in paths:
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            outcome = Outcome(**json.loads(line))
            found[outcome.seed, outcome.number] = outcome
    return list(found.values())


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults")
    parser.add_argument("--quick", action="store_true", help=f"a trial: {FEW} faults")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", type=int, help="the number of one fault to throw")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--kind", action="append", default=[], choices=[*KINDS])
    parser.add_argument(
        "--log", type=Path, help="append to a file, and leave out what is in it; no table"
    )
    parser.add_argument("--from-logs", nargs="+", default=[], help="make the table of such files")
    return parser.parse_args()


def chosen_outcomes(chosen: argparse.Namespace) -> Iterator[Outcome]:
    """Yield the outcomes that the command line asks for."""
    if chosen.from_logs:
        yield from read_logs(chosen.from_logs)
        return
    numbers = range(chosen.first, chosen.first + (FEW if chosen.quick else chosen.count))
    if chosen.only is not None:
        numbers = range(chosen.only, chosen.only + 1)
    known = read_logs([chosen.log]) if chosen.log and chosen.log.exists() else []
    done = {one.number for one in known if one.seed == chosen.seed}
    rest = [number for number in numbers if number not in done]
    for outcome in throw_all(chosen.seed, rest, chosen.kind):
        tell(outcome)
        if chosen.log:
            with chosen.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(asdict(outcome)) + "\n")
        yield outcome


def main() -> None:
    """Throw the faults, and write the table."""
    chosen = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the labs are ended
    if chosen.only is not None or chosen.log:
        broken = [one for one in chosen_outcomes(chosen) if one.broken]
        sys.exit(1 if broken else 0)
    report = Report("faults", chosen.quick)
    with prepared(report):
        summarise(report, [*chosen_outcomes(chosen)])


if __name__ == "__main__":
    main()

"""Let scripted visitors come for hours, and watch the memory of each process of the lab.

    python -m benchmarks.soak                 # two hours
    python -m benchmarks.soak --minutes 40

Ten visitors come each minute. They follow from a seed: each opens some pages with its own settings,
trains, draws, and leaves; some wait for the end of their run. They are sessions without a browser
(`session.py`). What a page shows in red is counted as a failure. Once a minute the proportional set
size of each process is taken; a worker that was replaced is another process.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
import psutil
from PIL import Image, ImageDraw
from websockets.exceptions import ConnectionClosed

from benchmarks.common import Report, family, memory_of, prepared
from benchmarks.server import LAB, Server, serving
from benchmarks.session import Session

SEED, MINUTES, QUICK = 16, 120.0, 1.5
#: Visitors that come each minute, and the most that are there at once.
A_MINUTE, MOST = 10, 15
#: Megabytes that all processes may hold at the end, and their growth after the first half hour, or
#: after half of the time if that is sooner.
MEMORY, GROWTH, GROWN_UP = 1200.0, 1.05, 30
LESSONS = ("rounding", "perceptron", "mnist", "own")
PAGES = ("", *LESSONS, "draw", "sweep", "runs", "classroom", "browser")
#: Seconds that a visitor looks at a page, at least and at most.
STAY = (3.0, 15.0)
#: The share of visitors that wait for the end of a run, and the seconds that it may take.
WAITING, LONGEST = 0.3, 120.0
#: The share of visitors of the experiments that start a sweep, which is several runs.
SWEEPING = 0.3
#: Seconds in which the last visitors may end their visits.
LEAVING = 20.0
#: Characters of a traceback that are written down.
TRACEBACK = 4000
#: Seconds that a server may take to start on a busy machine, and a page to be ready.
PATIENCE = 300.0


@dataclass
class Soak:
    """All that is counted.

    Args:
        samples: One table a minute: megabytes by role and process.
        counts: How often visitors did what.
    """

    samples: list[dict[str, float]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def measure(report: Report, minutes: float, seed: int) -> None:
    """Add the rows of one soak."""
    soak = Soak()
    with serving(LAB, patience=PATIENCE) as server:
        asyncio.run(_hold(server, soak, minutes, random.Random(seed)))
        report.details["errors in the log"] = find_errors(server.read_log())
    summarise(report, soak, minutes)


def find_errors(log: str) -> list[str]:
    """Return the first tracebacks of a log: a page shows visitors that there was one, not which."""
    return [part[:TRACEBACK] for part in log.split("Traceback (most recent call last):")[1:][:MOST]]


async def _hold(server: Server, soak: Soak, minutes: float, chooser: random.Random) -> None:
    """Let visitors come until the time is over."""
    end = time.monotonic() + 60 * minutes
    weighing = asyncio.create_task(_weigh(server, soak))
    visits: set[asyncio.Task[None]] = set()
    while time.monotonic() < end and psutil.pid_exists(server.pid):
        visits = {visit for visit in visits if not visit.done()}
        if len(visits) < MOST:
            one = random.Random(chooser.random())
            visits.add(asyncio.create_task(_visit(server, soak, one)))
        else:
            soak.counts["turned away"] += 1
        await asyncio.sleep(60 / A_MINUTE)
    if visits:
        await asyncio.wait(visits, timeout=LEAVING)
    for task in (*visits, weighing):
        task.cancel()
    await asyncio.gather(*visits, weighing, return_exceptions=True)
    soak.samples.append(weigh(server.pid))


async def _visit(server: Server, soak: Soak, chooser: random.Random) -> None:
    """Open some pages one after another; a page that fails is counted."""
    soak.counts["visitors"] += 1
    for _ in range(chooser.randint(1, 4)):
        page = chooser.choice(PAGES)
        soak.counts[f"page {page or 'home'}"] += 1
        try:
            async with Session.open(server.url, page, query_of(page, chooser)) as session:
                try:
                    await _use(session, soak, page, chooser)
                finally:  # each once, though a part of a page may be drawn again and again
                    soak.counts.update({f"failed: {sentence}" for sentence in session.errors})
        except (TimeoutError, OSError, ConnectionClosed) as error:
            soak.counts[f"failed: {type(error).__name__}"] += 1


async def _use(session: Session, soak: Soak, page: str, chooser: random.Random) -> None:
    """Do on a page what it is for."""
    if page in LESSONS:
        soak.counts["runs"] += 1
        await session.click(f"{page}.train")
        if chooser.random() < WAITING:
            await session.sees("Trained", LONGEST)
            soak.counts["runs whose end was seen"] += 1
    elif page == "sweep" and chooser.random() < SWEEPING:
        soak.counts["sweeps"] += 1
        await session.click("sweep.start")
    elif page == "draw":
        for _ in range(chooser.randint(1, 4)):
            soak.counts["drawings"] += 1
            await session.send("draw.canvas.0", drawing(chooser))
            await asyncio.sleep(chooser.uniform(0.5, 3))
    await asyncio.sleep(chooser.uniform(*STAY))


def query_of(page: str, chooser: random.Random) -> str:
    """Return settings for a lesson: shapes that repeat, and some that nobody has had before."""
    if page not in LESSONS:
        return ""
    units = [chooser.choice((8, 16, 32, 64, 128)) for _ in range(chooser.randint(0, 2))]
    if chooser.random() < 0.3:
        units.append(chooser.randint(3, 200))
    settings: dict[str, object] = {
        "fit.seed": chooser.randrange(1000),
        "fit.epochs": chooser.randint(1, 8),
        "fit.batch_size": chooser.choice((16, 32, 64, 128)),
    }
    if page == "mnist":
        settings["model.units"] = "-".join(map(str, units)) or "none"
        settings["data.samples"] = chooser.choice((500, 1000, 5000))
    return "&".join(f"{name}={value}" for name, value in settings.items())


def drawing(chooser: random.Random) -> dict[str, object]:
    """Return what the canvas sends after a stroke through random points."""
    picture = Image.new("RGBA", (280, 280), (255, 255, 255, 255))
    points = [(chooser.uniform(60, 220), chooser.uniform(40, 240)) for _ in range(5)]
    ImageDraw.Draw(picture).line(points, fill=(0, 0, 0, 255), width=20, joint="curve")
    file = BytesIO()
    picture.save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    sent = {"raw": {"objects": [{}]}, "data": f"data:image/png;base64,{data}"}
    return {"drawing": sent}


# Memory


async def _weigh(server: Server, soak: Soak) -> None:
    while True:
        soak.samples.append(weigh(server.pid))
        minute, total = len(soak.samples) - 1, sum(soak.samples[-1].values())
        print(f"minute {minute:>4}: {total:>6,.0f} MB  {soak.counts['visitors']:,} visitors")
        sys.stdout.flush()
        await asyncio.sleep(60)


def weigh(server: int) -> dict[str, float]:
    """Return the megabytes of each process of a lab by role; workers have their number, too."""
    found: dict[str, float] = {}
    for process in family(server):
        with suppress(psutil.Error):
            role = role_of(process, server)
            found[role] = found.get(role, 0.0) + memory_of(process)
    return found


def role_of(process: psutil.Process, server: int) -> str:
    """Return the role of a process in the lab."""
    line = " ".join(process.cmdline())
    if process.pid == server:
        return "server"
    if "distributed.Scheduler" in line:
        return "scheduler"
    if "distributed.Nanny" in line:
        return "nanny"
    return f"worker {process.pid}" if "spawn_main" in line else "other"


def summarise(report: Report, soak: Soak, minutes: float) -> None:
    """Add the rows: all processes together, and each one's growth after the first half hour."""
    totals = [sum(one.values()) for one in soak.samples]
    early = min(GROWN_UP, len(totals) // 2)
    report.add(f"{minutes:g} minutes, all processes: after {early} of them", totals[early], "MB")
    report.add(f"{minutes:g} minutes, all processes: at the end", totals[-1], "MB", MEMORY)
    report.add(f"{minutes:g} minutes, all processes: the most", max(totals), "MB")
    for role in ("server", "scheduler", "nanny", "worker"):
        values = [sum(of_role(one, role).values()) for one in soak.samples]
        late = values[early:]
        report.add(f"{role}: after {early} minutes", late[0], "MB")
        report.add(f"{role}: at the end", late[-1], "MB")
        if late[0]:
            # A single sample jumps with what is drawn at that moment, so five are taken together.
            growth = float(np.median(late[-5:]) / np.median(late[:5]))
            aim = None if role == "worker" else GROWTH
            report.add(f"{role}: growth since then", growth, "times", aim)
    workers = {name for one in soak.samples for name in of_role(one, "worker")}
    report.add("workers, one after another", len(workers), "processes")
    for name, count in sorted(soak.counts.items()):
        report.add(name, count, "times")
    report.details["samples"] = [
        {name: round(value, 1) for name, value in one.items()} for one in soak.samples
    ]


def of_role(sample: Mapping[str, float], role: str) -> dict[str, float]:
    """Return the part of a sample that belongs to a role."""
    return {name: value for name, value in sample.items() if name.split()[0] == role}


def main() -> None:
    """Hold the soak, and write its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--quick", action="store_true", help=f"a trial: {QUICK:g} minutes")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    report = Report("soak", chosen.quick)
    with prepared(report):
        measure(report, QUICK if chosen.quick else chosen.minutes, chosen.seed)


if __name__ == "__main__":
    main()

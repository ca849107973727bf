"""Measure a class: sessions that all start a run at the same moment, and one more visitor.

The learners are sessions without a browser (`session.py`): the server works for them as it does for
browsers, but they take no computing time from it, like a class with computers of its own. The extra
visitor is a real Chromium, and its waiting times are measured in its page.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

from playwright.async_api import Browser, Page

from benchmarks import browser as chromium
from benchmarks.common import Report, family, own_cache, resident, run
from benchmarks.server import LAB, serving
from benchmarks.session import Session

SIZES = (1, 10, 30)
REPEATS = 3
NAME, VISITED = "mnist", "rounding"
#: Aims for the largest class: seconds until the last run is done, seconds of an answer, MB.
AIMS = (40.0, 1.0, 1200.0)
PATIENCE = 600.0
SAMPLE_EVERY = 0.5
BETWEEN_CLICKS = 0.2


@dataclass
class Lesson:
    """The result of one lesson.

    Args:
        done: Seconds until each session saw its network trained.
        answers: Seconds of each answer that the extra visitor got in the meantime.
        memory: The largest total memory of all processes, in MB.
    """

    done: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    memory: float = 0.0


def measure(report: Report) -> None:
    """Add the rows of each class size."""
    asyncio.run(_measure(report))


async def _measure(report: Report) -> None:
    async with chromium.chromium() as browser:
        for size in report.few(SIZES):
            repeats = range(report.repeats(REPEATS))
            tell(report, size, [await hold(browser, size, report.quick) for _ in repeats])


def tell(report: Report, size: int, lessons: list[Lesson]) -> None:
    """Add the rows of one class size; only the largest has aims."""
    who = f"{size} session{'s' if size > 1 else ''}"
    done, answer, memory = AIMS if size == max(SIZES) else (None, None, None)
    answers = [seconds for lesson in lessons for seconds in lesson.answers]
    report.add(f"{who}: until the last is done", [max(one.done) for one in lessons], "s", done)
    report.add_answers(f"{who}: one visitor more, answer", answers, answer)
    peaks = [lesson.memory for lesson in lessons]
    report.add(f"{who}: resident memory of all processes, peak", peaks, "MB", memory)


async def hold(browser: Browser, size: int, quick: bool) -> Lesson:
    """Hold one lesson on a new server; its worker is ready but has never compiled this network."""
    lesson = Lesson()
    less = "&data.samples=1000" if quick else ""
    async with AsyncExitStack() as stack:
        stack.enter_context(own_cache())
        server = stack.enter_context(serving(LAB))
        more = await stack.enter_async_context(chromium.visitor(browser))
        await chromium.open_ready(more, f"{server.url}/{VISITED}")
        learners = [
            await stack.enter_async_context(
                Session.open(server.url, NAME, f"fit.epochs=5&fit.seed={seed}{less}")
            )
            for seed in range(size)
        ]
        for learner in learners:
            await learner.sees("Worker ready", PATIENCE)
        visiting = asyncio.create_task(_visit(more, lesson))
        weighing = asyncio.create_task(_weigh(server.pid, lesson))
        lesson.done = await asyncio.gather(*map(_train, learners))
        weighing.cancel()
        await _finish(visiting)
    return lesson


async def _train(learner: Session) -> float:
    """Return the seconds from this learner's click until the page says "Trained"."""
    started = time.perf_counter()
    await learner.click(f"{NAME}.train")
    await learner.sees("**Trained**", PATIENCE)
    return time.perf_counter() - started


async def _visit(page: Page, lesson: Lesson) -> None:
    """Change the epochs again and again, and record how long each answer takes."""
    while True:
        lesson.answers.append(await chromium.change_epochs(page, VISITED))
        await asyncio.sleep(BETWEEN_CLICKS)


async def _finish(visiting: asyncio.Task[None]) -> None:
    """End the visit, and raise the error if it had already ended with one."""
    await asyncio.sleep(0)
    visiting.cancel()
    with suppress(asyncio.CancelledError):
        await visiting


async def _weigh(pid: int, lesson: Lesson) -> None:
    while True:
        lesson.memory = max(lesson.memory, resident(*family(pid)))
        await asyncio.sleep(SAMPLE_EVERY)


if __name__ == "__main__":
    run(measure)

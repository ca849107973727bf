"""Measure a class: sessions that all start a run at the same moment, and one more visitor.

The learners are sessions without a browser (`session.py`): the server works for them as it does for
browsers, but they take no computing time from it, like a class with computers of its own. The extra
visitor is a real Chromium, and its waiting times are measured in its page.

The largest class is also held with a board: the learners are members of a class, and its teacher's
board is open in a Chromium at the part *Runs*, which notes when it counts another run.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from statistics import median

from playwright.async_api import Browser, Page

from benchmarks import browser as chromium
from benchmarks.common import Report, family, memory_of, own_cache, run
from benchmarks.server import LAB, serving
from benchmarks.session import Session

SIZES = (1, 10, 30)
REPEATS = 3
NAME, VISITED = "mnist", "rounding"
#: Aims for the largest class: seconds until the last run is done, seconds of an answer, MB.
AIMS = (35.0, 0.5, 1200.0)
#: Aims with a board: seconds until a run is on it, the end of the class against one without, MB.
BOARD_AIMS = (2.0, 1.1, 60.0)
#: Starts to note when the board shows each number of runs, in milliseconds since 1970.
_WATCH = """() => {
  window.counted = [];
  const look = () => {
    const runs = Number(/(\\d+) runs? by/.exec(document.body.innerText)?.[1] ?? 0);
    while (window.counted.length < runs) window.counted.push(Date.now());
  };
  const all = { childList: true, characterData: true, subtree: true };
  new MutationObserver(look).observe(document.body, all);
}"""
PATIENCE = 600.0
SAMPLE_EVERY = 0.5
BETWEEN_CLICKS = 0.2


@dataclass
class Lesson:
    """The result of one lesson.

    Args:
        done: Seconds until each session saw its network trained.
        answers: Seconds of each answer that the extra visitor got in the meantime.
        memory: The largest total memory of all processes, in MB (see `memory_of`).
        server: The largest memory of the server's own process, in MB.
        delays: Seconds from a learner's "Trained" until the board counts that run; without a board
            none.
    """

    done: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    memory: float = 0.0
    server: float = 0.0
    delays: list[float] = field(default_factory=list)


def measure(report: Report) -> None:
    """Add the rows of each class size."""
    asyncio.run(_measure(report))


async def _measure(report: Report) -> None:
    async with chromium.chromium() as browser:
        for size in report.few(SIZES):
            repeats = range(report.repeats(REPEATS))
            alone = [await hold(browser, size, report.quick) for _ in repeats]
            tell(report, size, alone)
        led = [await hold(browser, size, report.quick, has_board=True) for _ in repeats]
        tell_board(report, size, alone, led)


def tell(report: Report, size: int, lessons: list[Lesson]) -> None:
    """Add the rows of one class size; only the largest has aims."""
    who = f"{size} session{'s' if size > 1 else ''}"
    done, answer, memory = AIMS if size == max(SIZES) else (None, None, None)
    answers = [seconds for lesson in lessons for seconds in lesson.answers]
    report.add(f"{who}: until the last is done", [max(one.done) for one in lessons], "s", done)
    report.add_answers(f"{who}: one visitor more, answer", answers, answer)
    peaks = [lesson.memory for lesson in lessons]
    report.add(f"{who}: memory of all processes, peak", peaks, "MB", memory)


def tell_board(report: Report, size: int, alone: list[Lesson], led: list[Lesson]) -> None:
    """Add the rows of a class with a board, compared with one of the same size without."""
    who = f"{size} member{'s' if size > 1 else ''}, one board"
    delay, longer, more = BOARD_AIMS
    delays = [seconds for lesson in led for seconds in lesson.delays]
    report.add_answers(f"{who}: a finished run is on the board", delays, delay)
    ends = [median(max(one.done) for one in lessons) for lessons in (led, alone)]
    report.add(f"{who}: until the last is done / without", ends[0] / ends[1], "times", longer)
    memory = [median(one.server for one in lessons) for lessons in (led, alone)]
    report.add(f"{who}: memory of the server, more than without", memory[0] - memory[1], "MB", more)


async def hold(browser: Browser, size: int, quick: bool, has_board: bool = False) -> Lesson:
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
        board = None
        if has_board:
            board = await stack.enter_async_context(chromium.visitor(browser))
            await _lead(board, server.url, learners)
        visiting = asyncio.create_task(_visit(more, lesson))
        weighing = asyncio.create_task(_weigh(server.pid, lesson))
        trained = await asyncio.gather(*map(_train, learners))
        lesson.done = [seconds for seconds, _ in trained]
        weighing.cancel()
        await _finish(visiting)
        if board is not None:
            lesson.delays = await _delays(board, [end for _, end in trained])
    return lesson


async def _lead(board: Page, url: str, learners: list[Session]) -> None:
    """Start a class, let all learners join it, and open the part *Runs* of its board."""
    await board.goto(f"{url}/classroom")
    await board.get_by_role("button", name="Start the class").click()
    code = await board.locator(f".{chromium.css('classroom.code')} h1").inner_text()
    for learner in learners:
        await learner.join(code)
    await board.get_by_role("radio", name="Runs").click()
    await board.evaluate(_WATCH)


async def _delays(board: Page, ended: list[float]) -> list[float]:
    """Return the seconds until the board counted each run, in the order in which they ended.

    Args:
        board: The board.
        ended: When the learners saw that their networks were trained, in seconds since 1970.
    """
    await board.wait_for_function(f"window.counted.length >= {len(ended)}")
    counted = await board.evaluate("window.counted")
    return [at / 1000 - end for at, end in zip(counted, sorted(ended), strict=True)]


async def _train(learner: Session) -> tuple[float, float]:
    """Return the seconds from a learner's click until the page says "Trained", and when it does."""
    started = time.perf_counter()
    await learner.click(f"{NAME}.train")
    await learner.sees("**Trained**", PATIENCE)
    return time.perf_counter() - started, time.time()


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
        processes = family(pid)
        lesson.memory = max(lesson.memory, memory_of(*processes))
        lesson.server = max(lesson.server, memory_of(*(one for one in processes if one.pid == pid)))
        await asyncio.sleep(SAMPLE_EVERY)


if __name__ == "__main__":
    run(measure)

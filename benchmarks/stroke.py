"""From the end of a stroke to the new answer on the screen, in a real Chromium.

Lesson 4 beside a page that holds only the canvas and prints the sum of its pixels: the same strokes
on both, in turn, timed in the page from the mouse's release to the paint that follows the change.
Who trains meanwhile is a session without a browser (`session.py`): its own is on another machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Locator, Page

from benchmarks import browser as chromium
from benchmarks.common import Report, percentile, run
from benchmarks.server import LAB, serving
from benchmarks.session import Session

BARE = Path(__file__).with_name("canvas_app.py")
STROKES = 100
#: Seconds at the 95th percentile that the lesson may take more than the bare page.
MORE, MORE_TRAINING = 0.060, 0.150
LONG_RUN = "fit.epochs=1000"
#: Seconds that the lesson's own network may take to be trained.
TRAINING = 240

#: Digits of one stroke each, on a canvas of 280 x 280.
DIGITS = (
    ((75, 60), (205, 60), (115, 225)),
    ((140, 50), (95, 75), (80, 140), (95, 205), (140, 230), (185, 205), (200, 140), (140, 50)),
    ((80, 90), (140, 50), (195, 95), (80, 225), (205, 225)),
    ((190, 60), (105, 60), (100, 130), (150, 120), (190, 150), (140, 225), (95, 210)),
)

#: The text of a page's answer; and what must have changed: on the lesson a button, too.
_WATCH = """
window.addEventListener('mouseup', () => { bench.ended = performance.now(); }, true);
bench.shown = (selectors) => selectors.map((selector) => bench.text(selector));
bench.answer = ([selectors, patience]) => new Promise((resolve, reject) => {
  const before = bench.shown(selectors);
  const look = () => {
    if (bench.shown(selectors).some((text, i) => text === before[i])) return;
    stop();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - bench.ended)));
  };
  const observer = new MutationObserver(look);
  const late = setTimeout(() => { stop(); reject(new Error('No new answer.')); }, patience);
  const stop = () => { observer.disconnect(); clearTimeout(late); };
  observer.observe(document.body, {childList: true, subtree: true, characterData: true});
});
"""
_HEADING = '[data-testid="stMain"] [data-testid="stHeading"] h2'
#: The button that names the server's answer; the bars follow the pen before that.
_BUTTON = ".st-key-draw-right"
_RESET = "Reset canvas & history"


@dataclass(frozen=True)
class Canvas:
    """A page with a canvas.

    Args:
        page: The page.
        selectors: What changes with an answer.
        blank: The heading while nothing is drawn.
        clear_button: The label of the button that empties the canvas.
    """

    page: Page
    selectors: Sequence[str]
    blank: str
    clear_button: str

    async def draw(self, digit: int) -> float:
        """Draws a digit on the empty canvas; gives the seconds to the answer, and clears it."""
        await self.page.bring_to_front()
        field = self.page.locator("canvas.upper-canvas:visible")
        place = await field.bounding_box()
        if place is None:
            raise RuntimeError("The canvas is not on the page.")
        points = [(place["x"] + x, place["y"] + y) for x, y in DIGITS[digit % len(DIGITS)]]
        await self.page.mouse.move(*points[0])
        await self.page.mouse.down()
        for point in points[1:]:
            await self.page.mouse.move(*point, steps=4)
        call = "(given) => bench.answer(given)"
        waiting = asyncio.ensure_future(
            self.page.evaluate(call, [list(self.selectors), chromium.PATIENCE])
        )
        await asyncio.sleep(0.05)  # it watches before the mouse is released
        await self.page.mouse.up()
        milliseconds = float(await waiting)
        await self.clear()
        return milliseconds / 1000

    async def clear(self) -> None:
        """Empties the canvas, and waits until the page has settled."""
        await self.page.get_by_role("button", name=self.clear_button, exact=True).click()
        await self._blank().wait_for()
        await self.page.mouse.move(5, 5)
        await self.page.wait_for_timeout(250)

    def _blank(self) -> Locator:
        return self.page.get_by_role("heading", name=self.blank, exact=True)


def measure(report: Report) -> None:
    """Adds the rows: nobody trains, and another session trains."""
    asyncio.run(_measure(report))


async def _measure(report: Report) -> None:
    async with chromium.chromium() as browser:
        with serving(LAB) as lab, serving(BARE) as bare:
            await _compare(report, browser, lab.url, bare.url)


async def _compare(report: Report, browser: Browser, lab: str, bare: str) -> None:
    strokes = report.repeats(STROKES)
    async with chromium.visitor(browser) as one, chromium.visitor(browser) as other:
        pages = await _open(one, other, lab, bare)
        _add(report, "nobody trains", await in_turn(pages, strokes), MORE)
        async with Session.open(lab, "mnist", LONG_RUN) as learner:
            await learner.sees("Worker ready", TRAINING)
            await learner.click("mnist.train")
            await learner.sees("epoch 2", TRAINING)
            found = await in_turn(pages, strokes)
        _add(report, "another session trains", found, MORE_TRAINING)


async def _open(one: Page, other: Page, lab: str, bare: str) -> dict[str, Canvas]:
    """Both pages, the lesson's with its own network trained."""
    for page in (one, other):
        await page.add_init_script(_WATCH)
    await other.goto(bare)
    await one.goto(f"{lab}/draw")
    await one.get_by_text("Trained ·").wait_for(timeout=TRAINING * 1000)
    await one.wait_for_timeout(chromium.SETTLING)
    both = [_HEADING, _BUTTON]
    return {
        "a bare canvas": Canvas(other, [_HEADING], "Sum 0", _RESET),
        "lesson 4": Canvas(one, both, "Draw a digit from 0 to 9", "Clear"),
    }


async def in_turn(pages: Mapping[str, Canvas], strokes: int) -> dict[str, list[float]]:
    """Seconds from each stroke's end to the answer, on one page after the other."""
    found: dict[str, list[float]] = {name: [] for name in pages}
    for stroke in range(-1, strokes):  # one to warm up
        for name, canvas in pages.items():
            seconds = await canvas.draw(stroke)
            if stroke >= 0:
                found[name].append(seconds)
    return found


def _add(report: Report, when: str, found: Mapping[str, list[float]], aim: float) -> None:
    for name, seconds in found.items():
        report.add_answers(f"a stroke's answer on {name} while {when}", seconds)
    bare, lesson = (percentile(found[name], 0.95) for name in ("a bare canvas", "lesson 4"))
    report.add(f"lesson 4 more than a bare canvas while {when}", lesson - bare, "s", aim)


if __name__ == "__main__":
    run(measure)

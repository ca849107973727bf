"""How fast lesson 4's prediction follows the pen, in a real Chromium, without and with a brake.

A pen moves along a digit, one step at each animation frame. Timed in the page: from the moment in
which the browser begins to read the canvas until all of the page follows, and until the next task
after the paint, which also waits for the screen. The network has the shape of the lesson's own,
with random weights: the time does not depend on them.
"""

from __future__ import annotations

import asyncio
from itertools import pairwise

import numpy as np
from playwright.async_api import Browser, Page

from benchmarks import browser as chromium
from benchmarks.common import Report, run
from benchmarks.server import LAB, serving
from benchmarks.stroke import DIGITS
from nncore import environment
from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.runtime.store import Store
from ui.content.lesson import load

#: Seconds for a frame at the 95th percentile.
FRAME = 0.016
#: Answers each second that a computer gives that is so many times slower.
SLOWER, ANSWERS = 6, 15
STROKES = 20
#: Steps of the pen along one digit, one at each frame.
STEPS = 60

#: Moves a pen along points, and gives the milliseconds of each frame's work and of each frame to
#: the paint, and the answers each second.
_DRAW = """([points, steps]) => new Promise((resolve) => {
  const host = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
    .find((host) => host.shadowRoot?.querySelector('canvas.upper-canvas')?.getClientRects().length);
  const canvas = host.shadowRoot.querySelector('canvas.upper-canvas');
  const { left, top } = canvas.getBoundingClientRect();
  const waits = [], work = [];
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => waits.push(performance.now() - data);
  const note = () => {
    const live = window.nncorePen.live;
    if (!live) return;
    channel.port2.postMessage(live.begun);
    queueMicrotask(() => work.push(performance.now() - live.begun));  // after all that listen
  };
  const send = (type, step) => {
    const place = (step / steps) * (points.length - 1);
    const first = Math.min(Math.floor(place), points.length - 2);
    const [[x, y], [toX, toY]] = points.slice(first, first + 2);
    const share = place - first;
    canvas.dispatchEvent(new PointerEvent(type, {
      bubbles: true, composed: true, cancelable: true, pointerId: 1, isPrimary: true, button: 0,
      pointerType: 'pen',
      clientX: left + x + share * (toX - x), clientY: top + y + share * (toY - y),
    }));
  };
  window.addEventListener('nncore:live', note);
  const begun = performance.now();
  let step = 0;
  send('pointerdown', 0);
  const move = () => {
    step += 1;
    send('pointermove', step);
    if (step < steps) { requestAnimationFrame(move); return; }
    setTimeout(() => {
      const seconds = (performance.now() - begun) / 1000;
      window.removeEventListener('nncore:live', note);
      send('pointerup', steps);
      resolve([work, waits, waits.length / seconds]);
    });
  };
  requestAnimationFrame(move);
})"""


def measure(report: Report) -> None:
    """Adds the rows: this computer, and one that is six times slower."""
    _store_reader()
    asyncio.run(_measure(report))


def _store_reader() -> None:
    """Store a network as if it were trained, so that the browser gets it at once."""
    experiment = load("draw").on_data().default
    dataset, rng = datasets.load(experiment.data), np.random.default_rng(0)
    weights = tuple(
        rng.normal(0, np.sqrt(2 / inputs), shape).astype(np.float32)
        for inputs, units in pairwise(experiment.layer_sizes)
        for shape in ((inputs, units), (units,))
    )
    trained = Checkpoint(
        experiment, dataset.fingerprint, weights=weights, epoch=experiment.fit.epochs
    )
    Store(environment.cache_dir() / "models").put(trained, None, dataset.source)


async def _measure(report: Report) -> None:
    async with chromium.chromium() as browser:
        with serving(LAB) as lab:
            await _draw_all(report, browser, lab.url)


async def _draw_all(report: Report, browser: Browser, url: str) -> None:
    strokes = report.repeats(STROKES)
    async with chromium.visitor(browser) as page:
        await page.goto(f"{url}/draw")
        await page.wait_for_function("window.nncorePen?.isReady")
        await page.wait_for_timeout(5 * chromium.SETTLING)
        await _add(report, page, strokes, "", FRAME)
        session = await page.context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        await _add(report, page, strokes, f", {SLOWER} times slower", None)


async def _add(report: Report, page: Page, strokes: int, where: str, at_most: float | None) -> None:
    work, waits, rates = await _draw(page, strokes)
    report.add_answers(f"the work of a frame while the pen moves{where}", work, at_most)
    report.add_answers(f"a frame while the pen moves, to the paint{where}", waits)
    report.add(f"answers each second{where}", rates, "1/s", at_least=ANSWERS)


async def _draw(page: Page, strokes: int) -> tuple[list[float], list[float], list[float]]:
    """Draw digits; give each frame's seconds of work and to the paint, and the answers a second."""
    work: list[float] = []
    seconds: list[float] = []
    rates: list[float] = []
    for stroke in range(-1, strokes):  # one to warm up
        points = [list(point) for point in DIGITS[stroke % len(DIGITS)]]
        worked, waits, rate = await page.evaluate(_DRAW, [points, STEPS])
        if stroke >= 0:
            work += [took / 1000 for took in worked]
            seconds += [wait / 1000 for wait in waits]
            rates.append(rate)
        await page.get_by_role("button", name="Clear").click()
        blank = page.get_by_role("heading", name="Draw a digit from 0 to 9", exact=True)
        await blank.wait_for()
        await page.wait_for_timeout(chromium.SETTLING)
    return work, seconds, rates


if __name__ == "__main__":
    run(measure)

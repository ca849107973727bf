"""A real Chromium that times what happens on a page, in the page itself.

The clock runs in the browser, so that a busy Python process does not lengthen what it measures.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
#: Milliseconds that a page is waited for.
PATIENCE = 120_000
SETTLING = 1_000

#: Helpers in each page: when its heading was painted; whether a chart has a line of two points;
#: and `until`, the milliseconds from an action to a condition that it brings about.
_HELPERS = """
window.bench = {painted: null};
new MutationObserver((_, observer) => {
  if (!document.querySelector('[data-testid="stMain"] h1')) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { bench.painted = performance.now(); }));
}).observe(document, {childList: true, subtree: true});
bench.text = (selector) => document.querySelector(selector)?.textContent ?? '';
bench.curved = () =>
  [...document.querySelectorAll('[data-testid="stVegaLiteChart"] .mark-line path')]
    .some((path) => /[LC]/.test(path.getAttribute('d')));
bench.write = (field, value) => {
  field.focus();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, value);
  field.dispatchEvent(new Event('input', {bubbles: true}));
  setTimeout(() => field.blur());  // React takes the value up first
};
bench.until = (act, holds, patience) => new Promise((resolve, reject) => {
  if (holds()) { reject(new Error('It was there before.')); return; }
  const begun = performance.now();
  const look = () => { if (holds()) { stop(); resolve(performance.now() - begun); } };
  const observer = new MutationObserver(look);
  const timer = setInterval(look, 20);
  const late = setTimeout(() => { stop(); reject(new Error('Waited in vain.')); }, patience);
  const stop = () => { observer.disconnect(); clearInterval(timer); clearTimeout(late); };
  observer.observe(document.body,
    {childList: true, subtree: true, characterData: true, attributeFilter: ['d']});
  act();
  look();
});
"""
#: Begins a script, and keeps what its promise brings: a value, or an error.
_AWAIT = """(given) => {{
  bench.outcome = null;
  ({script})(given).then(
    (value) => {{ bench.outcome = [value, null]; }},
    (error) => {{ bench.outcome = [null, String(error)]; }});
}}"""
_PROGRESS = '[data-testid="stProgress"]'
#: From a click until the line of the training panel matches a pattern.
_TO_PROGRESS = f"""([target, wanted, patience]) => bench.until(
  () => document.querySelector(target).click(),
  () => new RegExp(wanted).test(bench.text('{_PROGRESS}')), patience)"""
#: From a click until a curve is drawn.
_TO_CURVE = """([target, patience]) => bench.until(
  () => document.querySelector(target).click(), bench.curved, patience)"""
#: From writing into a field, and leaving it, until the page's text contains something.
_TO_TEXT = """([target, value, wanted, patience]) => bench.until(
  () => bench.write(document.querySelector(target), value),
  () => bench.text('[data-testid="stMain"]').includes(wanted), patience)"""
#: In how many animation frames within some milliseconds each live picture differs from the frame
#: before, and how often the line of the training panel does: once for each look at the run.
_CHANGES = f"""(milliseconds) => new Promise((resolve) => {{
  const live = document.querySelector('[class*="-live_pictures"]');
  const roots = () => [live, ...[...live.querySelectorAll('*')].flatMap((e) => e.shadowRoot ?? [])];
  const drawn = (selector, name) => roots()
    .flatMap((root) => [...root.querySelectorAll(selector)])
    .map((e) => e.getAttribute(name)).join();
  const parts = {{
    frames: () => performance.now(),
    looks: () => bench.text('{_PROGRESS}'),
    curves: () => drawn('[data-testid="stVegaLiteChart"] .mark-line path', 'd'),
    network: () => drawn('figure svg.network line', 'stroke-width'),
    image: () => drawn('img', 'style') + drawn('img', 'src'),
  }};
  const last = {{}}, changes = {{}};
  for (const name in parts) {{ last[name] = parts[name](); changes[name] = 0; }}
  const end = performance.now() + milliseconds;
  const look = () => {{
    for (const name in parts) {{
      const now = parts[name]();
      if (now !== last[name]) {{ changes[name] += 1; last[name] = now; }}
    }}
    if (performance.now() < end) requestAnimationFrame(look);
    else resolve(changes);
  }};
  requestAnimationFrame(look);
}})"""

#: The line once the first slice is back.
MOVING = r"batch [1-9]|epoch ([2-9]|\d\d)|^Trained"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A running Chromium: the one that the variable CHROMIUM names, else the system's.

    Raises:
        RuntimeError: If there is none.
    """
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise RuntimeError("No Chromium here: install it, or set CHROMIUM to its path.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


@asynccontextmanager
async def visitor(browser: Browser) -> AsyncIterator[Page]:
    """An empty page of a visitor with an empty cache."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.add_init_script(_HELPERS)
    yield page
    await context.close()


async def first_paint(browser: Browser, url: str) -> float:
    """Seconds from asking for an address until its heading is on the screen."""
    async with visitor(browser) as page:
        await page.goto(url)
        await page.wait_for_function("bench.painted !== null")
        return float(await page.evaluate("bench.painted")) / 1000


async def open_ready(page: Page, url: str) -> None:
    """Opens a page, and waits until its worker is ready and all of it is there."""
    await page.goto(url)
    await page.get_by_text("Worker ready").wait_for()
    await page.wait_for_timeout(SETTLING)  # the sidebar's news bring another run of the page
    await page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


async def train(page: Page, name: str, pattern: str) -> float:
    """Seconds from a click on Train until the line of progress matches."""
    return await _timed(page, _TO_PROGRESS, button(f"{name}.train"), pattern)


async def train_to_curve(page: Page, name: str) -> float:
    """Seconds from a click on Train until the page draws the first piece of a curve."""
    return await _timed(page, _TO_CURVE, button(f"{name}.train"))


async def trained(page: Page) -> None:
    """Waits until the run is over."""
    await page.wait_for_function(f"bench.text('{_PROGRESS}').startsWith('Trained')")


async def change_epochs(page: Page, name: str) -> float:
    """Seconds from changing the field of epochs by one until the page counts with it."""
    target = f".{css(f'{name}.fit.epochs')} input"
    epochs = int(await page.locator(target).input_value()) ^ 1  # back and forth between two
    expected = f"updates an epoch; × {epochs:,} = "
    return await _timed(page, _TO_TEXT, target, str(epochs), expected)


async def picture_changes(page: Page, seconds: float) -> dict[str, int]:
    """Count the animation frames that change what the page draws of a run, by picture.

    Returns:
        The frames in which `"curves"`, `"network"` and `"image"` differ from the frame before; also
        `"looks"`, how often the line of progress changed, and `"frames"`, all animation frames.
    """
    changes = await _outcome(page, _CHANGES, seconds * 1000)
    return {str(name): int(count) for name, count in changes.items()}


def button(key: str) -> str:
    """Finds the button with this key."""
    return f".{css(key)} button"


def css(key: str) -> str:
    """The CSS class that Streamlit makes of a widget's key."""
    return "st-key-" + key.replace(".", "-")


async def _timed(page: Page, script: str, target: str, *values: str) -> float:
    await page.wait_for_selector(target)
    return float(await _awaited(page, script, [target, *values, PATIENCE])) / 1000


async def _awaited(page: Page, script: str, given: object) -> float:
    """Return the number that a script's promise brings."""
    return float(await _outcome(page, script, given))


async def _outcome(page: Page, script: str, given: object) -> Any:
    """Await a script's promise in the page: Chromium may lose one in `evaluate`."""
    await page.evaluate(_AWAIT.format(script=script), given)
    await page.wait_for_function("bench.outcome")
    value, error = await page.evaluate("bench.outcome")
    if error:
        raise RuntimeError(error)
    return value

"""What a visitor waits for, in a real Chromium: first paint, the first curve, frames, answers."""

from __future__ import annotations

import asyncio

import psutil
from playwright.async_api import Browser

from benchmarks import browser as chromium
from benchmarks.common import ROOT, Report, own_cache, run
from benchmarks.server import EMPTY, EMPTY_PAGES, LAB, Server, serving

PAINTED = "first paint on a cold server"
EMPTY_FIRST, EMPTY_OTHER = "an empty app", "a page of an empty app"
REPEATS = 5
CLICKS, ANSWERS = 7, 40
#: First paint against the empty app's; seconds from a click to the first curve point.
PAINT, CURVE = 1.2, 0.3
#: Frames a second in which the curves, the network and the live picture change.
FRAMES = 20.0
#: Seconds for which frames are counted.
WATCHED = 5.0
LONG_RUN = "fit.epochs=1000"
NAME = "mnist"


def measure(report: Report) -> None:
    """Adds the rows of first paints on cold servers, and of one warm server."""
    asyncio.run(_measure(report))


async def _measure(report: Report) -> None:
    async with chromium.chromium() as browser:
        await paints(report, browser)
        with serving(LAB) as server:
            await curves(report, browser, server.url)
            await meanwhile(report, browser, server)


async def paints(report: Report, browser: Browser) -> None:
    """First paint of each page and of the empty apps, each on a server that nobody has visited.

    The first page is held against an app of one page, the others against a page of an app with two.
    """
    apps = {EMPTY_FIRST: (EMPTY, ""), EMPTY_OTHER: (EMPTY_PAGES, "page")}
    pages = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
    apps |= {f"page {page}": (LAB, "" if page == "home" else page) for page in report.few(pages)}
    found: dict[str, list[float]] = {name: [] for name in apps}
    for _ in range(report.repeats(REPEATS)):
        for name, (app, path) in apps.items():
            with own_cache(), serving(app) as server:
                found[name].append(await chromium.first_paint(browser, f"{server.url}/{path}"))
    values = {name: report.add(f"{PAINTED}: {name}", seconds) for name, seconds in found.items()}
    for name, (app, path) in apps.items():
        if app is LAB:
            empty = EMPTY_OTHER if path else EMPTY_FIRST
            report.add(f"{name} / {empty}", values[name] / values[empty], "times", PAINT)


async def curves(report: Report, browser: Browser, url: str) -> None:
    """From a click on Train to the first point of the curve, in a worker that knows the shape."""
    found = []
    for seed in range(report.repeats(CLICKS) + 1):
        async with chromium.visitor(browser) as page:
            await chromium.open_ready(page, f"{url}/{NAME}?fit.seed={seed}&fit.epochs=5")
            found.append(await chromium.train_to_curve(page, NAME))
            await chromium.trained(page)
    report.add("click on Train to the first curve point: first in this worker", found[:1])
    report.add("click on Train to the first curve point: warm", found[1:], "s", CURVE)


def seconds_of(pid: int) -> float:
    """Return the processor time that a process has used, in seconds."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


async def meanwhile(report: Report, browser: Browser, server: Server) -> None:
    """Frames a second while training, and how fast another visitor's page answers then."""
    url = server.url
    async with chromium.visitor(browser) as one, chromium.visitor(browser) as other:
        await chromium.open_ready(one, f"{url}/{NAME}?{LONG_RUN}")
        await chromium.open_ready(other, f"{url}/{NAME}")
        count = report.repeats(ANSWERS)
        alone = [await chromium.change_epochs(other, NAME) for _ in range(count)]
        await chromium.train(one, NAME, chromium.MOVING)
        watched = 1.0 if report.quick else WATCHED
        busy = seconds_of(server.pid)
        changes = await chromium.picture_changes(one, watched)
        busy = seconds_of(server.pid) - busy
        beside = [await chromium.change_epochs(other, NAME) for _ in range(count)]
    report.add("looks at the run a second", changes["looks"] / watched, "1/s")
    for picture in ("curves", "network", "image"):
        name = f"frames a second in which the picture changes: {picture}"
        report.add(name, changes[picture] / watched, "1/s", at_least=FRAMES)
    report.add("the server's processor time for one who watches", busy / watched * 100, "%")
    for name, found in (("nobody trains", alone), ("another session trains", beside)):
        report.add_answers(f"a page's answer while {name}", found)


if __name__ == "__main__":
    run(measure)

"""Nothing on a page jumps while it opens or trains, and no page is wider than its window."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.conftest import Lab, NewPage, StartLab, full_data
from tests.browser.steps import PATIENCE
from ui.content.lesson import load
from ui.content.rungs import read_rungs
from ui.core.catalog import LESSONS

#: The sum of layout shifts that Core Web Vitals call good; here for a whole walk.
GOOD = 0.1
SIZES = [(390, 844), (1920, 1080)]
WIDTHS = (390, 768, 1024, 1280, 1920)
NAMES = [page.name for page in LESSONS]
#: Returns true if nothing has to be scrolled sideways.
FITS = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  return main.scrollWidth <= main.clientWidth && document.documentElement.scrollWidth <= innerWidth;
}"""
#: Sums the shifts that no click or key of the last half second explains.
WATCH = """
window.moved = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) {
    if (shift.hadRecentInput) continue;
    const parts = shift.sources.map(({ node, previousRect: a, currentRect: b }) =>
      `${node?.parentElement?.className} "${node?.textContent?.slice(0, 30)}" ${[a.x, a.y, a.width,
        a.height].map(Math.round)} -> ${[b.x, b.y, b.width, b.height].map(Math.round)}`);
    moved.push([shift.value, parts]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(params=SIZES, ids=["phone", "desktop"])
def page(request: pytest.FixtureRequest, new_page: NewPage) -> Page:
    """An empty page of a phone's or a desktop's size that watches for layout shifts."""
    watched = new_page(request.param, moves=True)
    watched.add_init_script(WATCH)
    return watched


def settle(page: Page) -> None:
    """Wait until all of a page has arrived and its script has run."""
    expect(page.get_by_text("Worker ready")).to_be_attached(timeout=PATIENCE)
    arriving = page.get_by_test_id("stSkeleton").filter(visible=True)
    expect(arriving).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=PATIENCE
    )


def take_shifts(page: Page) -> list[tuple[float, list[str]]]:
    """Return the shifts since the page was opened, and forget them."""
    moved = page.evaluate("() => { const before = moved; moved = []; return before; }")
    return [(value, parts) for value, parts in moved]


def expect_calm(walk: Callable[[int], list[tuple[float, list[str]]]]) -> None:
    """Walk until a walk is calm, three times at most.

    On a busy machine parts of a page arrive in an order, and so late, that one walk in some jumps.
    A page that jumps by its design jumps each time.

    Args:
        walk: Walks once, and returns the shifts; takes the number of the walk.
    """
    words = []
    for number in range(3):
        moved = walk(number)
        if sum(value for value, _ in moved) < GOOD:
            return
        words += [f"{value:.3f}\n  " + "\n  ".join(parts) for value, parts in moved]
    raise AssertionError("\n".join(words))


def open_settled(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)
    settle(page)


def start_training(page: Page, name: str) -> None:
    """Press Train without a click, which would excuse the shifts of half a second."""
    page.locator(f".st-key-{name}-train button").evaluate("button => button.click()")


def train(page: Page, name: str) -> None:
    start_training(page, name)
    expect(page.get_by_text(re.compile("^Trained · ")).first).to_be_visible(timeout=PATIENCE)
    settle(page)


def test_the_watch_sees_a_shift(page: Page) -> None:
    page.goto("about:blank")
    page.evaluate(WATCH)
    page.evaluate("document.body.innerHTML = '<div></div><p>text</p>'")
    page.evaluate("() => new Promise((next) => requestAnimationFrame(() => setTimeout(next)))")
    page.evaluate("document.querySelector('div').style.height = '300px'")
    page.wait_for_function("moved.length > 0")


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_opens_without_a_jump(lab: Lab, page: Page, name: str) -> None:
    def walk(_: int) -> list[tuple[float, list[str]]]:
        open_settled(page, f"{lab.url}/{name}")
        return take_shifts(page)

    expect_calm(walk)


@pytest.mark.parametrize("name", ["rounding", "perceptron", "mnist"])
def test_a_lesson_trains_and_opens_again_without_a_jump(lab: Lab, page: Page, name: str) -> None:
    def walk(number: int) -> list[tuple[float, list[str]]]:
        seed = page.evaluate("innerWidth") + number  # nobody has trained it yet
        open_settled(page, f"{lab.url}/{name}?fit.seed={seed}")
        train(page, name)
        trained = take_shifts(page)
        page.reload()
        settle(page)
        return max(trained, take_shifts(page), key=lambda moved: sum(value for value, _ in moved))

    expect_calm(walk)


def test_a_prediction_comes_true_without_a_jump(start_lab: StartLab, page: Page) -> None:
    """The run and its outcome; what a click opens or closes is what the learner has asked for."""
    question = load("rounding").questions[0]

    def walk(_: int) -> list[tuple[float, list[str]]]:
        open_settled(page, f"{start_lab().url}/rounding")  # where nobody has trained
        page.locator("summary").filter(has_text="Predict").click()
        page.get_by_text(question.answers[0].text).click()
        page.get_by_role("button", name="Run it").click()
        expect(page.get_by_role("button", name="Run it")).to_have_count(0, timeout=PATIENCE)
        take_shifts(page)
        expect(page.get_by_role("button", name="Next question")).to_be_visible(timeout=PATIENCE)
        settle(page)
        return take_shifts(page)

    expect_calm(walk)


def test_two_rungs_are_climbed_without_a_jump(start_lab: StartLab, page: Page) -> None:
    """Each run of a rung, and the question that comes with its end."""
    right = [
        next(choice.answer for choice in rung.choices if choice.is_right)
        for rung in read_rungs(load("perceptron"), embedded=full_data() is None)
    ]

    def walk(_: int) -> list[tuple[float, list[str]]]:
        open_settled(page, f"{start_lab(full_data()).url}/perceptron")
        moved = []
        for rung in (1, 2):
            take_shifts(page)
            train(page, "perceptron")
            moved += take_shifts(page)
            page.get_by_role("radio", name=right[rung - 1]).check(force=True)
            page.get_by_role("button", name=f"Climb to {rung + 1}").click(timeout=PATIENCE)
            page.wait_for_url(re.compile(r"\?"), timeout=PATIENCE)
            settle(page)
        return moved

    expect_calm(walk)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_lesson_is_wider_than_its_window(lab: Lab, new_page: NewPage, scheme: str) -> None:
    page = new_page((WIDTHS[0], 844), scheme)
    too_wide = []
    for name in NAMES:
        open_settled(page, f"{lab.url}/{name}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            try:  # charts take the new width a moment later
                page.wait_for_function(FITS, timeout=20_000)
            except PlaywrightTimeoutError:
                too_wide.append((name, width))
    assert too_wide == []

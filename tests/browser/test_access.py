"""The pages by ear, in translation, on a phone and by keyboard, as far as a browser can tell.

The pages share one lab, whose store holds a finished run of each lesson, so nothing is trained but
one short run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from nncore.data import datasets
from nncore.runtime.store import Store
from tests.browser.axe import find_violations
from tests.browser.conftest import Lab, NewPage, full_data, running_lab
from tests.browser.steps import PATIENCE
from tests.browser.test_tutorials import make_run
from ui.content.lesson import load

#: Lessons with a stored run: with this seed the page opens trained, without it untrained.
LESSONS = ("rounding", "perceptron", "mnist")
TRAINED = "fit.seed=77"
#: Pages, and the colours in which each is looked at: every page in one, the lessons in both.
VIEWS = (
    ("", "light"),
    ("rounding", "light"),
    (f"rounding?{TRAINED}", "dark"),
    (f"perceptron?{TRAINED}", "light"),
    ("perceptron", "dark"),
    (f"mnist?{TRAINED}", "dark"),
    ("mnist", "light"),
    ("draw", "light"),
    ("runs", "dark"),
    ("sweep", "light"),
)
PHONE = (390, 844)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, workers: Mapping[str, str]) -> Iterator[Lab]:
    """A lab whose store holds a run of each lesson."""
    folder = tmp_path_factory.mktemp("lab")
    store = Store(folder / "cache" / "models")
    for name in LESSONS:
        experiment = load(name).on_data().default.updated({"fit.seed": 77})
        dataset = datasets.load(experiment.data)
        store.put(make_run(experiment, dataset.fingerprint), None, dataset.source)
    with running_lab(folder, full_data(), environment=workers) as running:
        yield running


def open_page(page: Page, lab: Lab, path: str) -> None:
    """Open a page and wait until all of it was sent."""
    page.goto(f"{lab.url}/{path}")
    expect(page.locator("h1").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#nncore-term")).to_be_attached(timeout=PATIENCE)  # the last on each page
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'",
        timeout=PATIENCE,
    )


# axe


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_is_the_labs_own(scheme: str, lab: Lab, new_page: NewPage) -> None:
    page = new_page(scheme=scheme)
    found: dict[str, list[Any]] = {}
    for path in (path for path, colours in VIEWS if colours == scheme):
        open_page(page, lab, path)
        if violations := find_violations(page):
            found[path] = violations
    assert not found


# Translation

#: What a browser's translation does to every text of a page.
TRANSLATE = """() => {
    const walker = document.createTreeWalker(
        document.querySelector("[data-testid=stMain]"), NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
        if (walker.currentNode.data.trim() && !walker.currentNode.parentElement.closest("style"))
            texts.push(walker.currentNode);
    }
    for (const text of texts) {
        const outer = document.createElement("font");
        const inner = document.createElement("font");
        text.replaceWith(outer);
        outer.append(inner);
        inner.append(text);
    }
    return texts.length;
}"""


def test_a_translated_page_goes_on(lab: Lab, page: Page) -> None:
    """Every text is wrapped, again and again, while the page is used."""
    open_page(page, lab, "rounding")
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate(TRANSLATE) > 100
    page.locator("summary").filter(has_text="1 Look").click()
    expect(page.get_by_text("np.unique(y_train)")).to_be_visible(timeout=PATIENCE)
    page.evaluate(TRANSLATE)
    page.locator("button").filter(has_text="No dead units").click()
    page.wait_for_url(re.compile("leaky_relu"), timeout=PATIENCE)
    page.evaluate(TRANSLATE)
    page.get_by_test_id("stMain").locator("button").filter(has_text="Train").first.click()
    expect(page.get_by_text(re.compile("of 10 are right"))).to_be_visible(timeout=PATIENCE)
    page.evaluate(TRANSLATE)
    page.get_by_role("link", name="Runs").first.click()
    expect(page.locator("h1")).to_have_text("Runs", timeout=PATIENCE)
    expect(page.get_by_text("Round a number").first).to_be_visible(timeout=PATIENCE)


# Where a press leads


def in_view(page: Page, key: str) -> bool:
    """Return True if the top of a container with this key is on the screen."""
    box = page.locator(f".st-key-{key}").bounding_box()
    size = page.viewport_size
    assert box is not None
    assert size is not None
    return 0 <= box["y"] < size["height"] / 2


def test_a_preset_leads_to_where_it_is_trained_and_keeps_the_focus(lab: Lab, page: Page) -> None:
    open_page(page, lab, "rounding")
    preset = page.locator("button").filter(has_text="Noisy labels")
    preset.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("noise=0.2"), timeout=PATIENCE)
    page.wait_for_function(
        "() => document.querySelector('.st-key-rounding-bench')?.getBoundingClientRect().top >= 0",
        timeout=PATIENCE,
    )
    assert in_view(page, "rounding-bench")
    assert "Noisy labels" in str(page.evaluate("document.activeElement.textContent"))


def test_train_on_a_phone_brings_the_live_picture_and_keeps_the_buttons(
    lab: Lab, new_page: NewPage
) -> None:
    page = new_page(PHONE)
    open_page(page, lab, "rounding?fit.seed=5")
    page.get_by_test_id("stMain").locator("button").filter(has_text="Train").first.click()
    expect(page.get_by_text(re.compile("^(Training|Trained) · "))).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        """() => {
            const pictures = document.querySelector(".st-key-rounding-live_pictures");
            const {top} = pictures.getBoundingClientRect();
            return top > 0 && top < innerHeight / 2;
        }""",
        timeout=PATIENCE,
    )
    stop = page.get_by_test_id("stMain").locator("button").filter(has_text="Stop").first
    expect(stop).to_be_in_viewport(timeout=PATIENCE)


def test_the_run_is_announced_politely(lab: Lab, page: Page) -> None:
    open_page(page, lab, f"rounding?{TRAINED}")
    expect(page.locator(".nncore-announcer[aria-live=polite]")).to_contain_text(
        "From the store", timeout=PATIENCE
    )


def test_steps_by_keyboard_keep_the_focus(lab: Lab, page: Page) -> None:
    """The same key pressed twice in the same place steps twice."""
    open_page(page, lab, "rounding?fit.seed=6")
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)
    step = page.get_by_role("button", name="Step one batch")
    step.focus()
    for batch in (1, 2):
        page.keyboard.press("Enter")
        line = page.get_by_test_id("stProgress").get_by_text(f"batch {batch} of")
        expect(line).to_be_visible(timeout=PATIENCE)
        expect(step).to_be_focused()


#: What has the focus: its name for a screen reader, as far as the page itself gives one, and
#: whether it can be seen. A table is a canvas; after a moment the focus is on the cell in it, which
#: has no size of its own.
FOCUSED = """() => {
  const host = document.activeElement;
  let it = host;
  while (it.shadowRoot?.activeElement) it = it.shadowRoot.activeElement;
  const {width, height} = (it.closest("canvas") ?? it).getBoundingClientRect();
  const label = it.labels?.[0]?.textContent ?? it.closest("label")?.textContent;
  const name = it.getAttribute("aria-label") || label || it.textContent || it.title;
  return {name: (name ?? "").trim(), isSeen: width > 0 && height > 0,
          isPart: !!host.closest("[data-testid=stMain]"), role: it.getAttribute("role") ?? it.type,
          html: it.outerHTML.slice(0, 200)};
}"""
#: The most presses of Tab from the top of a page to anything on it.
MOST_TABS = 200


def tab_to(page: Page, name: str, role: str = "") -> None:
    """Press Tab until something has the focus; all on the way there can be seen and has a name.

    Args:
        page: The browser's page.
        name: A regular expression for its name.
        role: Its role or type; empty for any.
    """
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if not found["isPart"]:
            continue
        assert found["isSeen"], found
        assert found["name"], found
        if re.search(name, found["name"]) and role in ("", found["role"]):
            return
    raise AssertionError(f"Tab does not lead to {name}")


@pytest.mark.parametrize("name", [*LESSONS, "own"])
def test_a_lesson_is_trained_and_looked_into_by_keyboard(lab: Lab, page: Page, name: str) -> None:
    data = "&data.drawings=faces" * (name == "own")
    open_page(page, lab, f"{name}?fit.seed=9&fit.epochs=2{data}")
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)
    tab_to(page, "Train$")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Trained · 2 epochs"))).to_be_visible(timeout=PATIENCE)
    row = "Tool" if name in ("rounding", "perceptron") else "Picture"
    chosen = page.get_by_role("radiogroup", name=row).locator("[aria-checked=true]")
    before = chosen.inner_text()
    page.keyboard.press("Home")
    page.evaluate("document.activeElement.blur()")
    tab_to(page, f"^{re.escape(before)}$", "radio")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(chosen).not_to_have_text(before, timeout=PATIENCE)


# Room


def test_trained_lessons_are_no_wider_than_the_screen(lab: Lab, page: Page) -> None:
    for name in LESSONS:
        open_page(page, lab, f"{name}?{TRAINED}")
        expect(page.get_by_role("heading", name="4 Test")).to_be_attached(timeout=PATIENCE)
        for width in (390, 768, 1024, 1920):
            page.set_viewport_size({"width": width, "height": 844})
            page.wait_for_function(  # charts take the new width a moment later
                """() => {
                    const main = document.querySelector("[data-testid=stMain]");
                    return main.scrollWidth <= main.clientWidth;
                }""",
                timeout=PATIENCE,
            )

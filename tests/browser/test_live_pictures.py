"""Live pictures move between two looks at a run, but not for learners who ask for less motion."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, NewPage
from tests.browser.steps import PATIENCE, open_at, press, train

#: Counts, from animation frame to animation frame, the changes of what a page draws of a run.
COUNT = """
window.seen = {};
window.count = (name, state) => {
  const now = state();
  const one = (seen[name] ??= { changes: 0, last: now });
  if (now !== one.last) Object.assign(one, { changes: one.changes + 1, last: now });
};
window.within = (selector, name) => {
  const live = document.querySelector('[class*="-live_pictures"]');
  if (!live) return "";
  const roots = [live, ...[...live.querySelectorAll("*")].flatMap((e) => e.shadowRoot ?? [])];
  return roots.flatMap((root) => [...root.querySelectorAll(selector)])
    .map((e) => e.getAttribute(name)).join();
};
(function look() {
  count("looks", () => document.querySelector("[data-testid=stProgress]")?.innerText);
  count("curves", () => within("[data-testid=stVegaLiteChart] .mark-line path", "d"));
  count("network", () => within("figure svg.network line", "stroke-width"));
  requestAnimationFrame(look);
})();
"""


@pytest.fixture
def training(lab: Lab, new_page: NewPage) -> Page:
    """Lesson 1 while it trains slowly."""
    page = new_page(moves=True)
    open_at(page, f"{lab.url}/rounding?fit.epochs=100")
    train(page)
    return page


def test_curves_and_network_move_between_two_looks(training: Page) -> None:
    training.evaluate(COUNT)
    for name in ("curves", "network"):
        training.wait_for_function(
            "name => seen.looks?.changes >= 3 && seen[name].changes > 2 * seen.looks.changes",
            arg=name,
        )


def test_what_has_moved_ends_where_it_would_be_drawn_at_once(training: Page) -> None:
    drawn = """within(".mark-line path", "d") + within("figure svg.network line", "stroke-width")"""
    training.evaluate(COUNT)
    press(training, "Pause")
    expect(training.get_by_text(re.compile("^Paused · epoch"))).to_be_visible(timeout=PATIENCE)
    training.wait_for_function(  # for so many frames nothing moves
        f"""() => {{
            const now = {drawn};
            window.calm = window.before === now ? (window.calm ?? 0) + 1 : 0;
            window.before = now;
            return window.calm > 30;
        }}"""
    )
    moved = training.evaluate(drawn)
    training.reload()
    expect(training.get_by_text(re.compile("^Paused · epoch"))).to_be_visible(timeout=PATIENCE)
    training.evaluate(COUNT)
    training.wait_for_function(f"moved => {drawn} === moved", arg=moved)


def test_with_reduced_motion_a_look_is_one_change(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/rounding?fit.epochs=100&fit.seed=2")
    train(page)
    page.evaluate(COUNT)
    page.wait_for_function("seen.looks?.changes >= 4")
    assert page.evaluate("seen.network.changes <= seen.looks.changes + 1")

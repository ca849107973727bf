"""Two tabs of one browser, and another browser: whose runs are listed and can be stopped."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage, StartLab

#: Milliseconds: what a busy machine may take for a page, and to train.
PATIENCE = 120_000
#: A run that lasts for minutes.
LONG = "rounding?v=2&data=rounding&samples=10000&epochs=1000&batch=8&seed=5"


def open_at(page: Page, url: str) -> Page:
    page.goto(url)
    expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)
    return page


def sidebar(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar")


def test_a_run_is_listed_and_stopped_in_another_tab_and_counted_elsewhere(
    start_lab: StartLab, new_page: NewPage
) -> None:
    lab = start_lab()
    first = open_at(new_page(), f"{lab.url}/{LONG}")
    first.get_by_role("button", name="Train", exact=True).click()
    expect(first.get_by_text(re.compile("Training · epoch"))).to_be_visible(timeout=PATIENCE)
    expect(sidebar(first).get_by_text("training now")).to_have_count(0)

    stranger = open_at(new_page(), f"{lab.url}/runs")
    expect(sidebar(stranger).get_by_text("1 other training now")).to_be_visible(timeout=PATIENCE)
    expect(sidebar(stranger).get_by_text("Your runs in other tabs")).to_have_count(0)

    second = open_at(first.context.new_page(), f"{lab.url}/runs")
    link = sidebar(second).get_by_role("link", name=re.compile(r"Lesson 1: epoch \d+ of 1000"))
    expect(link).to_be_visible(timeout=PATIENCE)
    expect(link).to_have_attribute("href", re.compile(r"/rounding\?v=2&.*epochs=1000"))
    expect(sidebar(second).get_by_text("training now")).to_have_count(0)
    sidebar(second).get_by_role("button", name="Stop").click()
    expect(first.get_by_text(re.compile("^Stopped"))).to_be_visible(timeout=PATIENCE)
    expect(link).to_have_count(0, timeout=PATIENCE)


def test_a_run_of_a_closed_tab_can_be_stopped(start_lab: StartLab, page: Page) -> None:
    lab = start_lab()
    open_at(page, f"{lab.url}/{LONG}&rate=0.002")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile("Training · epoch"))).to_be_visible(timeout=PATIENCE)
    other = open_at(page.context.new_page(), f"{lab.url}/runs")
    page.close()
    link = sidebar(other).get_by_role("link", name=re.compile("Lesson 1: epoch .*closed tab"))
    expect(link).to_be_visible(timeout=PATIENCE)
    sidebar(other).get_by_role("button", name="Stop").click()
    expect(link).to_have_count(0, timeout=PATIENCE)

"""A task's link: the task is there after a reload, and a learner who has left it can return."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab
from tests.browser.steps import PATIENCE, change, field, open_at, shows

TASK = "task=Reach+it&target=0.95&locked=epochs&hidden=batch"


def has_task(page: Page) -> None:
    expect(page.get_by_text("Reach it")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("95.00%")).to_be_visible()
    expect(field(page, "Epochs")).to_be_disabled()
    expect(field(page, "Batch size")).to_have_count(0)


def test_a_task_is_there_after_a_reload_and_a_change(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/mnist?v=2&epochs=3&{TASK}")
    has_task(page)
    page.reload()
    has_task(page)
    change(page, "Layer 1", "48", r"units=48&.*task=Reach")
    page.reload()
    has_task(page)
    shows(page, "Layer 1", "48")


def test_a_task_that_was_left_comes_back_by_its_button_and_by_back(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/mnist?v=2&epochs=3&{TASK}")
    page.get_by_role("button", name="Leave the task").click()
    expect(field(page, "Epochs")).to_be_enabled(timeout=PATIENCE)
    expect(field(page, "Batch size")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Return to the task").click()
    has_task(page)
    page.get_by_role("button", name="Leave the task").click()
    page.wait_for_url(re.compile("^((?!task=).)*$"), timeout=PATIENCE)
    page.go_back()
    has_task(page)

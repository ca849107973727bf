"""A tab is a learner: one that is opened again finds its run, a new one begins with the address."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab
from tests.browser.steps import (
    PATIENCE,
    epoch_of,
    lose_message,
    open_at,
    press,
    shows,
    train,
    wait_beyond,
)

#: Slow motion gives it three minutes.
RUN = "rounding?epochs=600&samples=2000&batch=32&seed=4"


def reopen(page: Page) -> Page:
    """Close a tab and open it again, as the browser's "Reopen closed tab" does.

    That brings back the address and the tab's own storage, in a new document.
    """
    address, context = page.url, page.context
    kept = page.evaluate("JSON.stringify({ ...sessionStorage })")
    page.close()
    page = context.new_page()
    page.add_init_script(
        f"if (!sessionStorage.length) Object.assign(sessionStorage, JSON.parse({kept!r}))"
    )
    page.goto(address)
    return page


def test_a_tab_that_is_opened_again_shows_its_run_and_can_stop_it(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/{RUN}")
    train(page)
    before = epoch_of(page)
    page = reopen(page)
    wait_beyond(page, before)
    press(page, "Pause")
    expect(page.get_by_text(re.compile("^Paused · "))).to_be_visible(timeout=PATIENCE)
    press(page, "Stop")
    expect(page.get_by_text(re.compile("^Stopped · "))).to_be_visible(timeout=PATIENCE)


def test_a_reload_shows_the_run_although_the_tabs_first_message_is_lost(
    lab: Lab, page: Page
) -> None:
    open_at(page, f"{lab.url}/{RUN}5")
    train(page)
    before = epoch_of(page)
    name: str = page.evaluate("sessionStorage.getItem('nncore.tab')")
    lost = lose_message(page, name.encode())
    page.reload()
    wait_beyond(page, before)
    assert lost
    press(page, "Stop")
    expect(page.get_by_text(re.compile("^Stopped · "))).to_be_visible(timeout=PATIENCE)


def test_a_new_tab_has_the_settings_of_the_address_but_not_the_run(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/{RUN}")
    train(page)
    other = page.context.new_page()
    open_at(other, page.url)
    shows(other, "Epochs", "600")
    expect(other.get_by_text("Not trained yet").first).to_be_visible(timeout=PATIENCE)
    before = epoch_of(page)
    other.close()
    wait_beyond(page, before)
    press(page, "Stop")
    expect(page.get_by_text(re.compile("^Stopped · "))).to_be_visible(timeout=PATIENCE)

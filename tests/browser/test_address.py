"""The address is the state of a page, and a tab owns its runs: as a visitor's browser sees it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, NewPage
from tests.browser.steps import PATIENCE, change, open_at, shows


def test_reload_back_and_forward_do_what_they_do_on_the_web(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/rounding?utm_source=mail")
    change(page, "Batch size", "64", "batch=64")
    change(page, "Epochs", "150", "epochs=150")
    assert "utm_source=mail" in page.url
    page.reload()
    shows(page, "Epochs", "150")
    shows(page, "Batch size", "64")
    page.go_back()
    shows(page, "Epochs", "10")
    page.go_back()
    shows(page, "Batch size", "32")
    page.go_forward()
    page.go_forward()
    shows(page, "Epochs", "150")
    shows(page, "Batch size", "64")


def test_a_link_of_before_opens_and_survives_a_reload(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/mnist?fit.epochs=12&model.units=128&class.instruction=Reach+it")
    for _ in range(2):
        shows(page, "Epochs", "12")
        expect(page.get_by_text("Reach it")).to_be_visible(timeout=PATIENCE)
        page.reload()


def test_a_run_is_found_again_after_a_reload_and_can_be_paused(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/rounding?v=2&data=rounding&samples=10000&epochs=200&batch=32&seed=3")
    page.get_by_role("button", name="Train", exact=True).click()
    training = page.get_by_text(re.compile(r"Training · epoch [2-9]"))
    expect(training).to_be_visible(timeout=PATIENCE)
    page.reload()
    expect(page.get_by_text(re.compile("Training · epoch"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name=re.compile("Pause")).first.click()
    expect(page.get_by_text(re.compile("^Paused"))).to_be_visible(timeout=PATIENCE)


def test_the_navigation_leads_back_to_the_settings_as_they_were(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/rounding")
    change(page, "Epochs", "7", "epochs=7")
    page.get_by_role("link", name="Start").first.click()
    expect(page.locator("h1")).to_have_text("Neural Network Lab", timeout=PATIENCE)
    page.get_by_role("link", name="Round a number").first.click()
    shows(page, "Epochs", "7")
    page.wait_for_url(re.compile("epochs=7"), timeout=PATIENCE)


def test_a_tab_keeps_its_identity_and_another_tab_has_its_own(lab: Lab, new_page: NewPage) -> None:
    first, identity = new_page(), "sessionStorage.getItem('nncore.tab')"
    open_at(first, f"{lab.url}/rounding")
    first.wait_for_function(f"{identity} !== null")
    name = first.evaluate(identity)
    first.reload()
    first.wait_for_function(f"{identity} !== null")
    assert first.evaluate(identity) == name
    other = first.context.new_page()
    open_at(other, f"{lab.url}/rounding")
    other.wait_for_function(f"{identity} !== null")
    assert other.evaluate(identity) != name
    # A duplicated tab begins with a copy of the storage, and gets an identity of its own.
    copy = first.context.new_page()
    copy.add_init_script(
        f"sessionStorage.getItem('nncore.tab') ?? sessionStorage.setItem('nncore.tab', '{name}')"
    )
    open_at(copy, f"{lab.url}/rounding")
    copy.wait_for_function(f"{identity} !== '{name}'", timeout=PATIENCE)

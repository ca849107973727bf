"""A sweep in a browser: trained, found again after a reload, its best run opened in its lesson."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab

#: One shape of network, so that it is compiled once.
QUERY = (
    "data.name=rounding&data.samples=60&model.units=2&fit.optimizer=sgd&fit.epochs=2"
    "&fit.batch_size=20&fit.validation=last&sweep.learning_rate=0.01,0.1&sweep.epochs=1,2"
)
PATIENCE = 60_000


def test_a_sweep_is_found_again_after_a_reload_and_its_best_run_opens(lab: Lab, page: Page) -> None:
    page.goto(f"{lab.url}/sweep?{QUERY}")
    page.get_by_role("button", name="Train 4 runs").click(timeout=PATIENCE)
    page.get_by_role("button", name="Train all 4 again").wait_for(timeout=PATIENCE)
    page.reload()
    page.get_by_text("all trained").wait_for(timeout=PATIENCE)
    page.get_by_role("button", name="Open it in its lesson").click()
    heading = page.get_by_role("heading", name="Round a number")
    expect(heading).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("From the store").first).to_be_visible(timeout=PATIENCE)


def test_a_reload_in_mid_sweep_shows_it_going_on(lab: Lab, page: Page) -> None:
    more = QUERY.replace("sweep.epochs=1,2", "sweep.epochs=401,402,403,404,405,406,407,408")
    page.goto(f"{lab.url}/sweep?{more}")
    page.get_by_role("button", name="Train 16 runs").click(timeout=PATIENCE)
    done = page.get_by_text(re.compile(r"^([1-9]|1[0-4]) of 16 runs done")).first
    expect(done.first).to_be_visible(timeout=PATIENCE)
    address = page.url
    page.reload()
    expect(page.get_by_text(re.compile("of 16 runs done")).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Stop")).to_be_enabled()
    expect(page.get_by_role("button", name=re.compile("^Continue with"))).to_have_count(0)
    assert page.url == address
    page.get_by_role("button", name="Train all 16 again").wait_for(timeout=PATIENCE)

"""A sweep in a browser: trained, found again after a reload, its best run opened in its lesson."""

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

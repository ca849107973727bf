"""The whole lab in a real browser on a real server: cold addresses, and the walk of a learner."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, NewPage, StartLab, full_data, running_lab
from ui.core.catalog import HOME, PAGES

#: What the tab and the heading of each page say, by its address.
TITLES = {
    "": ("Start", "Neural Network Lab"),
    **{page.name: (page.title, page.title) for page in PAGES if page is not HOME},
}
#: Milliseconds: what a busy machine may take for the first import of TensorFlow, and to train.
PATIENCE = 120_000
#: What Streamlit Community Cloud gives an app, in bytes.
CLOUD = 2_700 * 10**6


def open_at(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)


def ready(page: Page) -> None:
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)


def train(page: Page) -> None:
    """Presses Train and waits for the end."""
    button = page.get_by_role("button", name=re.compile("Train|Watch it train")).first
    button.click()
    expect(page.get_by_text(re.compile("^Trained · "))).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("name", TITLES)
def test_an_address_on_a_cold_server_shows_the_page_in_its_frame(
    name: str, start_lab: StartLab, page: Page
) -> None:
    tab, heading = TITLES[name]
    open_at(page, f"{start_lab().url}/{name}")
    expect(page.locator("h1")).to_have_text(heading)
    expect(page).to_have_title(tab)
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links).to_have_text([re.compile(tab) for tab, _ in TITLES.values()])
    expect(page.get_by_text("Page not found")).to_have_count(0)


@pytest.fixture(scope="module")
def whole_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab as `make run` starts it: with workers that it started itself, and an empty store."""
    with running_lab(tmp_path_factory.mktemp("lab"), full_data()) as running:
        yield running


def test_the_first_lesson_from_the_click_to_the_stored_model(
    whole_lab: Lab, new_page: NewPage
) -> None:
    lab, page = whole_lab, new_page()
    open_at(page, f"{lab.url}/rounding")
    ready(page)
    train(page)
    expect(page.get_by_text(re.compile(r"\d+ of 10 are right"))).to_be_visible()
    wait_for_entries(lab.cache_dir, 1)
    other = new_page()
    open_at(other, f"{lab.url}/rounding")
    expect(other.get_by_role("button", name="Watch it train")).to_be_visible(timeout=PATIENCE)
    expect(other.get_by_text(re.compile("^From the store"))).to_be_visible()


def wait_for_entries(cache: Path, count: int) -> None:
    end = time.monotonic() + 60
    while len(list((cache / "models").glob("*/checkpoint.npz"))) < count:
        assert time.monotonic() < end, list(cache.rglob("*"))
        time.sleep(0.1)


def test_a_run_can_be_stopped_and_what_was_learnt_is_kept(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/rounding?fit.epochs=100")
    ready(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"Training · epoch [2-9]"))).to_be_visible(timeout=PATIENCE)
    page.get_by_test_id("stButton").filter(has_text="stop").get_by_role("button").click()
    expect(page.get_by_text(re.compile("^Stopped · epoch"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile(r"\d+ of 10 are right"))).to_be_visible()


def test_changing_a_setting_during_a_run_does_not_kill_the_run(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/rounding?fit.epochs=60&fit.seed=3")
    ready(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"Training · epoch [2-9]"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("spinbutton", name="Batch size").fill("64")
    page.get_by_role("spinbutton", name="Batch size").press("Enter")
    expect(page.get_by_text("Batch size 32 → 64")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Start").click()
    expect(page.locator("h1")).to_have_text("Neural Network Lab", timeout=PATIENCE)
    page.get_by_role("link", name="Round a number").first.click()
    expect(page.get_by_text(re.compile(r"Train(ing|ed) · "))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Batch size 32 → 64")).to_be_visible(timeout=PATIENCE)


def test_the_film_plays_without_the_server(lab: Lab, page: Page) -> None:
    sent: list[object] = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda data: sent.append(data)))
    open_at(page, f"{lab.url}/rounding?fit.epochs=2&fit.seed=4")
    ready(page)
    train(page)
    slider = page.get_by_role("slider", name="Frame of the film")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^update 564 · epoch 2.0 "))
    film = page.locator(".film")
    pictures = [film.locator(picture) for picture in ("svg.network", "svg.chart")]
    slider.focus()
    sent.clear()
    page.keyboard.press("Home")
    expect(film.get_by_text("update 0 · not trained yet")).to_be_visible()
    first = [picture.inner_html() for picture in pictures]
    page.keyboard.press("ArrowRight")
    expect(film.get_by_text("update 1 · ")).to_be_visible()
    second = [picture.inner_html() for picture in pictures]
    film.get_by_role("button", name="Play").click()
    expect(film.get_by_text("update 564 · ")).to_be_visible(timeout=PATIENCE)
    expect(film.get_by_role("button", name="Play")).to_be_visible()
    last = [picture.inner_html() for picture in pictures]
    assert all(len({*shots}) == 3 for shots in zip(first, second, last, strict=True))
    assert sent == []


def test_a_click_on_a_neuron_works_out_that_neuron(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/rounding?fit.seed=11")
    ready(page)
    page.get_by_text("One batch", exact=True).last.click()
    page.get_by_role("button", name="Show the starting weights").click()
    expect(page.get_by_text(re.compile("^Paused · "))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Next", exact=True).click()
    first, other = (page.get_by_text(f"Worked out for unit {i}, sample #1") for i in (0, 3))
    expect(first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name=re.compile("^unit 3: bias")).click()
    expect(other).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("Step 3 of 11")).to_be_visible(timeout=PATIENCE)
    expect(other).to_be_visible()


def test_a_neuron_that_is_clicked_can_be_set_by_hand(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/rounding?fit.seed=12")
    page.get_by_text("By hand", exact=True).last.click()
    page.get_by_role("button", name="One unit, all zeros").click()
    page.get_by_role("button", name=re.compile("^output ≥ 0.5: bias")).click()
    expect(page.get_by_text("weight of unit 0", exact=True)).to_be_visible(timeout=PATIENCE)
    bias = page.get_by_label("bias, typed")
    expect(bias).to_have_count(1)
    bias.fill("-3")
    bias.press("Enter")
    moved = page.get_by_role("button", name="output ≥ 0.5: bias −3")
    expect(moved).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stMetricValue")).not_to_have_text("0.693")


def test_a_click_on_a_square_shows_its_images_and_one_can_be_chosen(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/mnist?model.units=4&fit.epochs=1&fit.batch_size=500")
    ready(page)
    train(page)
    tiles = page.locator("[class*=st-key-mnist-confusion] .heatmaplayer image").first
    tiles.scroll_into_view_if_needed()
    box = tiles.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.05, box["y"] + box["height"] * 0.05)
    expect(page.get_by_text(re.compile("images of 0, predicted correctly"))).to_be_visible()
    images = page.get_by_role("radio", name=re.compile("^Test image .*: label 0, predicted 0"))
    images.nth(1).click()
    expect(images.nth(1)).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(images.nth(2)).to_be_checked()
    name = re.match("Test image [0-9,]+", images.nth(2).get_attribute("aria-label") or "")
    assert name
    expect(page.get_by_text(name[0], exact=True)).to_be_visible()


def test_a_walk_through_all_lessons_stays_light(whole_lab: Lab, page: Page) -> None:
    """All four lessons train on real data; the server loads no TensorFlow; memory is bounded."""
    for name in ("rounding", "perceptron", "mnist"):
        open_at(page, f"{whole_lab.url}/{name}")
        ready(page)
        train(page)
    open_at(page, f"{whole_lab.url}/draw")
    expect(page.locator("canvas").first).to_be_visible(timeout=PATIENCE)
    open_at(page, whole_lab.url)
    server = psutil.Process(whole_lab.pid)
    family = [server, *server.children(recursive=True)]
    assert not has_loaded(server, "tensorflow")
    assert any(has_loaded(process, "tensorflow") for process in family)
    held = sum(process.memory_full_info().pss for process in family)
    assert held < CLOUD, f"{held / 10**6:.0f} MB"


def has_loaded(process: psutil.Process, library: str) -> bool:
    return any(library in Path(region.path).name for region in process.memory_maps())

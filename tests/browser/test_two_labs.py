"""Two labs behind nginx, with one store, one scheduler and one worker between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Lab, running_lab
from tests.deploy import nginx

#: Milliseconds: what a busy machine may take for a page, and for training.
PATIENCE = 180_000
COOKIE = "lab_server"


@dataclass(frozen=True)
class TwoLabs:
    """Two labs, by the names that nginx gives them, and the address of both."""

    labs: dict[str, Lab]
    url: str


@pytest.fixture(scope="module")
def two_labs(
    tmp_path_factory: pytest.TempPathFactory, workers: Mapping[str, str]
) -> Iterator[TwoLabs]:
    """Both labs, for all tests here; the last test kills the first lab."""
    nginx.find_nginx()
    folder = tmp_path_factory.mktemp("two-labs")
    environment = {**workers, "STREAMLIT_SERVER_COOKIE_SECRET": "the same for both"}
    with ExitStack() as stack:
        labs = {}
        for name in ("first", "second"):
            (folder / name).mkdir()
            labs[name] = stack.enter_context(
                running_lab(folder / name, cache_dir=folder / "cache", environment=environment)
            )
        ports = {
            f"127.0.0.1:{number}": lab.url.removeprefix("http://")
            for number, lab in zip((8501, 8502), labs.values(), strict=True)
        }
        url = stack.enter_context(nginx.running("two-labs.conf", folder / "nginx", ports))
        yield TwoLabs(labs, url)


def visitor(browser: Browser, url: str, server: str) -> tuple[BrowserContext, Page]:
    """Return the page of a visitor whom nginx's cookie leads to one of the labs."""
    context = browser.new_context(ignore_https_errors=True)
    context.add_cookies([{"name": COOKIE, "value": server, "url": url, "secure": True}])
    return context, context.new_page()


def test_a_class_of_one_lab_has_learners_at_the_other(two_labs: TwoLabs, browser: Browser) -> None:
    context, teacher = visitor(browser, two_labs.url, "first")
    other_context, learner = visitor(browser, two_labs.url, "second")
    teacher.goto(f"{two_labs.url}/classroom")
    teacher.get_by_role("button", name="Start the class").click(timeout=PATIENCE)
    code = teacher.locator(".st-key-classroom-code h1")
    expect(code).to_have_text(re.compile("^[A-Z]{6}$"), timeout=PATIENCE)

    learner.goto(f"{two_labs.url}/?class={code.inner_text()}")
    learner.get_by_role("button", name="Join the class").click(timeout=PATIENCE)
    expect(learner).to_have_url(re.compile("/rounding"), timeout=PATIENCE)
    expect(teacher.get_by_text("1 learner here")).to_be_visible(timeout=PATIENCE)

    teacher.get_by_role("radio", name="Runs").click(timeout=PATIENCE)
    expect(learner.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)
    learner.get_by_role("button", name="Train", exact=True).click(timeout=PATIENCE)
    expect(teacher.get_by_text("1 run by 1 learner")).to_be_visible(timeout=PATIENCE)
    context.close()
    other_context.close()


def test_a_run_of_one_lab_is_found_at_the_other_which_takes_over_from_a_dead_one(
    two_labs: TwoLabs, browser: Browser
) -> None:
    address = f"{two_labs.url}/rounding?v=2&data=rounding&epochs=6&batch=32"
    context, page = visitor(browser, two_labs.url, "first")
    other_context, other = visitor(browser, two_labs.url, "second")
    page.goto(address)
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Train", exact=True).click(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("^Trained · "))).to_be_visible(timeout=PATIENCE)

    other.goto(address)
    expect(other.get_by_text(re.compile("^From the store"))).to_be_visible(timeout=PATIENCE)
    names = [
        c["value"] for one in (context, other_context) for c in one.cookies() if c["name"] == COOKIE
    ]
    assert {*names} == {"first", "second"}

    page.get_by_role("spinbutton", name="Epochs").fill("9")
    page.get_by_role("spinbutton", name="Epochs").press("Enter")
    page.wait_for_url(re.compile("epochs=9"), timeout=PATIENCE)
    with page.expect_websocket(timeout=PATIENCE):  # the page connects again by itself
        psutil.Process(two_labs.labs["first"].pid).kill()
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("9", timeout=PATIENCE)
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)
    train = page.get_by_role("button", name=re.compile("^Train$|Watch it train")).first
    expect(train).to_be_visible(timeout=PATIENCE)  # where it is not, this tells what is there
    train.click(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("^Trained · "))).to_be_visible(timeout=PATIENCE)
    context.close()
    other_context.close()

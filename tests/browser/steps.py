"""Steps that several walks share: open a page, change a setting, train, and look at the run."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Locator, Page, WebSocketRoute, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

#: Milliseconds: what a busy machine may take for a page, for TensorFlow's import, and to train.
PATIENCE = 120_000
#: A run of about ten seconds in slow motion, and the epoch that a walk waits for.
TRAINING = re.compile(r"^Training · epoch ([\d,]+) of")
UNDER_WAY = re.compile(r"^Training · epoch ([2-9]|\d\d)")


def open_at(page: Page, url: str) -> None:
    """Open a page and wait until its worker is ready."""
    page.goto(url)
    expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)


def field(page: Page, name: str) -> Locator:
    """Return a number field by its label."""
    return page.get_by_role("spinbutton", name=name)


def change(page: Page, name: str, value: str, part: str) -> None:
    """Type a setting and wait until the address says it.

    Args:
        page: The browser's page.
        name: The field's label.
        value: What to type.
        part: A regular expression for a part of the new address.
    """
    field(page, name).fill(value)
    field(page, name).press("Enter")
    page.wait_for_url(re.compile(part), timeout=PATIENCE)


def pick(box: Locator, option: Locator) -> None:
    """Open a list and choose from it; opened again where it closes as the page is drawn anew.

    Args:
        box: What opens the list.
        option: The option.
    """
    end = time.monotonic() + PATIENCE / 1000
    while True:
        box.click()
        try:
            option.click(timeout=PATIENCE / 20)
        except PlaywrightTimeoutError:
            assert time.monotonic() < end
            box.press("Escape")
        else:
            return


def shows(page: Page, name: str, value: str) -> None:
    """Wait until a number field shows a value."""
    expect(field(page, name)).to_have_value(value, timeout=PATIENCE)


def press(page: Page, name: str) -> None:
    """Press one of the run buttons."""
    main = page.get_by_test_id("stMain")
    main.get_by_test_id("stButton").get_by_role("button", name=name).first.click()


def train(page: Page) -> None:
    """Press Train and wait until the run is under way."""
    page.get_by_role("button", name=re.compile("^(play_arrow)? ?(Train|Watch it train)$")).click()
    expect(page.get_by_text(UNDER_WAY)).to_be_visible(timeout=PATIENCE)


def epoch_of(page: Page) -> int:
    """Return the epoch of the run under way, paused or stopped, that the page shows."""
    line = page.get_by_text(re.compile(r"^(Training|Paused|Stopped) · epoch [\d,]+ of")).first
    expect(line).to_be_visible(timeout=PATIENCE)
    match = re.search(r"epoch ([\d,]+) of", line.inner_text(timeout=PATIENCE))
    assert match is not None
    return int(match[1].replace(",", ""))


def wait_beyond(page: Page, epoch: int) -> None:
    """Wait until the run that the page shows is beyond an epoch, or is over."""
    page.wait_for_function(
        """epoch => [...document.querySelectorAll("[data-testid=stProgress]")].some((bar) => {
            const text = bar.innerText.trim();
            const place = /^Training · epoch ([\\d,]+) of/.exec(text);
            return place ? Number(place[1].replace(",", "")) > epoch : /^Trained/.test(text);
        })""",
        arg=epoch,
        timeout=PATIENCE,
    )


def lose_message(page: Page, part: bytes) -> list[bytes]:
    """Lose the first message to the server that holds some bytes, from the next page on.

    Args:
        page: The browser's page.
        part: The bytes.

    Returns:
        A list that will hold the message.
    """
    lost: list[bytes] = []

    def lose(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def forward(message: str | bytes) -> None:
            if isinstance(message, bytes) and part in message and not lost:
                lost.append(message)
            else:
                server.send(message)

        socket.on_message(forward)

    page.route_web_socket(re.compile("/_stcore/stream"), lose)
    return lost

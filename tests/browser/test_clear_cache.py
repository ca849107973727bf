"""Any client can have Streamlit clear its caches: the runs of others must not notice."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.browser.conftest import NewPage, StartLab
from tests.browser.steps import PATIENCE, epoch_of, open_at, press, train, wait_beyond

#: Keeps the page's WebSockets, so that a test can send what the page never would.
KEEP_SOCKETS = """
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
        constructor(...given) { super(...given); window.sockets.push(this); }
    };
"""


def send_clear_cache(page: Page) -> None:
    """Send Streamlit's message, and wait until the server has answered it with a new run."""
    message = BackMsg(clear_cache=True).SerializeToString()
    page.evaluate("bytes => window.sockets.at(-1).send(new Uint8Array(bytes))", [*message])
    page.reload()  # what the server then draws comes after the message
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)


def test_a_client_that_clears_the_caches_ends_nobodys_run(
    start_lab: StartLab, new_page: NewPage
) -> None:
    lab = start_lab()
    learners = [new_page() for _ in range(2)]
    for seed, page in enumerate(learners):
        open_at(page, f"{lab.url}/rounding?epochs=600&samples=2000&batch=32&seed={seed}")
        train(page)
    client = new_page()
    client.add_init_script(KEEP_SOCKETS)
    open_at(client, f"{lab.url}/rounding")
    expect(client.get_by_text("2 others training now")).to_be_visible(timeout=PATIENCE)
    before = [epoch_of(page) for page in learners]
    send_clear_cache(client)
    for page, epoch in zip(learners, before, strict=True):
        wait_beyond(page, epoch)
    expect(client.get_by_text("2 others training now")).to_be_visible(timeout=PATIENCE)
    for page in learners:
        press(page, "Stop")
        expect(page.get_by_text(re.compile("^Stopped · "))).to_be_visible(timeout=PATIENCE)

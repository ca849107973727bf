"""The lab behind nginx as deploy/ sets it up: TLS, a sub-path, cut connections, another site."""

from __future__ import annotations

import http.server
import io
import re
import shutil
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.conftest import Lab, full_data, running_lab
from tests.deploy import nginx
from ui.core.catalog import PAGES

#: Milliseconds: what a busy machine may take for a page, and for training.
PATIENCE = 120_000
PATH = "networks"


@dataclass(frozen=True)
class Proxied:
    """A lab below a sub-path behind nginx.

    Attributes:
        lab: The lab itself.
        url: The address that visitors use, without a slash at the end.
    """

    lab: Lab
    url: str


@pytest.fixture(scope="module")
def proxied(
    tmp_path_factory: pytest.TempPathFactory, reader: Path, workers: Mapping[str, str]
) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxied")
    shutil.copytree(reader, folder / "cache" / "models")
    more = {
        **workers,
        "STREAMLIT_SERVER_BASE_URL_PATH": PATH,
        "STREAMLIT_SERVER_ALLOWED_HOSTS": "lab.example.org 127.0.0.1",
    }
    nginx.find_nginx()
    with (
        running_lab(folder, full_data(), environment=more) as lab,
        before(lab, folder / "nginx") as url,
    ):
        yield Proxied(lab, url)


@contextmanager
def before(lab: Lab, folder: Path, **changes: str) -> Iterator[str]:
    """Run nginx before a lab, and yield the address of the lab's first page."""
    upstream = {"127.0.0.1:8501": lab.url.removeprefix("http://").partition("/")[0]}
    with nginx.running("lab.conf", folder, {**upstream, **changes}) as url:
        yield f"{url}/{PATH}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that accepts the test's certificate."""
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors


def test_a_deep_link_as_the_first_request_shares_itself(proxied: Proxied, page: Page) -> None:
    page.goto(f"{proxied.url}/rounding?v=2&data=rounding&epochs=7")
    expect(page.locator("h1")).to_have_text("Round a number", timeout=PATIENCE)
    page.get_by_role("button", name="Share").click(timeout=PATIENCE)
    link = page.get_by_label("Link", exact=True)
    start = re.compile(rf"^{re.escape(proxied.url)}/rounding\?v=2&.*epochs=7")
    expect(link).to_have_value(start, timeout=PATIENCE)
    page.goto(link.input_value())
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("7", timeout=PATIENCE)


def test_training_components_and_downloads_work(proxied: Proxied, page: Page) -> None:
    page.goto(f"{proxied.url}/rounding")
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name=re.compile("Train|Watch it train")).first.click()
    expect(page.get_by_text(re.compile("^Trained · "))).to_be_visible(timeout=PATIENCE)
    expect(page.locator("canvas, svg").first).to_be_visible()
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name=re.compile("History")).first.click(timeout=PATIENCE)
    assert b"," in Path(download.value.path()).read_bytes()


def test_the_labs_own_figures_are_not_for_visitors(proxied: Proxied) -> None:
    direct = urllib.request.urlopen(f"{proxied.lab.url}/_stcore/metrics", timeout=10)
    assert direct.status == 200
    trusting = ssl._create_unverified_context()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{proxied.url}/_stcore/metrics", timeout=10, context=trusting)


def test_a_connection_that_the_proxy_cuts_is_made_again(
    proxied: Proxied, page: Page, tmp_path: Path
) -> None:
    closed: list[str] = []
    page.on("websocket", lambda socket: socket.on("close", lambda one: closed.append(one.url)))
    change = {"proxy_read_timeout 10m;": "proxy_read_timeout 2s;"}
    with before(proxied.lab, tmp_path / "nginx", **change) as url:
        page.goto(f"{url}/rounding?v=2&data=rounding&epochs=8")
        epochs = page.get_by_role("spinbutton", name="Epochs")
        expect(epochs).to_have_value("8", timeout=PATIENCE)
        identity = page.evaluate("sessionStorage.getItem('nncore.tab')")
        page.wait_for_event("websocket", timeout=PATIENCE)  # the next one, after the cut
        assert closed
        epochs.fill("9")
        epochs.press("Enter")
        page.wait_for_url(re.compile("epochs=9"), timeout=PATIENCE)
        assert page.evaluate("sessionStorage.getItem('nncore.tab')") == identity
        page.goto("about:blank")


@pytest.fixture
def platform(proxied: Proxied) -> Iterator[str]:
    """The address of another site's page, such as a school's, with the lab in a narrow frame."""
    frame = f'<iframe id="lab" width="640" height="700" src="{proxied.url}/draw?embed=true">'

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(frame.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://localhost:{server.server_port}/"  # a site other than 127.0.0.1
        server.shutdown()


def upload(lab: FrameLocator) -> None:
    lab.get_by_text("Your own digits").first.click(timeout=PATIENCE)
    picture = io.BytesIO()
    Image.new("L", (28, 28), 255).save(picture, "PNG")
    file = {"name": "empty.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    lab.locator("input[type=file]").first.set_input_files(file, timeout=PATIENCE)  # type: ignore[arg-type]


def test_within_another_sites_page_uploads_work_and_links_lead_on(
    platform: str, proxied: Proxied, page: Page
) -> None:
    page.goto(platform)
    lab = page.frame_locator("#lab")
    expect(lab.locator("h1")).to_have_text("Your handwriting", timeout=PATIENCE)
    with page.expect_response(re.compile("/upload_file/"), timeout=PATIENCE) as response:
        upload(lab)
    assert response.value.status == 204
    links = lab.locator(".st-key-frame\\.links, .st-key-frame-links").get_by_role("link")
    expect(links).to_have_count(len(PAGES), timeout=PATIENCE)
    links.filter(has_text="Round a number").click()
    expect(lab.locator("h1")).to_have_text("Round a number", timeout=PATIENCE)
    expect(links).to_have_count(len(PAGES), timeout=PATIENCE)
    assert page.frames[-1].url.startswith(f"{proxied.url}/rounding?embed=true")


def test_on_its_own_the_lab_has_no_second_navigation(proxied: Proxied, page: Page) -> None:
    page.goto(f"{proxied.url}/runs")
    expect(page.locator("h1")).to_have_text("Runs", timeout=PATIENCE)
    expect(page.get_by_role("link", name="Sweep")).to_have_count(1, timeout=PATIENCE)

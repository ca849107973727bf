"""A real server and a real Chromium for the tests in this folder.

`lab` is a running lab that all tests of a process share, `start_lab` starts others; `page` is a
browser's page, `new_page` opens others. This file does not know what any page of the lab shows.

Each page has a browser context of its own, so each is another learner at `lab`. A test that trains
there stops its runs, and names settings that no other test trains, since a finished run is in the
lab's store from then on. A test that counts the runs of all learners starts a lab.

All labs train in one worker, `workers`: importing TensorFlow takes longer than most of these tests.
Only `test_lab.py` has a lab with workers that it started itself, as `make run` gives.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets
from nncore.runtime.store import Store
from nncore.runtime.tls import write_keys
from tests.deploy import cluster
from ui.content.lesson import load

ROOT = Path(__file__).parents[2]
LAB = ROOT / "streamlit_app.py"
#: The shell comes first: it has no window to draw, and takes a quarter less time for each page.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
HOW_TO_GET_IT = (
    "No Chromium here: install it (Debian: apt-get install chromium) or set CHROMIUM to its path."
)
#: On a deep link Streamlit looks for its server below the page's own address first, and gets a 404.
PROBES = ("/_stcore/health", "/_stcore/host-config")
WIDE = (1280, 800)
# What is to be seen may take so many milliseconds: a page that runs anew on a busy machine.
expect.set_options(timeout=20_000)
#: What is done may take so many: a click waits for the page to be at rest.
ACTION = 120_000
#: Epochs of 5,000 images in which the prepared reader of lesson 4 learns: about three seconds.
READER_EPOCHS = 12
#: Seconds that a server may take to answer, and that a lab may take to end with all its processes.
STARTING, ENDING = 60, 20


@dataclass(frozen=True)
class Lab:
    """A running lab.

    Attributes:
        url: Its address, without a slash at the end.
        pid: The server's process.
        cache_dir: Its cache folder, which was empty when it started.
        log: The file that holds what it has printed.
    """

    url: str
    pid: int
    cache_dir: Path
    log: Path


class StartLab(Protocol):
    """Starts a lab; the test's end stops it."""

    def __call__(
        self,
        data_dir: Path | None = None,
        cache_dir: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Lab: ...


class NewPage(Protocol):
    """Opens an empty page of a given size and colour scheme; the test's end looks it over.

    The page is one of a learner who asks for less motion, unless `moves`: what moves while a
    network trains takes the computing time that a test waits for.
    """

    def __call__(
        self, size: tuple[int, int] = WIDE, scheme: str = "light", *, moves: bool = False
    ) -> Page: ...


def find_chromium() -> str | None:
    """The path of a Chromium: the variable CHROMIUM, else the first of `NAMES` that is there."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one the test is skipped, or fails where NNCORE_REQUIRE_BROWSER is 1."""
    path = find_chromium()
    if path is None:
        required = os.environ.get("NNCORE_REQUIRE_BROWSER") == "1"
        (pytest.fail if required else pytest.skip)(HOW_TO_GET_IT)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@contextmanager
def watched_pages(browser: Browser) -> Iterator[NewPage]:
    """Opens pages; at the end, none of them may have complained or left the machine."""
    pages: list[Page] = []
    complaints: list[str] = []

    def open_page(
        size: tuple[int, int] = WIDE, scheme: str = "light", *, moves: bool = False
    ) -> Page:
        viewport: Any = {"width": size[0], "height": size[1]}
        colours: Any = scheme
        context = browser.new_context(
            viewport=viewport,
            color_scheme=colours,
            reduced_motion="no-preference" if moves else "reduce",
        )
        context.set_default_timeout(ACTION)
        page = context.new_page()
        watch(page, complaints.append)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert not complaints, "The browser's console:\n" + "\n".join(complaints)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Opens pages for one test, which looks them over at its end."""
    with watched_pages(browser) as open_page:
        yield open_page


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """An empty page of 1280 x 800, light."""
    return new_page()


def watch(page: Page, complain: Callable[[str], None]) -> None:
    """Has each error on the page, and each request to another machine, passed to `complain`."""

    def on_console(message: ConsoleMessage) -> None:
        url = str(message.location.get("url"))
        if message.type == "error" and not url.endswith(PROBES):
            complain(f"{message.text} ({url})")

    def on_request(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            complain(f"The page asked another machine for {request.url}")

    page.on("console", on_console)
    page.on("request", on_request)
    page.on("pageerror", lambda error: complain(str(error)))


@pytest.fixture(scope="session")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Start a scheduler and a worker; return the variables that let a lab train there."""
    folder = tmp_path_factory.mktemp("workers")
    keys = write_keys(folder / "keys")
    with cluster.scheduler(keys, folder) as port:
        address = f"tls://127.0.0.1:{port}"
        with cluster.worker(keys, address, folder):
            yield {
                "NNCORE_SCHEDULER": address,
                "NNCORE_TLS_CA": str(keys.ca),
                "NNCORE_TLS_CERT": str(keys.cert),
                "NNCORE_TLS_KEY": str(keys.key),
            }


@pytest.fixture(scope="session")
def lab(
    tmp_path_factory: pytest.TempPathFactory, reader: Path, workers: Mapping[str, str]
) -> Iterator[Lab]:
    """A lab that all tests share, on all of MNIST where NNCORE_DATA_DIR has it.

    Lesson 4's network is in its store already.
    """
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(reader, folder / "cache" / "models")
    with running_lab(folder, full_data(), environment=workers) as running:
        yield running


def full_data() -> Path | None:
    """Return the folder that has all of MNIST; None where there is none."""
    folder = os.environ.get("NNCORE_DATA_DIR")
    return Path(folder) if folder else None


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store's folder that holds a short training as lesson 4's own network.

    The lesson's own training takes more than a minute. No test here is about how well it reads.
    """
    from nncore.training import engine  # imports TensorFlow, which few of these tests need

    default = load("draw").on_data().default
    short = {"data.samples": 5000, "fit.epochs": READER_EPOCHS, "fit.augment": "affine"}
    experiment = default.updated(short)
    fingerprint = datasets.load(experiment.data).fingerprint
    trained = engine.advance(experiment, Checkpoint(experiment, fingerprint), Budget())
    here = datasets.load(default.data)
    entry = replace(
        trained,
        experiment=default,
        fingerprint=here.fingerprint,
        epoch=default.fit.epochs,
        slots=(),
        film=(),
    )
    folder = tmp_path_factory.mktemp("reader")
    Store(folder).put(entry, None, here.source)
    return folder


@pytest.fixture
def start_lab(
    tmp_path_factory: pytest.TempPathFactory, workers: Mapping[str, str]
) -> Iterator[StartLab]:
    """Starts labs: on the data in `data_dir`, else on the embedded images; cold, or on a cache."""
    with ExitStack() as stack:

        def start(
            data_dir: Path | None = None,
            cache_dir: Path | None = None,
            environment: Mapping[str, str] | None = None,
        ) -> Lab:
            folder = tmp_path_factory.mktemp("lab")
            variables = {**workers, **(environment or {})}
            lab = running_lab(folder, data_dir, cache_dir, environment=variables)
            return stack.enter_context(lab)

        yield start


@contextmanager
def running_lab(
    folder: Path,
    data_dir: Path | None = None,
    cache_dir: Path | None = None,
    script: Path = LAB,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[Lab]:
    """A lab in a process of its own, which must end, with all it has started, when it is told to.

    Args:
        folder: Where its log goes, and its cache.
        data_dir: Where its data are; without it they are the embedded images.
        cache_dir: The cache of an earlier lab, to start where that one ended.
        script: What is served; it may be another than the lab.
        environment: Variables that its process gets in addition.
        port: Where it listens; by default a free port.
    """
    cache_dir = cache_dir or folder / "cache"
    log = folder / "log.txt"
    port = port or free_port()
    variables = os.environ | {"NNCORE_CACHE_DIR": str(cache_dir), "NNCORE_TEST_LAB": str(folder)}
    variables.pop("NNCORE_DATA_DIR", None)
    if data_dir:
        variables["NNCORE_DATA_DIR"] = str(data_dir)
    variables |= environment or {}
    with log.open("w") as output:
        server = subprocess.Popen(
            command(port, script), cwd=ROOT, env=variables, stdout=output, stderr=output
        )
    try:
        path = variables.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
        url = f"http://127.0.0.1:{port}/{path}".rstrip("/")
        wait_for_health(server, url, log)
        yield Lab(url, server.pid, cache_dir, log)
    finally:
        survivors = end(server, folder)
    assert not survivors, f"SIGTERM ended the lab, but not {survivors}"
    assert "Uncaught app execution" not in log.read_text(), log.read_text()


@contextmanager
def serving(script: str, folder: Path) -> Iterator[str]:
    """Serves a page of the test's own, which may import the lab's pieces.

    Args:
        script: Its source.
        folder: Where it goes, and the server's log.
    """
    page = folder / "page.py"
    page.write_text(script)
    with running_lab(folder, script=page) as running:
        yield running.url


def command(port: int, script: Path = LAB) -> list[str]:
    """Return the command that serves the lab, or another script, and opens no browser."""
    settings = {
        "server.address": "127.0.0.1",
        "server.port": port,
        "server.headless": "true",
    }
    flags = [f"--{name}={value}" for name, value in settings.items()]
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_health(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Returns when the server says that it is well; raises what it has printed where it does not.

    Raises:
        RuntimeError: If the server has ended, or is silent for `STARTING` seconds.
    """
    for _ in range(STARTING * 10):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text()}")


def end(server: subprocess.Popen[bytes], folder: Path) -> list[str]:
    """Tells the server to end, and gives the command lines of those that do not end with it."""
    server.terminate()
    deadline = time.monotonic() + ENDING
    with suppress(subprocess.TimeoutExpired):
        server.wait(ENDING)  # to look through all processes again and again takes a core
    while (survivors := family(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for process in survivors:
        process.kill()
    server.wait()
    return [" ".join(process.info["cmdline"] or ()) for process in survivors]


def family(folder: Path) -> list[psutil.Process]:
    """The lab's processes, orphans too: all have the variable that `running_lab` gave the first."""
    return [
        process
        for process in psutil.process_iter(["environ", "cmdline"])
        if (process.info["environ"] or {}).get("NNCORE_TEST_LAB") == str(folder)
    ]

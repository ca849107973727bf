"""Pages through `streamlit_app.py`, with the lab's work done by threads of the test's process."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from nncore.runtime.cluster import WorkerInfo
from nncore.runtime.lab import Lab, wait_until_ready
from nncore.runtime.run import Run
from nncore.runtime.store import Store
from ui.class_store.access import ClassAccess
from ui.class_store.outbox import Outbox
from ui.class_store.store import ClassStore
from ui.core import server
from ui.membership import feed

ROOT = Path(__file__).resolve().parents[2]
#: Seconds that a page may take to run: the first import of TensorFlow is among them.
PATIENCE = 60


class ThreadCluster:
    """Workers that are threads of this process."""

    plan = None

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self._open = True

    def is_open(self) -> bool:
        return self._open

    def workers(self) -> dict[str, WorkerInfo]:
        return {"here": WorkerInfo(2)}

    def memory_kills(self) -> int:
        return 0

    def executor_on(self, address: str) -> Executor:
        return self.executor

    def replace_workers(self, addresses: Collection[str]) -> None:
        raise AssertionError("Threads cannot be replaced.")

    def close(self) -> None:
        self._open = False


@pytest.fixture(scope="session", autouse=True)
def _little_to_collect() -> None:
    """Leaves TensorFlow's objects, which no lab's server has, out of what is looked through.

    Where Keras is loaded, Streamlit ends each run of a page with `clear_session()`, and that with
    a collection of garbage: a quarter of a second, twice what the page itself takes.
    """
    import keras  # noqa: F401

    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _components_found_once() -> Iterator[None]:
    """Looks through the installed packages for components once, not for each page that opens.

    A server does it once, when it starts. An `AppTest` is a new server to Streamlit, and a third of
    the time of these tests went into reading the metadata of every package.
    """
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """The lab that the pages find: ready, with an empty store."""
    executor = ThreadPoolExecutor(2)
    found = Lab(Store(tmp_path / "models"), lambda: ThreadCluster(executor))
    monkeypatch.setattr(server, "_lab", found)
    found.start()
    wait_until_ready(found)
    yield found
    found.close()
    executor.shutdown()


@pytest.fixture
def classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassAccess]:
    """An empty store that the pages find."""
    store = ClassStore(f"sqlite:///{tmp_path / 'classes.sqlite'}")
    access = ClassAccess(store, Outbox(store, retry=0.05))
    monkeypatch.setattr(feed, "open_classes", lambda: access)
    yield access
    access.outbox.close()
    store.close()


OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(lab: Lab) -> OpenPage:
    """Opens a page by its name; `query` is what the address says behind the question mark."""

    def open_it(name: str, query: dict[str, Any] | None = None) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE)
        app.run()
        for key, value in (query or {}).items():
            app.query_params[key] = value
        app.switch_page(f"pages/{name}.py").run()
        assert not app.exception, app.exception
        return app

    return open_it


def named(widgets: Any, name: str) -> Any:
    """Return the widget of a setting, whatever name it has by now (`state.bind_widget`).

    Args:
        widgets: All of a kind, such as `app.slider`.
        name: The first part of its key.
    """
    found, *more = (widget for widget in widgets if (widget.key or "").split("#")[0] == name)
    assert not more, more
    return found


@contextmanager
def late_look(app: AppTest) -> Iterator[None]:
    """Has the page polled after what happens inside, by a browser that does not know of it yet."""
    told = app._tree.get_widget_states()
    kept = [state for state in told.widgets if state.WhichOneof("value") != "trigger_value"]
    del told.widgets[:]
    told.widgets.extend(kept)  # of a button a browser says only that it was clicked, and once
    yield
    app._run(told)
    app.run()


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Waits for something to come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def run_of(app: AppTest, page: str) -> Run:
    """Return the page's run, which the tab holds."""
    run: Run = app.session_state["tab"].values[f"{page}.run"]
    return run


def written(app: AppTest) -> dict[str, str | None]:
    """Return the texts that the browser was told to keep, by slot; None for one to be emptied."""
    if "keep.orders" not in app.session_state:
        return {}
    return {slot: text for slot, (_, text) in app.session_state["keep.orders"].write.items()}


def settle(app: AppTest, page: str) -> AppTest:
    """Runs the page once its run is over, as its live fragment would."""
    until(lambda: run_of(app, page).peek().state.over)
    app.run()
    assert not app.exception, app.exception
    return app

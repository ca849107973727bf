"""`pip install .`, without a network: the package, its metadata, and that it imports elsewhere."""

import shutil
import subprocess
import sys
from importlib.metadata import Distribution, PathDistribution
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
OFFLINE = ("--no-deps", "--no-build-isolation", "--no-index")

pytestmark = pytest.mark.skipif(
    find_spec("pip") is None or find_spec("setuptools") is None,
    reason="Needs pip and setuptools in this environment.",
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the package was installed, from a copy: building leaves files."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "nncore", source / "nncore")
    (source / "ui").mkdir()  # what lies beside the package in a checkout stays out of it
    (source / "ui" / "__init__.py").touch()
    target = tmp_path_factory.mktemp("installed")
    subprocess.run([*PIP, *OFFLINE, "--target", str(target), str(source)], check=True)
    return target


def distribution(folder: Path) -> Distribution:
    return PathDistribution(next(folder.glob("*.dist-info")))


def test_the_package_has_its_name_and_version(installed: Path) -> None:
    found = distribution(installed)
    assert (found.name, found.version) == ("neural-network-lab", "0.1.0")


def test_the_package_holds_nncore_and_nothing_else(installed: Path) -> None:
    assert {path.name for path in installed.iterdir() if path.suffix != ".dist-info"} == {"nncore"}
    source = {path.relative_to(ROOT) for path in (ROOT / "nncore").rglob("*.py")}
    assert {path.relative_to(installed) for path in installed.rglob("*.py")} == source


def test_type_checkers_find_the_packages_types(installed: Path) -> None:
    assert (installed / "nncore" / "py.typed").is_file()


def test_the_package_imports_from_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = "import nncore; from nncore import Experiment, train; print(nncore.__file__)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(run.stdout.strip()) == installed / "nncore" / "__init__.py"

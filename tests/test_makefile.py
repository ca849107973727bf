"""Where `make run` listens: HOST if it is given, else the environment, else this computer only."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"
#: Instead of Python: prints the address from its environment, then its arguments.
STUB = '#!/bin/sh\necho "$STREAMLIT_SERVER_ADDRESS | $*"\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder in which the lab seems to be installed already."""
    if shutil.which("make") is None:
        pytest.skip("Needs make.")
    shutil.copy(MAKEFILE, tmp_path)
    (tmp_path / "requirements.txt").touch()
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(STUB, encoding="utf-8")
    python.chmod(0o755)
    (tmp_path / ".venv" / ".run").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, "localhost | -m streamlit run streamlit_app.py"),
        ([], {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}, "0.0.0.0 | -m streamlit run"),
        (["HOST=0.0.0.0"], {}, "streamlit_app.py --server.address 0.0.0.0"),
        (["HOST=::1"], {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}, "--server.address ::1"),
        (["PORT=9000"], {"HOST": "a-shells-own"}, "localhost | -m streamlit run"),
        (["PORT=9000"], {}, "streamlit_app.py --server.port 9000"),
    ],
)
def test_where_the_lab_listens(
    checkout: Path, arguments: list[str], environment: dict[str, str], expected: str
) -> None:
    names = {"STREAMLIT_SERVER_ADDRESS", "HOST", "MAKEFLAGS", "MAKELEVEL"}
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    printed = subprocess.run(
        ["make", "run", *arguments],
        cwd=checkout,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert expected in " ".join(printed.split())
    if not any(argument.startswith("HOST=") for argument in arguments):
        assert "--server.address" not in printed

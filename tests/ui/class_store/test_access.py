"""The lab's own database: where it is, and when it and SQLAlchemy are needed."""

import subprocess
import sys
from pathlib import Path

import pytest

from ui.class_store import access
from ui.class_store.store import ClassStore

ROOT = Path(__file__).parents[3]


def run(code: str) -> list[str]:
    """Return the words that a program prints which runs in the project's folder."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_database_is_in_the_cache_folder(
    cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NNCORE_DATABASE_URL", raising=False)
    assert access.database_url() == f"sqlite:///{cache_dir}/classes.sqlite"


def test_another_database_is_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNCORE_DATABASE_URL", "postgresql://lab@db/lab")
    assert access.database_url() == "postgresql://lab@db/lab"


def test_a_lab_without_classes_has_no_database(
    cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NNCORE_DATABASE_URL", raising=False)
    assert not access.has_database()
    store = ClassStore(access.database_url())
    store.create_class("mnist")
    store.close()
    assert access.has_database()


def test_a_lab_with_a_database_of_its_own_looks_for_old_classes(
    cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNCORE_DATABASE_URL", "postgresql://lab@db/lab")
    assert access.has_database()


def test_sqlalchemy_is_not_imported_before_a_class_is_opened() -> None:
    code = (
        "import sys\n"
        "import ui.app\n"
        "from ui.class_store import access, outbox, values\n"
        "print(*{'sqlalchemy', 'psycopg'} & {*sys.modules})"
    )
    assert run(code) == []


def test_opening_the_classes_imports_no_driver_that_is_not_used(cache_dir: Path) -> None:
    code = (
        "import sys\n"
        "from ui.class_store import access\n"
        "access.open_access().store.create_class('mnist')\n"
        "print(*{'sqlalchemy', 'sqlalchemy.orm', 'psycopg', 'streamlit'} & {*sys.modules})"
    )
    assert run(code) == ["sqlalchemy"]

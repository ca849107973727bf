"""Opens the store of this lab, at its first use: this is where SQLAlchemy is imported."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nncore import environment

if TYPE_CHECKING:
    from ui.class_store.store import ClassStore

#: The file of SQLite's database, in the lab's cache folder.
FILE = "classes.sqlite"


def database_url() -> str:
    """Return the database's address: `NNCORE_DATABASE_URL`, else a file in the cache folder."""
    named = os.environ.get("NNCORE_DATABASE_URL", "")
    return named or f"sqlite:///{environment.cache_dir() / FILE}"


def open_store() -> ClassStore:
    """Return a new store of the lab's classes; one is enough for a server process.

    Raises:
        ClassError: If `NNCORE_DATABASE_URL` is not an address of SQLite or PostgreSQL.
    """
    from ui.class_store.store import ClassStore

    return ClassStore(database_url())

"""Opens the store of this lab, at its first use: this is where SQLAlchemy is imported."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nncore import environment
from ui.class_store.outbox import Outbox

if TYPE_CHECKING:
    from ui.class_store.store import ClassStore

#: The file of SQLite's database, in the lab's cache folder.
FILE = "classes.sqlite"


def database_url() -> str:
    """Return the database's address: `NNCORE_DATABASE_URL`, else a file in the cache folder."""
    named = os.environ.get("NNCORE_DATABASE_URL", "")
    return named or f"sqlite:///{environment.cache_dir() / FILE}"


def has_database() -> bool:
    """Return True if there may be classes of an earlier run of the lab, which must end in time."""
    is_named = bool(os.environ.get("NNCORE_DATABASE_URL", ""))
    return is_named or (environment.cache_dir() / FILE).exists()


@dataclass(frozen=True, eq=False)
class ClassAccess:
    """The classes of the lab, as one server process reaches them.

    Args:
        store: Reads, and takes what teachers write.
        outbox: Takes what members write.
    """

    store: ClassStore
    outbox: Outbox


def open_access() -> ClassAccess:
    """Open the lab's classes; pages share one: `server.share(access.open_access)`.

    Raises:
        ClassError: If `NNCORE_DATABASE_URL` is not an address of SQLite or PostgreSQL.
    """
    from ui.class_store.store import ClassStore

    store = ClassStore(database_url())
    return ClassAccess(store, Outbox(store))

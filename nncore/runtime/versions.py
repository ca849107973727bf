"""The versions that the lab and its workers must agree on."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: Packages whose version decides what a run computes, or whether messages are understood.
PACKAGES = ("dask", "distributed", "numpy", "keras")


def versions() -> dict[str, str]:
    """Return the versions in this process by name; an empty text for a missing package."""
    found = {"Python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    return found | {name: _version(name) for name in PACKAGES} | {"nncore": _source_digest()}


def difference(here: Mapping[str, str], there: Mapping[str, str], place: str) -> str:
    """Return one sentence on the first version that differs; empty if all agree.

    Args:
        here: The versions of the lab.
        there: The versions of a worker.
        place: The address of the worker.
    """
    for name, ours in here.items():
        theirs = there.get(name, "")
        if theirs != ours:
            found = f"{name} {theirs}" if theirs else f"no {name}"
            return (
                f"The worker at {place} has {found}, but the lab has {name} {ours}. "
                "Install the same version on both."
            )
    return ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _source_digest() -> str:
    """Return a short digest of this package's source: it has no release of its own."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:8]

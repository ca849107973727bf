"""The form of the generated program's text: comments, calls, numbers.

This file knows nothing of experiments or Keras.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

#: What a program names the versions of, and the packages that have them.
_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "Keras": ("keras",),
    "TensorFlow": ("tensorflow-cpu", "tensorflow"),
    "NumPy": ("numpy",),
}
#: Columns at which comments are wrapped, and calls get a line for each argument.
_WIDTH = 88


def heading(number: int, title: str) -> str:
    """Return the line that opens a section."""
    return f"# --- {number}. {title} ---"


def explain(comment: str, *code: str) -> str:
    """Return a comment, wrapped where its lines are long, above the code that it explains.

    Args:
        comment: Sentences; each line starts a new line of comment.
        code: Lines of Python.
    """
    wrapped = (
        part
        for line in comment.splitlines()
        for part in textwrap.wrap(line, _WIDTH - 2, break_on_hyphens=False)
    )
    return "\n".join([*(f"# {part}" for part in wrapped), *code])


def show_shapes(code: str, count: int, before: str, after: str) -> str:
    """Return a line of code with a comment on how it changes a shape.

    Args:
        code: The line.
        count: Number of samples, the first axis before and after.
        before: The other axes before, such as `"28, 28"`; empty for none.
        after: The other axes after.
    """
    old, new = (f"({count}, {rest})" if rest else f"({count},)" for rest in (before, after))
    return f"{code}  # {old} -> {new}"


def write_call(name: str, *arguments: str, end: str = "") -> list[str]:
    """Return the lines of a call: one, or one for each argument if that would be too long."""
    line = f"{name}({', '.join(arguments)}){end}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"{name}(", *(f"    {argument}," for argument in arguments), f"){end}"]


def count_nouns(count: int, noun: str) -> str:
    """Return a number with its noun: "1 unit", "2 units"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def list_versions() -> str:
    """Return the versions that the program's figures were made with, as a sentence."""
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    found = (f"{name} {_find_version(packages)}" for name, packages in _PACKAGES.items())
    return f"Run here with {', '.join([python, *found])}."


def _find_version(packages: tuple[str, ...]) -> str:
    """Return the version of the first of these packages that is installed."""
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return "(not installed)"


def write_number(number: float) -> str:
    """Return Python source for exactly this number: `0.001`, `1e-6`."""
    return repr(number).replace("e-0", "e-")

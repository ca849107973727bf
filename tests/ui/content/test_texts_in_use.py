"""Every text of a lesson's file is read by the code, and every text that the code reads exists.

Both are read from the source: a name in full, or an f-string such as `f"loss_{name}"`, which may
stand for any name of that form.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LESSONS = sorted((ROOT / "lessons").glob("*.toml"))


@cache
def trees() -> tuple[ast.Module, ...]:
    files = [path for top in ("ui", "pages", "nncore") for path in (ROOT / top).rglob("*.py")]
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in files)


@cache
def names_in_code() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Return the strings of the source, and the patterns of its f-strings that hold a name."""
    nodes = [node for tree in trees() for node in ast.walk(tree)]
    strings = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    joined = [pattern(node) for node in nodes if isinstance(node, ast.JoinedStr)]
    return frozenset(strings), tuple(re.compile(p) for p in joined if p is not None)


def pattern(node: ast.JoinedStr) -> str | None:
    """Return a pattern for the names that an f-string can give; None if it gives no name."""
    parts = [str(p.value) if isinstance(p, ast.Constant) else None for p in node.values]
    fixed = "".join(part for part in parts if part is not None)
    if not re.fullmatch(r"\w{3,}|\w+\.|why\.", fixed):
        return None
    return "".join(r".+" if part is None else re.escape(part) for part in parts)


def texts_of(path: Path) -> set[str]:
    return set(tomllib.loads(path.read_text(encoding="utf-8")).get("text", {}))


def texts_that_pages_read() -> Iterator[str]:
    """Yield the names in `lesson.text("name")`, `page.text("name")` and the like."""
    for tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner = node.func.value
            owner_name = (
                owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            )
            is_lesson = owner_name in ("lesson", "page", "texts")
            if node.func.attr == "text" and is_lesson and node.args:
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    yield str(name.value)


def is_read(name: str) -> bool:
    """Return True if the code has the name, or puts it together from two strings or more."""
    strings, patterns = names_in_code()
    if name in strings or any(p.fullmatch(name) for p in patterns):
        return True
    cuts = [match.start() for match in re.finditer("_", name)]
    return any(name[:i] in strings and {name[i:], name[i + 1 :]} & strings for i in cuts)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_text_is_read(path: Path) -> None:
    assert not {name for name in texts_of(path) if not is_read(name)}


def test_no_text_is_missing() -> None:
    known = {name for path in LESSONS for name in texts_of(path)}
    read = set(texts_that_pages_read())
    assert len(read) > 100
    assert read <= known


def test_an_f_string_stands_for_the_names_of_its_form() -> None:
    node = ast.parse('f"loss_{name}"', mode="eval").body
    assert isinstance(node, ast.JoinedStr)
    found = pattern(node)
    assert found is not None
    assert re.fullmatch(found, "loss_mse")
    assert not re.fullmatch(found, "boss_mse")

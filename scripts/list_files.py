"""Write the list of files in `docs/develop/tree.md` anew, from the files' own docstrings.

    python scripts/list_files.py

A file's line is the first paragraph of its docstring, a folder's is that of its `__init__.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TREE = ROOT / "docs" / "develop" / "tree.md"
ROOMS = ("pages", "nncore", "ui")
#: The list is all that follows this heading.
HEADING = "## Every file\n"


def main() -> None:
    """Replace the list in the documentation."""
    TREE.write_text(replace_list(TREE.read_text(encoding="utf-8"), list_files()), encoding="utf-8")


def replace_list(page: str, listed: str) -> str:
    """Return the page with another list.

    Raises:
        ValueError: If the page does not have the heading.
    """
    before, heading, _ = page.partition(HEADING)
    if not heading:
        raise ValueError(f"{TREE} needs the heading {HEADING.strip()!r}.")
    return f"{before}{heading}\n{listed}"


def list_files() -> str:
    """Return the list in Markdown: a part for each folder, a line for each file."""
    folders = {file.parent for room in ROOMS for file in (ROOT / room).rglob("*.py")}
    return "\n".join(line for folder in sorted(folders) for line in _list_folder(folder))


def _list_folder(folder: Path) -> Iterator[str]:
    yield f"### {folder.relative_to(ROOT).as_posix()}/\n"
    own = folder / "__init__.py"
    if own.exists():
        yield f"{read_summary(own)}\n"
    files = [file for file in sorted(folder.glob("*.py")) if file != own]
    yield from (f"- `{file.name}`: {read_summary(file)}" for file in files)
    if files:
        yield ""


def read_summary(file: Path) -> str:
    """Return the first paragraph of a module's docstring, on one line.

    Raises:
        ValueError: If the file has no docstring.
    """
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    if not docstring:
        raise ValueError(f"{file} needs a docstring that says what is in it.")
    return " ".join(docstring.split("\n\n")[0].split())


if __name__ == "__main__":
    main()

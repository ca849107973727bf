"""A Keras program -> a notebook: the same statements in cells, what they say between them.

The form is nbformat 4.5 (https://nbformat.readthedocs.io). This file knows the layout of the
programs that `nncore.export.script` writes, and nothing of what they do.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

_HEADING = re.compile(r"# --- (.+) ---")
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def to_notebook(program: str) -> str:
    """A program as a notebook that Jupyter, Colab and VS Code open.

    The docstring, headings, and the comment above each paragraph become Markdown; what is left of
    a paragraph is a code cell. Comments within a statement stay where they are.

    Args:
        program: What `script.to_script` gives: a docstring, then paragraphs of whole statements
            with blank lines between them.

    Returns:
        The notebook as JSON.
    """
    cells = [_cell(number, *cell) for number, cell in enumerate(_cells(program), 1)]
    notebook: dict[str, Any] = {"nbformat": 4, "nbformat_minor": 5, "metadata": _METADATA}
    return json.dumps(notebook | {"cells": cells}, indent=1, ensure_ascii=False) + "\n"


def _cells(program: str) -> Iterator[tuple[str, str]]:
    """The kind and the text of each cell, in order."""
    tree = ast.parse(program)
    title, _, rest = (ast.get_docstring(tree) or "").partition("\n")
    yield "markdown", f"# {title}\n{rest}"
    below = "\n".join(program.splitlines()[tree.body[0].end_lineno or 0 :])
    for paragraph in below.strip().split("\n\n"):
        heading = _HEADING.fullmatch(paragraph)
        if heading:
            yield "markdown", f"## {heading[1]}"
            continue
        said, code = _parted(paragraph.splitlines())
        if said:
            yield "markdown", said
        if code:
            yield "code", code


def _parted(lines: list[str]) -> tuple[str, str]:
    """A paragraph's comment, without its signs, and the code below it."""
    first = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(line.removeprefix("#").strip() for line in lines[:first]), "\n".join(
        lines[first:]
    )


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    """A cell as nbformat keeps it: its text as lines with their ends."""
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell | {"source": text.splitlines(keepends=True)}

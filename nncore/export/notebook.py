"""Turn a Keras program into a notebook: statements become code cells, comments Markdown.

The format is nbformat 4.5 (https://nbformat.readthedocs.io). This file knows the layout of the
programs that `nncore.export.script` writes, but not their content.
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
    """Return a program as a notebook that Jupyter, Colab and VS Code open.

    The docstring, the headings and the comment above each paragraph become Markdown; the rest of a
    paragraph becomes a code cell. Comments within a statement stay where they are.

    Args:
        program: A program of `to_script`: a docstring, then paragraphs of whole statements with
            blank lines between them.

    Returns:
        The notebook as JSON.
    """
    cells = [_cell(number, *cell) for number, cell in enumerate(_cells(program), 1)]
    notebook: dict[str, Any] = {"nbformat": 4, "nbformat_minor": 5, "metadata": _METADATA}
    return json.dumps(notebook | {"cells": cells}, indent=1, ensure_ascii=False) + "\n"


def _cells(program: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each cell, in order."""
    tree = ast.parse(program)
    title, _, rest = (ast.get_docstring(tree) or "").partition("\n")
    yield "markdown", f"# {title}\n{rest}"
    below = "\n".join(program.splitlines()[tree.body[0].end_lineno or 0 :])
    for paragraph in below.strip().split("\n\n"):
        heading = _HEADING.fullmatch(paragraph)
        if heading:
            yield "markdown", f"## {heading[1]}"
            continue
        comment, code = _split_comment(paragraph.splitlines())
        if comment:
            yield "markdown", comment
        if code:
            yield "code", code


def _split_comment(lines: list[str]) -> tuple[str, str]:
    """Return a paragraph's comment without its `#` signs, and the code below it."""
    first = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(line.removeprefix("#").strip() for line in lines[:first]), "\n".join(
        lines[first:]
    )


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    """Return a cell as nbformat stores it: its text as lines with their line ends."""
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell | {"source": text.splitlines(keepends=True)}

"""The notebook: valid, and the same program as the script."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import jsonschema
from hypothesis import given, settings

from nncore.experiment import Experiment
from nncore.export.notebook import to_notebook
from nncore.export.script import to_script
from tests.nncore.export.test_script import DIGITS, FASHION, experiments

TEXT = {"type": "array", "items": {"type": "string"}}
CELL = {"id": {"type": "string", "pattern": "^[a-zA-Z0-9-_]{1,64}$"}, "source": TEXT}
#: What nbformat 4.5 asks for, of the kinds of cells that there are here.
SCHEMA = {
    "type": "object",
    "required": ["metadata", "nbformat_minor", "nbformat", "cells"],
    "additionalProperties": False,
    "properties": {
        "metadata": {"type": "object", "required": ["kernelspec"]},
        "nbformat": {"const": 4},
        "nbformat_minor": {"const": 5},
        "cells": {
            "items": {
                "oneOf": [
                    {
                        "required": ["id", "cell_type", "metadata", "source"],
                        "additionalProperties": False,
                        "properties": CELL
                        | {"cell_type": {"const": "markdown"}, "metadata": {"type": "object"}},
                    },
                    {
                        "required": [
                            *("id", "cell_type", "metadata", "source"),
                            *("outputs", "execution_count"),
                        ],
                        "additionalProperties": False,
                        "properties": CELL
                        | {
                            "cell_type": {"const": "code"},
                            "metadata": {"type": "object"},
                            "outputs": {"const": []},
                            "execution_count": {"type": "null"},
                        },
                    },
                ]
            }
        },
    },
}


def cells(notebook: dict[str, Any], kind: str) -> list[str]:
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == kind]


@given(experiments())
@settings(max_examples=30)
def test_its_code_is_the_programs(experiment: Experiment) -> None:
    program = to_script(experiment)
    notebook = json.loads(to_notebook(program))
    jsonschema.validate(notebook, SCHEMA)
    code = cells(notebook, "code")
    for cell in code:
        compile(cell, "cell", "exec")  # each by itself
    same = ast.parse(program).body[1:]  # the docstring is Markdown
    assert ast.dump(ast.parse("\n".join(code))) == ast.dump(ast.Module(same, []))
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len({*ids}) == len(ids)


def test_its_text_is_the_comments_and_headings() -> None:
    notebook = json.loads(to_notebook(to_script(FASHION)))
    text = cells(notebook, "markdown")
    assert text[0].startswith("# Fashion: a network learns to tell ten kinds of clothing apart.\n")
    headings = [cell for cell in text if cell.startswith("## ")]
    assert headings == [
        "## 1. The data",
        "## 2. The network",
        "## 3. The training",
        "## 4. The test",
    ]
    assert not [cell for cell in cells(notebook, "code") if cell.startswith("#")]


def test_every_word_of_the_program_is_in_it() -> None:
    program = to_script(DIGITS, "embedded")
    notebook = json.loads(to_notebook(program))
    everything = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    words = re.findall(r"\w+", program)
    assert sorted(re.findall(r"\w+", everything)) == sorted(words)

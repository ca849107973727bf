"""The program that uses `nncore`: the settings it names, and the accuracy that it reaches."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import nncore
from nncore.experiment import Experiment
from nncore.export.notebook import to_notebook
from nncore.export.package_script import to_package_script
from nncore.export.script import to_script
from nncore.export.script_text import list_versions

ROOT = Path(nncore.__file__).parents[1]
SMALL = Experiment().updated(
    {"data.samples": 300, "model.units": (16,), "fit.epochs": 2, "fit.augment": "styles"}
)


def test_the_settings_are_those_of_the_experiment() -> None:
    source = to_package_script(SMALL.updated({"fit.learning_rate": 0.0003}))
    assert max(map(len, source.splitlines())) <= 100
    names: dict[str, object] = {}
    for node in ast.parse(source).body[1:3]:
        exec(compile(ast.Module([node], []), "script.py", "exec"), names)
    assert names["experiment"] == SMALL.updated({"fit.learning_rate": 0.0003})


def test_it_reaches_the_accuracy_of_the_page(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", to_package_script(SMALL)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    expected = nncore.train(SMALL, show_progress=False).evaluate()
    assert f"test accuracy: {expected['accuracy']:.4f}" in done.stdout
    assert (tmp_path / "digits.keras").is_file()


def test_its_notebook_has_the_same_code() -> None:
    source = to_package_script(SMALL)
    cells = json.loads(to_notebook(source))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert ast.dump(ast.parse(code)) == ast.dump(ast.Module(ast.parse(source).body[1:], []))


def test_programs_name_the_versions_that_they_were_run_with() -> None:
    for name in ("Python 3.", "Keras 3.", "TensorFlow 2.", "NumPy 2."):
        assert name in list_versions()
    assert list_versions() in to_script(Experiment())
    assert list_versions() in to_package_script(SMALL)

"""A lesson is one TOML file, one page and one line of the catalogue.

A copy of the lab gets a toy lesson in this way, and a process of its own looks at the copy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages.conftest import ROOT

PARTS = ("streamlit_app.py", "pages", "ui", "nncore", "lessons", ".streamlit")
LINE = """    LessonInfo(
        "toy",
        "A toy lesson",
        ":material/toys:",
        data=("rounding",),
    ),
"""
TOML = """
title = "A toy lesson"
aim = "Two units round a number."
card = "**Are two units enough?** You find out."
minutes = 3

[default]
"data.name" = "rounding"
"data.samples" = 100
"model.units" = [2]
"fit.loss" = "sparse_categorical_crossentropy"
"fit.epochs" = 2

[text]

[[preset]]
name = "More units"
settings = { "model.units" = [4] }
question = "Do more units help?"
"""
PAGE = '''"""A toy lesson."""

from ui.core import navigation

row = navigation.guard("toy")

from ui.workbench import prediction_card, widgets, workbench
from ui.workbench.lesson_page import open_lesson
from ui.workbench.preset_cards import show_presets


def show_settings(page):
    widgets.units(page, 32)


def show_nothing(page, shown):
    pass


page = open_lesson("toy", row)
with prediction_card.show_beside(page):
    pass
workbench.show_workbench(
    page, settings=show_settings, pictures=(show_nothing, show_nothing)
)
show_presets(page)
'''
LOOK = """
from streamlit.testing.v1 import AppTest

from nncore.experiment import Experiment
from ui import app
from ui.content.lesson import load
from ui.core import catalog, server
from ui.sweep.draft import LESSONS

server.start_lab = lambda: None  # nothing is trained here


def opened(name, **query):
    app = AppTest.from_file("streamlit_app.py", default_timeout=60).run()
    for key, value in query.items():
        app.query_params[key] = value
    app = app if name == "home" else app.switch_page(f"pages/{name}.py").run()
    assert not app.exception, app.exception
    return app


assert catalog.PAGES[-5].name == "toy" and catalog.find_lesson("toy").number == 6

home = opened("home")
assert "6 A toy lesson" in [heading.value for heading in home.header]
assert any("Are two units enough?" in text.value for text in home.markdown)
assert any("3 minutes" in caption.value for caption in home.caption)

toy = opened("toy", **{"model.units": "3", "data.name": "digits"})
assert toy.title[0].value == "A toy lesson"
assert toy.session_state["toy.experiment"].model.units == (3,)
assert toy.session_state["toy.experiment"].data.name == "rounding"
assert toy.warning, "the link's other data are refused in a sentence"
assert any("More units" in button.label for button in toy.button)

assert "answers.toy" in [slot.name for slot in app.SLOTS]

runs = opened("runs")
assert "toy" in [link.proto.page for link in runs.get("page_link")]

assert "toy" in LESSONS
sweep = opened("sweep")
assert load("toy").title in sweep.selectbox(key="sweep.lesson").options
print("found everywhere")
"""


def add_line(catalogue: Path) -> None:
    """Add the toy lesson at the end of `LESSONS`."""
    text = catalogue.read_text(encoding="utf-8")
    end = text.index("\n)\nHOME") + 1
    catalogue.write_text(text[:end] + LINE + text[end:], encoding="utf-8")


def copy_lab(folder: Path) -> None:
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)


@pytest.mark.usefixtures("embedded_only")
def test_a_lesson_is_one_file_one_page_and_one_line(tmp_path: Path) -> None:
    copy_lab(tmp_path)
    add_line(tmp_path / "ui" / "core" / "catalog.py")
    (tmp_path / "lessons" / "toy.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "pages" / "toy.py").write_text(PAGE, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONWARNINGS": "default"}
    environment["NNCORE_CACHE_DIR"] = str(tmp_path / "cache")
    look = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert look.stdout.strip().endswith("found everywhere"), look.stderr[-3000:]

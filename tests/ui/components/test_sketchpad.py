"""The drawing field: what a browser may send, and its JavaScript against its Python."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.digits.preprocess import to_mnist
from nncore.digits.strokes import render_strokes
from tests.ui.components.test_pen import run
from ui.components import sketchpad
from ui.components.sketchpad import Added, Drawn, Heard

LINE = [[10, 20], [30, 40]]


def added(*drawings: object, token: object = "a") -> dict[str, Any]:
    return {"added": {"token": token, "drawings": list(drawings)}}


def drawing(number: object, key: object = 0, strokes: object = (LINE,)) -> dict[str, Any]:
    listed = list(strokes) if isinstance(strokes, tuple) else strokes
    return {"number": number, "key": key, "strokes": listed}


def test_new_drawings_are_taken_once() -> None:
    message = added(drawing(1), drawing(2, key=1))
    found, heard = sketchpad.read_added(message, Heard())
    strokes = (((10, 20), (30, 40)),)
    assert found == [Added(0, strokes), Added(1, strokes)]
    assert sketchpad.read_added(message, heard) == ([], heard)
    assert sketchpad.read_added(added(drawing(2), drawing(3)), heard)[0] == [Added(0, strokes)]


def test_a_field_that_was_mounted_anew_counts_from_the_beginning() -> None:
    found, heard = sketchpad.read_added(added(drawing(1), token="b"), Heard("a", 7))
    assert len(found) == 1
    assert heard == Heard("b", 1)


@pytest.mark.parametrize(
    "message",
    [
        None,
        "x",
        {"added": None},
        {"added": {"token": 1, "drawings": []}},
        added(token="t" * 41),
        added(drawing("1")),
        added(drawing(1, key="0")),
        added(drawing(1, strokes=None)),
        added(drawing(1, strokes=([],))),
        added(drawing(1, strokes=([[1]],))),
        added(drawing(1, strokes=([[1, 281]],))),
        added(drawing(1, strokes=([[-1, 2]],))),
        added(drawing(1, strokes=([[0.5, 2]],))),
        added(drawing(1, strokes=([[1, 1]] * 1601,))),
    ],
)
def test_anything_else_adds_nothing(message: object) -> None:
    assert sketchpad.read_added(message, Heard())[0] == []


def test_a_drawing_that_cannot_be_used_is_not_sent_for_ever() -> None:
    found, heard = sketchpad.read_added(added(drawing(1, strokes=None), drawing(2)), Heard())
    assert len(found) == 1
    assert heard == Heard("a", 2)


def test_a_message_brings_a_bounded_number_of_drawings() -> None:
    many = [drawing(number) for number in range(1, 100)]
    assert len(sketchpad.read_added(added(*many), Heard())[0]) == sketchpad.MOST_DRAWINGS


def drawn(**more: object) -> dict[str, Any]:
    changes = {"size": 1, "across": 0, "down": 0}
    return {"drawn": {"turn": "a.1", "strokes": [LINE], **changes, **more}}


def test_a_drawing_to_read_comes_with_its_change() -> None:
    found = sketchpad.read_drawn(drawn(size=0.5, across=-3, down=8))
    assert found == Drawn("a.1", (((10, 20), (30, 40)),), 0.5, -3, 8)


@pytest.mark.parametrize(
    "more", [{"size": 0.1}, {"size": float("nan")}, {"across": 9}, {"down": 0.5}, {"turn": 1}]
)
def test_a_change_out_of_bounds_is_not_read(more: dict[str, Any]) -> None:
    assert sketchpad.read_drawn(drawn(**more)) is None


@pytest.fixture(scope="module")
def node() -> str:
    """Node's path; without it the test is skipped, or fails in CI."""
    path = shutil.which("node")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("No Node here: install nodejs.")
    return path


def test_the_browser_scales_and_moves_a_prepared_drawing(node: str, tmp_path: Path) -> None:
    ink = render_strokes([[[60, 60], [200, 80], [120, 220]]])
    program = """
const levels = new Uint8Array(given);
const changes = [[1, 0, 0], [1, 3, -2], [0.5, 0, 0]];
const changed = ([size, across, down]) => changedField(levels, { size, across, down });
console.log(JSON.stringify(changes.map((change) => [...changed(change)])));"""
    scripts = ["pen/field.js", "sketchpad/strokes.js", "sketchpad/reading.js"]
    same, moved, small = (
        np.array(field).reshape(28, 28)
        for field in run(node, tmp_path, scripts, program, ink.tobytes())
    )
    prepared = to_mnist(ink, invert=False).image
    assert prepared is not None
    assert np.abs(same - prepared).max() <= 1
    assert (moved[:-2, 3:] == same[2:, :-3]).all()
    heights = [np.ptp(np.flatnonzero(field.any(axis=1))) + 1 for field in (same, small)]
    assert heights == [20, 10]


def test_class_names_are_never_markup() -> None:
    folder = Path(sketchpad.__file__).parent
    scripts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.js")}
    assert len(scripts) == 5
    assert not [name for name, text in scripts.items() if "innerHTML" in text]

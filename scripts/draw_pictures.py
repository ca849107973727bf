"""Draw the pictures of the start page, one for each lesson, from real data and real networks.

    python scripts/draw_pictures.py

It trains two small networks (some seconds) and writes `lessons/pictures/*.svg`. Ink is
`currentColor`, which the page replaces by the theme's text colour. The page only reads the files,
so run this script again after you change it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from nncore.api import train
from nncore.data import datasets
from nncore.digits.preprocess import to_mnist
from nncore.digits.starters import starter
from nncore.digits.strokes import render_strokes
from nncore.experiment import DataConfig, Experiment
from nncore.nn.network import Network
from ui.charts.palette import MUTED, NEGATIVE, POSITIVE
from ui.content.lesson import load

Array: TypeAlias = NDArray[Any]

#: Side of a picture in SVG units, and the number of strengths of a colour.
SIDE, LEVELS = 112, 8
INK = "currentColor"
#: The points of a 3 on a canvas of 280 x 280.
THREE = [
    (84, 74), (96, 58), (118, 46), (146, 44), (172, 54), (184, 76), (178, 102), (158, 122),
    (130, 132), (160, 138), (184, 156), (192, 184), (182, 212), (156, 230), (124, 232), (94, 220),
    (80, 202),
]  # fmt: skip


def draw_rounding() -> str:
    """Return lesson 1's two outputs as curves over the input, after training."""
    line = np.linspace(0, 1, 57, dtype=np.float32)[:, np.newaxis]
    below, above = train_network(load("rounding").default).predict(line).T
    edge = f'<path d="M{SIDE / 2} 4V{SIDE - 4}" stroke="{MUTED}" stroke-dasharray="2 4"/>'
    return edge + draw_curve(below, MUTED, "7 5") + draw_curve(above, INK)


def draw_perceptron() -> str:
    """Return the weights of the repaired "five or not five" as a picture."""
    settings = {
        "data.name": "five",
        "model.units": (),
        "model.output_activation": "sigmoid",
        "fit.loss": "binary_crossentropy",
        "fit.optimizer": "adam",
        "fit.epochs": 3,
        "fit.batch_size": 32,
    }
    kernel = train_network(Experiment.from_settings(settings)).layers[0].kernel.reshape(28, 28)
    size = SIDE / 28
    limit = float(np.quantile(np.abs(kernel), 0.98))
    positive, negative = np.maximum(kernel, 0) / limit, np.maximum(-kernel, 0) / limit
    return draw_squares(positive, size, POSITIVE) + draw_squares(negative, size, NEGATIVE)


def draw_mnist() -> str:
    """Return nine images of the training set."""
    images = datasets.load(DataConfig()).x_train[:9]
    size = SIDE / (3 * 28)
    tiles = images.reshape(3, 3, 28, 28).swapaxes(1, 2).reshape(84, 84)
    return draw_squares(tiles / 255, size, INK)


def draw_handwriting() -> str:
    """Return a drawn 3 on top of the pixels that the network sees."""
    ink = render_strokes([THREE], 280, 22)
    pixels = to_mnist(ink, invert=False).image
    assert pixels is not None
    shown = draw_squares(0.4 * pixels / 255, SIDE / 28, INK)
    points = " ".join(f"{x * 0.4 + 1.5:g},{y * 0.4 + 1:g}" for x, y in THREE)
    pen = f'stroke="{POSITIVE}" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"'
    closer = f'transform="translate({-0.2 * SIDE} {-0.2 * SIDE}) scale(1.4)"'
    return f'<g {closer}>{shown}<polyline points="{points}" {pen}/></g>'


def draw_own() -> str:
    """Return a smiley and a frown of a starter set, twice."""
    drawings = starter("faces").drawings
    faces = [drawings[row].image for row in (1, 28, 30, 3)]
    tiles = np.vstack([np.hstack(faces[:2]), np.hstack(faces[2:])])
    return draw_squares(tiles / 255, SIDE / 56, INK)


def train_network(experiment: Experiment) -> Network:
    """Return the network of an experiment after all its epochs."""
    return train(experiment, show_progress=False).network


def draw_curve(values: Array, colour: str, dashes: str = "none") -> str:
    """Return a line through values from 0 to 1, from the left edge to the right one."""
    across = np.linspace(2, SIDE - 2, len(values))
    up = SIDE - 6 - (SIDE - 12) * values
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True))
    pen = f'stroke="{colour}" stroke-width="3" stroke-dasharray="{dashes}"'
    return f'<polyline points="{points}" {pen}/>'


def draw_squares(strengths: Array, size: float, colour: str) -> str:
    """Return pixels as squares of one colour, one path for each strength of it."""
    levels = np.rint(np.clip(strengths, 0, 1) * LEVELS).astype(int)
    paths = []
    for level in range(1, LEVELS + 1):
        runs = "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in _runs(levels == level))
        if runs:
            paths.append(f'<path d="{runs}" fill-opacity="{level / LEVELS:g}"/>')
    crisp = f'transform="scale({size:.4g})" fill="{colour}" stroke="none"'
    return f'<g {crisp} shape-rendering="crispEdges">{"".join(paths)}</g>'


def _runs(flags: Array) -> Iterator[tuple[int, int, int]]:
    """Yield the column, row and length of each stretch of set pixels in a row."""
    for y, row in enumerate(flags):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
        for start, stop in edges.reshape(-1, 2):
            yield int(start), y, int(stop - start)


def write(name: str, parts: Iterable[str]) -> None:
    """Write a picture to its file."""
    frame = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" fill="none"'
    path = ROOT / "lessons" / "pictures" / f"{name}.svg"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"<svg {frame}>{''.join(parts)}</svg>\n", encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")


#: The function that draws each lesson's picture, by the name of its file.
PICTURES = {
    "rounding": draw_rounding,
    "perceptron": draw_perceptron,
    "mnist": draw_mnist,
    "draw": draw_handwriting,
    "own": draw_own,
}

if __name__ == "__main__":
    for name, draw in PICTURES.items():
        write(name, draw())

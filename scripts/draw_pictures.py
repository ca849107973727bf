"""Draws the home page's pictures, one a lesson, from real data and real networks.

    python scripts/draw_pictures.py

It trains two small networks (some seconds) and writes `lessons/pictures/*.svg`. Ink is
`currentColor`: the page puts the theme's text colour in. Run it again after changing it; the page
itself only reads the files.
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

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets
from nncore.digits.preprocess import to_mnist
from nncore.digits.strokes import render_strokes
from nncore.experiment import DataConfig, Experiment
from nncore.nn.network import Network
from nncore.training import engine
from ui.charts.palette import MUTED, NEGATIVE, POSITIVE
from ui.content.lesson import load

Array: TypeAlias = NDArray[Any]

#: Units of the picture's sides, and how many strengths of a colour there are.
SIDE, LEVELS = 112, 8
INK = "currentColor"
#: A 3, as a pen draws it on a canvas of 280 x 280.
THREE = [
    (84, 74), (96, 58), (118, 46), (146, 44), (172, 54), (184, 76), (178, 102), (158, 122),
    (130, 132), (160, 138), (184, 156), (192, 184), (182, 212), (156, 230), (124, 232), (94, 220),
    (80, 202),
]  # fmt: skip


def rounding() -> str:
    """What lesson 1's two output neurons say over the inputs, after training."""
    line = np.linspace(0, 1, 57, dtype=np.float32)[:, np.newaxis]
    below, above = trained(load("rounding").default).predict(line).T
    edge = f'<path d="M{SIDE / 2} 4V{SIDE - 4}" stroke="{MUTED}" stroke-dasharray="2 4"/>'
    return edge + curve(below, MUTED, "7 5") + curve(above, INK)


def perceptron() -> str:
    """The weights of "five or not five", mended, as a picture."""
    settings = {
        "data.name": "five",
        "model.units": (),
        "model.output_activation": "sigmoid",
        "fit.loss": "binary_crossentropy",
        "fit.optimizer": "adam",
        "fit.epochs": 3,
        "fit.batch_size": 32,
    }
    kernel = trained(Experiment.from_settings(settings)).layers[0].kernel.reshape(28, 28)
    size = SIDE / 28
    limit = float(np.quantile(np.abs(kernel), 0.98))
    positive, negative = np.maximum(kernel, 0) / limit, np.maximum(-kernel, 0) / limit
    return squares(positive, size, POSITIVE) + squares(negative, size, NEGATIVE)


def mnist() -> str:
    """Nine images of the training set."""
    images = datasets.load(DataConfig()).x_train[:9]
    size = SIDE / (3 * 28)
    tiles = images.reshape(3, 3, 28, 28).swapaxes(1, 2).reshape(84, 84)
    return squares(tiles / 255, size, INK)


def draw() -> str:
    """A drawn 3, and what the network sees of it."""
    ink = render_strokes([THREE], 280, 22)
    pixels = to_mnist(ink, invert=False).image
    assert pixels is not None
    shown = squares(0.4 * pixels / 255, SIDE / 28, INK)
    points = " ".join(f"{x * 0.4 + 1.5:g},{y * 0.4 + 1:g}" for x, y in THREE)
    pen = f'stroke="{POSITIVE}" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"'
    closer = f'transform="translate({-0.2 * SIDE} {-0.2 * SIDE}) scale(1.4)"'
    return f'<g {closer}>{shown}<polyline points="{points}" {pen}/></g>'


def trained(experiment: Experiment) -> Network:
    """The network of an experiment after all its epochs."""
    dataset = datasets.load(experiment.data)
    checkpoint = Checkpoint(experiment, dataset.fingerprint)
    while not checkpoint.finished:
        checkpoint = engine.advance(experiment, checkpoint, Budget(epochs=1))
    return Network.of(experiment, checkpoint.weights)


def curve(values: Array, colour: str, dashes: str = "none") -> str:
    """A line through values from 0 to 1, from the left edge to the right one."""
    across = np.linspace(2, SIDE - 2, len(values))
    up = SIDE - 6 - (SIDE - 12) * values
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True))
    pen = f'stroke="{colour}" stroke-width="3" stroke-dasharray="{dashes}"'
    return f'<polyline points="{points}" {pen}/>'


def squares(strengths: Array, size: float, colour: str) -> str:
    """Pixels as squares of one colour, one path for each strength of it."""
    levels = np.rint(np.clip(strengths, 0, 1) * LEVELS).astype(int)
    paths = []
    for level in range(1, LEVELS + 1):
        runs = "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in _runs(levels == level))
        if runs:
            paths.append(f'<path d="{runs}" fill-opacity="{level / LEVELS:g}"/>')
    crisp = f'transform="scale({size:.4g})" fill="{colour}" stroke="none"'
    return f'<g {crisp} shape-rendering="crispEdges">{"".join(paths)}</g>'


def _runs(flags: Array) -> Iterator[tuple[int, int, int]]:
    """Column, row and length of each stretch of pixels in a row."""
    for y, row in enumerate(flags):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
        for start, stop in edges.reshape(-1, 2):
            yield int(start), y, int(stop - start)


def write(name: str, parts: Iterable[str]) -> None:
    """Writes a picture to its file."""
    frame = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" fill="none"'
    path = ROOT / "lessons" / "pictures" / f"{name}.svg"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"<svg {frame}>{''.join(parts)}</svg>\n", encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    for picture in (rounding, perceptron, mnist, draw):
        write(picture.__name__, picture())

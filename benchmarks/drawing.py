"""Measure how well the lab reads people's drawings: the lessons' networks, and a small CNN.

The digits are those of UNIPEN, drawn with a pen on tablets. They are replayed as strokes on a
canvas of the page's size and become 28 x 28 pixels as on the page. Settings are chosen on the
writers of the part "tune"; the figures are for the part "report", by other writers. Digits by many
more people follow, kind by kind (`benchmarks.people`).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import people, read_people, small_cnn
from benchmarks.common import FULL_DATA, ROOT, Report, prepared
from benchmarks.engine import run_of, worker
from nncore.analysis.metrics import confusion_matrix
from nncore.data.datasets import Dataset, load
from nncore.digits import novelty, skeletons, synthetic
from nncore.digits.preprocess import resize_only
from nncore.digits.strokes import render_strokes
from nncore.experiment import DataConfig, Experiment
from nncore.nn.network import Network

Array = NDArray[Any]
#: (n, 28, 28) uint8 -> (n, 10); the largest output is the prediction.
Reads = Callable[[NDArray[np.uint8]], Array]

#: The default reader's targets: accuracy on drawings and on MNIST's test set, in percent.
AIMS = {"full": (98.8, 99.3), "embedded": (98.0, 98.9)}
#: The longest time that its training may take, in seconds.
SECONDS = 75.0
#: The part whose writers are reported.
PART = "report"
DEFAULT = "lesson 4: the default reader"
#: Letters that look like digits.
ALIKE = "oOlIzZsSbgq"
#: Lesson 2's highest rung with ten units side by side, and lesson 3's larger network.
RUNG, PRESET = "Pixels again", "300-100"


@dataclass(frozen=True)
class Drawings:
    """Drawings as the network's input.

    Args:
        images: (n, 28, 28) uint8, prepared as on the page.
        naive: (n, 28, 28) uint8, the whole canvas resized.
        labels: (n,) their labels.
        groups: (n,) the group of writers of each.
    """

    images: NDArray[np.uint8]
    naive: NDArray[np.uint8]
    labels: NDArray[np.int64]
    groups: NDArray[np.str_]


def measure(report: Report, kind: str) -> None:
    """Adds the rows of one kind of data: each network on MNIST's test set and on the drawings.

    Args:
        report: Where to.
        kind: `"full"` or `"embedded"`: what the networks learn from. They are tested on the same.
    """
    drawings = drawn(report.quick)
    test = load(DataConfig("digits"))
    with learning_from(kind):
        report.data = load(DataConfig("digits")).source
        print(f"Learning from {report.data}", flush=True)
        with worker() as (_, runner):
            for name, wanted in networks(kind, report.quick).items():
                is_default = name == DEFAULT
                found = run_of(wanted, runner)
                network = Network.of(wanted, found.weights)
                aims = AIMS[kind] if is_default else None
                accuracies(report, name, network.predict, test, drawings, aims)
                report.add(f"{name}: training", found.seconds, at_most=SECONDS if aims else None)
        kinds = people.load_kinds(40 if report.quick else 1)
        read_people.add_accuracies(report, DEFAULT, network.predict, kinds, kind == "full")
        refusals(report, network, wanted, drawings, kinds, kind == "full")
        epochs = 1 if report.quick else None
        cnn = small_cnn.trained(load(DataConfig("digits")), wanted.fit.augment, epochs)
        accuracies(report, small_cnn.NAME, cnn, test, drawings)
        read_people.add_accuracies(report, small_cnn.NAME, cnn, kinds)


def accuracies(
    report: Report,
    name: str,
    reads: Reads,
    test: Dataset,
    drawings: Drawings,
    aims: tuple[float, float] | None = None,
) -> None:
    """One network's rows; with aims also each group of writers, and what is taken for what."""
    aim, test_aim = aims or (None, None)
    report.add(f"{name}: MNIST test", right(reads(test.x_test), test.y_test), "%", None, test_aim)
    report.add(f"{name}: drawn, resized only", right(reads(drawings.naive), drawings.labels), "%")
    images, labels = other_styles()
    report.add(f"{name}: other ways of writing", right(reads(images), labels), "%")
    answers = reads(drawings.images)
    report.add(f"{name}: drawn", right(answers, drawings.labels), "%", None, aim)
    if aims is None:
        return
    for group in np.unique(drawings.groups):
        of = drawings.groups == group
        title = f"{name}: drawn, writers {group!s} ({of.sum()} digits)"
        report.add(title, right(answers[of], drawings.labels[of]), "%")
    matrix = confusion_matrix(drawings.labels, answers.argmax(1), 10)
    report.table("drawn (rows) and read as (columns)", matrix.tolist())


def refusals(
    report: Report,
    network: Network,
    experiment: Experiment,
    drawings: Drawings,
    kinds: dict[str, people.Kind],
    has_aims: bool,
) -> None:
    """Add the share of drawings, and of other signs, that the page refuses to read."""
    extra, signs = synthetic.extra_images(experiment), synthetic.other_signs(experiment)
    gauge = novelty.fit(network, load(experiment.data), extra, signs)
    sets = {"digits drawn": drawings.images, "other ways of writing": other_styles()[0]}
    sets |= no_digits(report.quick)
    strange = {what: novelty.strangeness(gauge, network, sets[what]) for what in sets}
    limits = {"as the page has it": gauge.limit}
    limits["98 % of the digits kept"] = float(np.quantile(strange["digits drawn"], 0.98))
    for name, limit in limits.items():
        for what, found in strange.items():
            title = f"{DEFAULT}: refused, {name}: {what} ({len(found):,})"
            report.add(title, float(100 * np.mean(found > limit)), "%")

    def refuses(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
        return np.asarray(novelty.strangeness(gauge, network, images) > gauge.limit)

    read_people.add_refusals(report, DEFAULT, refuses, kinds, has_aims)


def no_digits(quick: bool) -> dict[str, NDArray[np.uint8]]:
    """Return signs that are not digits by name, as the network's input."""
    letters = [entry for entry in stored("unipen_letters") if entry["label"] not in ALIKE]
    some = 20 if quick else 500
    inks = {
        "letters": [people.on_canvas(entry["strokes"]) for entry in letters[:: 20 if quick else 1]],
        "scribbles": list(scribbles(some)),
        "noise": list(noises(some)),
    }
    return {name: np.stack([people.prepare(ink) for ink in found]) for name, found in inks.items()}


def scribbles(count: int) -> Iterator[NDArray[np.uint8]]:
    """One to three random walks of the pen each, in curves."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        strokes = []
        for _ in range(rng.integers(1, 4)):
            steps = rng.normal(0, 25, (rng.integers(6, 25), 2)).cumsum(axis=0)
            strokes.append(np.clip(rng.uniform(40, 240, 2) + steps, 20, 260).tolist())
        yield render_strokes(strokes, people.SIDE, people.PEN)


def noises(count: int) -> Iterator[NDArray[np.uint8]]:
    """Grey noise, ink here and there, blocks, and specks, in turn."""
    rng = np.random.default_rng(0)
    for number in range(count):
        cells = (28, 28, 7, people.SIDE)[number % 4]
        chance = rng.random((cells, cells))
        share = (1.0, rng.uniform(0.05, 0.5), 0.4, 0.002)[number % 4]
        ink = 255 * (chance if number % 4 == 0 else chance < share)
        yield np.kron(ink, np.ones((people.SIDE // cells,) * 2)).astype(np.uint8)


@cache
def other_styles() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The lab's own digits in ways that MNIST hardly has, none of which a network learnt from.

    They are drawn from the skeletons of those that the default reader learns from.
    """
    random = np.random.default_rng(1)
    ways = [
        (label, way) for label, found in skeletons.SKELETONS.items() for way in range(len(found))
    ]
    images = [synthetic.draw_digit(*way, random) for way in ways for _ in range(20)]
    return np.stack(images), np.repeat([label for label, _ in ways], 20)


def right(outputs: Array, labels: NDArray[np.int64]) -> float:
    """Percent of right answers."""
    return float(100 * np.mean(outputs.argmax(1) == labels))


# What is read.


def drawn(quick: bool = False) -> Drawings:
    """UNIPEN's digits on the page's canvas.

    Raises:
        SystemExit: If they are not there.
    """
    entries = [entry for entry in stored("unipen_digits") if entry["part"] == PART]
    entries = entries[:: 20 if quick else 1]
    inks = [people.on_canvas(entry["strokes"]) for entry in entries]
    return Drawings(
        np.stack([people.prepare(ink) for ink in inks]),
        np.stack([resize_only(ink, invert=False) for ink in inks]),
        np.array([int(entry["label"]) for entry in entries]),
        np.array([entry["writer"].split("/")[0] for entry in entries]),
    )


def stored(name: str) -> list[dict[str, Any]]:
    """Drawings from a file beside MNIST's.

    Raises:
        SystemExit: If it is not there.
    """
    path = FULL_DATA / f"{name}.json.gz"
    if not path.is_file():
        raise SystemExit(f"This group needs {path}, which is not there.")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        found: list[dict[str, Any]] = json.load(file)
        return found


# Who reads.


def networks(kind: str, quick: bool) -> dict[str, Experiment]:
    """Those of the lessons, by name, the default reader last."""
    two, three, four = (lesson(name) for name in ("perceptron", "mnist", "draw"))
    rung, preset = named(two["rung"], RUNG), named(three["preset"], PRESET)
    found = {
        "lesson 2: ten units side by side": experiment(kind, two, rung),
        "lesson 3: 32 hidden units": experiment(kind, three),
        "lesson 3: 300 and 100 hidden units": experiment(kind, three, preset),
        DEFAULT: experiment(kind, four),
    }
    less = {"fit.epochs": 1} if quick else {}
    return {name: wanted.updated(less) for name, wanted in found.items()}


def lesson(name: str) -> dict[str, Any]:
    """A lesson's file."""
    return tomllib.loads((ROOT / "lessons" / f"{name}.toml").read_text(encoding="utf-8"))


def named(tables: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The one of a lesson's tables that has this name."""
    return next(table for table in tables if table["name"] == name)


def experiment(kind: str, found: dict[str, Any], more: dict[str, Any] | None = None) -> Experiment:
    """A lesson's own experiment, or one that changes it."""
    few = kind == "embedded"
    settings = found["default"] | (found.get("sample_default", {}) if few else {})
    if more is not None:
        settings |= more["settings"] | (more.get("sample_settings", {}) if few else {})
    lists = {name: tuple(value) for name, value in settings.items() if isinstance(value, list)}
    return Experiment.from_settings(settings | lists)


@contextmanager
def learning_from(kind: str) -> Iterator[None]:
    """Has `load` find all of MNIST inside, or only the embedded sample."""
    before = os.environ.get("NNCORE_DATA_DIR")
    if kind == "embedded":
        os.environ.pop("NNCORE_DATA_DIR", None)
    try:
        yield
    finally:
        if before is not None:
            os.environ["NNCORE_DATA_DIR"] = before


def main() -> None:
    """The command line: both kinds of data, or one of them."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{Path(__file__).stem}")
    parser.add_argument("--quick", action="store_true", help="a trial: one epoch, few drawings")
    parser.add_argument("--data", choices=list(AIMS), help="what the networks learn from")
    chosen = parser.parse_args()
    for kind in [chosen.data] if chosen.data else list(AIMS):
        report = Report(f"drawing-{kind}", chosen.quick)
        with prepared(report):
            measure(report, kind)


if __name__ == "__main__":
    main()

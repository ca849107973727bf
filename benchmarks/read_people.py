"""Add rows for digits by many people: the accuracy of each kind, and the share that is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks import people, shapes
from benchmarks.common import Report
from benchmarks.people import Kind

#: (n, 28, 28) uint8 -> (n, 10); the largest output is the prediction.
Reads = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
#: (n, 28, 28) uint8 -> (n,) True where the page refuses to read.
Refuses = Callable[[NDArray[np.uint8]], NDArray[np.bool_]]

PENS = "pens, all"
#: Targets for the default reader, trained on all of MNIST, in percent.
AIMS = {PENS: 98.5, "paint programs": 99.2, people.PHOTOS: 95.0}
#: The largest share of any kind that may be refused, in percent.
MOST_REFUSED = 3.0
#: The most of the 18 digits 1 with an upstroke that may be read as 7.
MOST_SEVENS = 1


def add_accuracies(
    report: Report, name: str, reads: Reads, kinds: dict[str, Kind], has_aims: bool = False
) -> None:
    """Add the accuracy of each kind, of all of it and of its part "report".

    A picture in which the lab finds no single digit counts as misread.
    """
    for title, found in _with_all_pens(kinds):
        is_right = find_right(reads, found)
        aim = AIMS.get(title) if has_aims else None
        title = f"{name}: {title} ({len(is_right):,} digits)"
        report.add(title, _percent(is_right), "%", None, aim)
        if 0 < found.is_tune.sum() < len(is_right):
            report.add(f'{title}, part "report"', _percent(is_right[~found.is_tune]), "%")
    answers = reads(shapes.draw_upstroke_ones()).argmax(1)
    report.add(
        f"{name}: 1 with an upstroke, read as 7 (of {len(answers)})",
        float(np.sum(answers == 7)),
        "digits",
        MOST_SEVENS if has_aims else None,
    )


def add_refusals(
    report: Report, name: str, refuses: Refuses, kinds: dict[str, Kind], has_aims: bool = False
) -> None:
    """Add the share that is refused of each kind, and of each sign that is not a digit."""
    aim = MOST_REFUSED if has_aims else None
    for title, found in kinds.items():
        is_refused = refuses(found.images)
        is_refused[list(found.errors)] = True
        title = f"{name}: refused: {title} ({len(is_refused):,} digits)"
        report.add(title, _percent(is_refused), "%", aim)
    signs = {"other signs, iPad": people.load_other_signs(), **shapes.draw_signs()}
    for title, images in signs.items():
        title = f"{name}: refused: {title} ({len(images)})"
        report.add(title, _percent(refuses(images)), "%")


def find_right(reads: Reads, found: Kind) -> NDArray[np.bool_]:
    """Return (n,) True for each digit that is found and read as its label."""
    is_right: NDArray[np.bool_] = reads(found.images).argmax(1) == found.labels
    is_right[list(found.errors)] = False
    return is_right


def _with_all_pens(kinds: dict[str, Kind]) -> Iterator[tuple[str, Kind]]:
    """Yield each kind, and first all pen drawings together."""
    yield PENS, people.join([kinds[name] for name in people.PENS.values()])
    yield from kinds.items()


def _percent(which: NDArray[np.bool_]) -> float:
    return float(100 * np.mean(which))

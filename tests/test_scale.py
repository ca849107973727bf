"""The estimate of what many learners need: queues against formulas, and its table in the guide."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks import scale
from benchmarks.scale import Inputs, Part, list_parts

GUIDE = Path(__file__).parents[1] / "docs/deploy/own-server.md"


def test_a_request_waits_until_those_before_it_are_done() -> None:
    gaps, times = np.array([0.0, 1.0, 1.0, 5.0]), np.array([2.0, 2.0, 2.0, 2.0])
    np.testing.assert_allclose(scale._waits(gaps, times), [0.0, 1.0, 2.0, 0.0])


@pytest.mark.parametrize("load", [0.3, 0.7])
def test_waits_are_those_of_pollaczek_and_khinchine(load: float) -> None:
    """Requests at random that all take 1 s wait load / (2 (1 - load)) seconds on average."""
    gaps = np.random.default_rng(1).exponential(1 / load, 400_000)
    waits = scale._waits(gaps, np.ones_like(gaps))
    assert np.mean(waits) == pytest.approx(load / (2 * (1 - load)), rel=0.05)


def test_a_part_that_has_more_to_do_than_time_never_answers() -> None:
    part = Part("busy", ((0.5, 1.0),), limit=10.0)
    assert part.load(2) == 1.0
    assert math.isinf(part.response(2))
    assert part.capacity() == 1


def test_the_table_in_the_documentation_is_what_the_estimate_says() -> None:
    inputs = Inputs.measured()
    rows = {
        name.strip(): [cell.strip() for cell in cells]
        for name, *cells in (
            line.strip("|").split("|") for line in GUIDE.read_text().splitlines() if "|" in line
        )
    }
    for part in list_parts(inputs):
        each = part.capacity()
        name = part.name.replace(", 2 cores", ", two cores")
        assert rows[name] == [str(each), *(str(math.ceil(n / each)) for n in scale.LEARNERS)]
    gigabytes = [n * inputs.tab_megabytes / 1000 for n in scale.LEARNERS]
    said = [float(cell.removesuffix(" GB")) for cell in rows["memory of all tabs"][1:]]
    assert said == pytest.approx(gigabytes, rel=0.05)

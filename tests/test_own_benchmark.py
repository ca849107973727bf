"""The benchmark of lesson 5's network: three symbols with 20 drawings each are told apart."""

from __future__ import annotations

import pytest

from benchmarks import own

NEEDED = pytest.mark.skipif(not own.is_there(), reason="Needs the digits of many people")


@NEEDED
@pytest.mark.parametrize("name", [name for name, (_, has_aim) in own.CASES.items() if has_aim])
def test_twenty_drawings_of_three_symbols_are_enough(name: str) -> None:
    symbols, _ = own.CASES[name]
    case = own.load_case(symbols, 0)
    assert case.own.counts == (own.COUNT,) * 3
    found = own.try_case(case, 0)
    assert found.held_out >= 0.95
    assert found.others >= 0.95
    assert found.accepted >= 0.85
    assert found.refused >= 0.75  # by many hands, drawings are less alike, and so is what differs


def test_the_network_is_the_one_that_the_lesson_offers_first() -> None:
    experiment = own.lesson_experiment()
    assert experiment.model.units == (32,)
    assert experiment.parameters < 30_000

"""How a sweep has its shapes timed: in turn with all other work, and only those that fit."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from nncore.experiment import Experiment
from ui.core import page_runs, server
from ui.sweep import progress

SMALL = Experiment()
LARGE = Experiment().updated({"model.units": (1024, 1024, 1024)})


def test_shapes_are_timed_in_the_sessions_turn_and_those_that_do_not_fit_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    class Runner:
        def enqueue(self, session: str, *question: object) -> None:
            asked.append((session, *question))

        def refuse(self, experiment: Experiment) -> str:
            return "It needs more." if experiment == LARGE else ""

    def measure(experiments: Any, dataset: Any, ask: Any) -> bool:
        ask("time", *experiments)
        return True

    lab = SimpleNamespace(runner=Runner(), timings=SimpleNamespace(measure=measure))
    monkeypatch.setattr(server, "lab", lambda: lab)
    monkeypatch.setattr(page_runs, "get_owner", lambda: "ann")
    loaded: Any = SimpleNamespace(dataset=None)
    assert progress._is_timing(loaded, [SMALL, LARGE])
    assert asked == [("ann", "time", SMALL)]

"""A run that needs more memory than a worker has: one sentence, on each page, and no second try."""

from __future__ import annotations

import time

import pytest

from nncore.experiment import Experiment
from nncore.runtime.jobs import State
from nncore.runtime.lab import Lab
from nncore.runtime.run import Run
from tests.pages.conftest import OpenPage, run_of
from ui.workbench import predictions

SENTENCE = "This run needs about 900 MB of memory, but a worker of this lab has 800 MB."


@pytest.fixture
def small_lab(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab in which no run fits."""
    monkeypatch.setattr(lab.runner, "refuse", lambda experiment: SENTENCE)
    return lab


def until_over(run: Run) -> Run:
    end = time.monotonic() + 30
    while not run.peek().state.over:
        assert time.monotonic() < end
        time.sleep(0.01)
    return run


@pytest.mark.parametrize("page", ["rounding", "perceptron", "mnist"])
def test_a_refused_run_says_why_and_does_not_train(
    page: str, small_lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(page)
    app.button(key=f"{page}.train").click().run()
    run = until_over(run_of(app, page))
    app.run()
    assert not app.exception
    assert SENTENCE in [warning.value for warning in app.warning]
    assert run.peek().state is State.FAILED
    assert not run.peek().checkpoint.weights


def test_a_comparison_that_does_not_fit_is_not_started_again_and_again(small_lab: Lab) -> None:
    first = until_over(predictions.shared(Experiment()))
    assert predictions.is_too_large(first)
    assert predictions.shared(Experiment()) is first


def test_a_comparison_that_failed_otherwise_is_started_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab.runner, "_is_lost", lambda error: False)
    monkeypatch.setattr("nncore.runtime.tasks.advance", fail)
    first = until_over(predictions.shared(Experiment()))
    assert not predictions.is_too_large(first)
    assert until_over(predictions.shared(Experiment())) is not first


def fail(*arguments: object) -> None:
    raise ValueError("The data here are others.")

"""What the buttons that download a run keep in memory, and make when they are pressed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st

from nncore import Experiment, ModelConfig, train
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import load
from nncore.experiment import DataConfig, FitConfig
from ui.core import resources
from ui.workbench import downloads
from ui.workbench.run_view import View

SMALL = Experiment(
    DataConfig("rounding", samples=64), ModelConfig((2,)), FitConfig("adam", epochs=2)
)


@pytest.fixture
def makes(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], Any]]:
    """Return the functions that the buttons got, by the file's name."""
    found: dict[str, Callable[[], Any]] = {}

    def note(label: str, make: Callable[[], Any], file: str, kind: str, **named: Any) -> None:
        found[file] = make

    monkeypatch.setattr(st, "download_button", note)
    monkeypatch.setattr(downloads, "show_figure_format", lambda: None)
    return found


def test_buttons_keep_the_weights_and_nothing_that_only_training_needs(
    makes: dict[str, Callable[[], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit keeps them for two minutes after a visitor has left."""
    checkpoint = train(SMALL).checkpoint
    assert checkpoint.slots
    held: list[Checkpoint] = []
    monkeypatch.setattr(resources, "keras_file", held.append)
    downloads.show_downloads(View(SMALL, load(SMALL.data), checkpoint))
    makes["rounding.keras"]()
    (one,) = held
    assert one.weights == checkpoint.weights
    assert (one.slots, one.aside, one.film, one.counters) == ((), (), (), ())
    lines = makes["rounding-history.csv"]().splitlines()
    assert len(lines) == 1 + SMALL.fit.epochs

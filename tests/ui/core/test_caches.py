"""Streamlit's caches count entries, so they may hold small values only: large ones count bytes."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment, ModelConfig
from nncore.nn.network import Network
from nncore.runtime import machine, memory
from nncore.runtime.lab import GAUGE_BYTES
from ui.core import cached_results, resources, run_ledger, tabs

FOLDER = Path(resources.__file__).parent
#: What may be cached by entries, and why.
BY_ENTRIES = {
    "fetch_digits": "holds nothing",
    "byte_cache": "one for each name in the source",
    "download": "one for each data set",
    "_records": "one tuple of records, at most `store.MOST_ENTRIES`",
    "_rows_of_store": "one tuple of rows, at most `store.MOST_ENTRIES`",
    "_pixel_ranges": "four numbers",
    "_accuracy": "a number",
    "_accuracy_when_shifted": "a number",
    "_findings": "a few sentences",
    "_summary": "a text",
    "_mistake": "a text",
}


def cached_functions(source: str) -> set[str]:
    """Return the functions that one of Streamlit's caches decorates."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return {
        one.name for one in functions if any("cache_" in ast.unparse(d) for d in one.decorator_list)
    }


def test_a_cached_function_is_noticed() -> None:
    source = "@st.cache_data(max_entries=1)\ndef f(): ...\n\n@other\ndef g(): ..."
    assert cached_functions(source) == {"f"}


def test_only_small_values_are_cached_by_entries() -> None:
    files = [FOLDER / "resources.py", FOLDER / "cached_results.py"]
    found = {name for file in files for name in cached_functions(file.read_text(encoding="utf-8"))}
    assert found == {*BY_ENTRIES}


def test_all_caches_of_a_server_together_have_a_ceiling() -> None:
    modules = (resources, cached_results)
    budgets = {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("_BYTES")
    }
    outcomes = cached_results.OUTPUT_BYTES  # outcomes and outputs have a cache each
    assert len(budgets) == 6
    assert sum(budgets.values()) + outcomes + GAUGE_BYTES <= 128 * 2**20


def test_a_small_machine_has_room_for_all_that_a_server_keeps() -> None:
    kept = (128 * 2**20, memory.MOST_BYTES, run_ledger.ALL_BYTES, tabs.MOST_BYTES)  # as above
    small = machine.Machine(2, machine.SMALL_MEMORY - 1)
    assert sum(machine.cache_bytes(one, small) for one in kept) < machine.SERVER_MEMORY // 2


def test_a_cache_of_a_server_is_made_once_and_keeps_to_its_budget() -> None:
    cache = resources.byte_cache("test", 1000)
    assert resources.byte_cache("test", 1000) is cache
    for number in range(50):
        cache.get(number, lambda: bytes(30))
        assert cache.nbytes <= cache.max_bytes <= 1000


def test_accuracy_and_test_results_take_one_pass_through_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    experiment = Experiment(model=ModelConfig(units=(3,)))
    weights = tuple(np.ones(shape, np.float32) for shape in ((784, 3), (3,), (3, 10), (10,)))
    checkpoint = Checkpoint(experiment, "test", weights=weights, epoch=1)
    images, labels = np.zeros((7, 28, 28), np.uint8), np.arange(7)
    data = Dataset("digits", images, images, labels, labels, tuple("0123456789"), "", "seven")
    passes = []
    whole = Network.in_parts

    def count(*args: Any) -> Any:
        passes.append(args)
        return whole(*args)

    monkeypatch.setattr(Network, "in_parts", count)
    accuracy = cached_results.accuracy("one", lambda: checkpoint, data, is_shown=True)
    outcome = cached_results.outcome(checkpoint, data)
    assert accuracy == outcome.accuracy == 1 / 7  # equal outputs: the first class is the answer
    assert outcome.outputs.tolist() == Network.of(experiment, weights).predict(images).tolist()
    assert len(passes) == 2  # the last one is this test's


def test_a_run_whose_last_epoch_ends_gets_its_results_anew() -> None:
    """With early stopping the best weights come back then, without an update."""
    experiment = Experiment().updated({"fit.patience": 2, "fit.epochs": 3})
    validating = Checkpoint(experiment, "data", epoch=2, step=469, validation_totals=(4096.0, 1, 1))
    finished = replace(validating, epoch=3, step=0, validation_totals=(), best_epoch=2)
    assert validating.updates == finished.updates
    assert cached_results._point(validating) != cached_results._point(finished)

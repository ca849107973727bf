"""Every code line, printed value and exercise of the four tutorials, found on the lab's pages.

`tutorials.toml` beside this file is the table: what a tutorial has, and the text by which a reader
finds it in the lab. Each view of it opens a page once and reads all of its text. Its runs are not
trained here: the store holds them, with weights and histories made up.
"""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from nncore.checkpoint import Arrays, Checkpoint
from nncore.data import datasets
from nncore.experiment import DataConfig, Experiment
from nncore.runtime.store import Store
from tests.browser.conftest import Lab, full_data, running_lab, watched_pages
from tests.browser.steps import PATIENCE, open_at
from ui.content.lesson import load
from ui.core.catalog import HOME, find_lesson
from ui.core.links import write_link

_TABLE: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("tutorials.toml").read_text())
VIEWS: Mapping[str, Mapping[str, Any]] = _TABLE["view"]
LINES: Sequence[Mapping[str, Any]] = _TABLE["line"]
TUTORIALS = ("rounding", "mnist_learn", "first_network", "five")
#: Hand-set weights of lesson 1's network: its second output is larger from 0.5 on.
_SLOPE, _BORDER = 40.0, 0.5
_BLANKS = re.compile(r"\s+")

#: Seconds in which the last step of a view must show all that is wanted.
LAST_LOOKS = 60.0
#: Brings one table after the other into view: those that are not do not draw their cells.
SHOW_A_TABLE = """look => {
    const tables = document.querySelectorAll("[data-testid=stMain] [data-testid=stDataFrame]");
    tables[look % tables.length]?.scrollIntoView({block: "center"});
}"""


@pytest.fixture(scope="module")
def stored_lab(
    tmp_path_factory: pytest.TempPathFactory, workers: Mapping[str, str]
) -> Iterator[Lab]:
    """A lab whose store holds a run for each view that shows one."""
    folder = tmp_path_factory.mktemp("lab")
    store = Store(folder / "cache" / "models")
    for experiment in {view_experiment(view) for view in VIEWS.values() if view.get("stored")}:
        dataset = datasets.load(experiment.data)
        store.put(make_run(experiment, dataset.fingerprint), None, dataset.source)
    with running_lab(folder, full_data(), environment=workers) as running:
        yield running


def view_experiment(view: Mapping[str, Any]) -> Experiment:
    """Return the settings of a view: a preset's, or the lesson's own with changes."""
    lesson = load(view["page"]).on_data()
    embedded = datasets.load(lesson.default.data).embedded
    for preset in lesson.presets:
        if preset.name == view.get("preset"):
            return lesson.default.updated(preset.of(embedded))
    return lesson.default.updated(view.get("settings", {}))


def make_run(experiment: Experiment, fingerprint: str) -> Checkpoint:
    """Return a finished run that was never trained: its curves fall and rise evenly."""
    epochs = experiment.fit.epochs
    columns = {
        "loss": tuple(np.linspace(2.0, 0.5, epochs).tolist()),
        "accuracy": tuple(np.linspace(0.6, 0.9, epochs).tolist()),
    }
    prefixes = ("",) if experiment.fit.validation == "none" else ("", "val_")
    history = {prefix + name: column for prefix in prefixes for name, column in columns.items()}
    weights = make_weights(experiment)
    return Checkpoint(experiment, fingerprint, weights, epoch=epochs, history=history, seconds=1.0)


def make_weights(experiment: Experiment) -> Arrays:
    """Return weights that round in lesson 1, and small random ones elsewhere."""
    rng = np.random.default_rng(0)
    sizes = experiment.layer_sizes
    weights: list[np.ndarray[Any, Any]] = []
    for inputs, units in pairwise(sizes):
        weights.append(rng.normal(0, 0.01, (inputs, units)).astype(np.float32))
        weights.append(np.zeros(units, np.float32))
    if experiment.data.name == "rounding":
        for array in weights:
            array[:] = 0
        weights[0][0, 0], weights[2][0, 1] = 1.0, _SLOPE
        weights[3][1] = 0.01 - _SLOPE * _BORDER
    return tuple(weights)


@pytest.fixture(scope="module")
def missing(stored_lab: Lab, browser: Browser) -> Iterator[Mapping[str, frozenset[str]]]:
    """For each view, the texts that it should show and does not."""
    with watched_pages(browser) as new_page:
        page = new_page()
        yield {name: find_missing(page, stored_lab, name) for name in VIEWS}


def find_missing(page: Page, lab: Lab, name: str) -> frozenset[str]:
    """Open a view's page, take its steps, and return the wanted texts it never showed."""
    view = VIEWS[name]
    wanted = {text for line in LINES if line["view"] == name for text in list_texts(line)}
    open_at(page, f"{lab.url}/{address_of(view)}")
    for step in view.get("steps", ()):
        action, _, target = step.partition(" ")
        if action == "see":
            page.get_by_text(target).first.wait_for(timeout=PATIENCE)
            wanted -= find_texts(page, wanted)
        else:
            element = page.locator("summary" if action == "open" else "button")
            element.filter(has_text=target).first.click(timeout=PATIENCE)
    end, look = time.monotonic() + LAST_LOOKS, 0
    while (wanted := wanted - find_texts(page, wanted)) and time.monotonic() < end:
        page.evaluate(SHOW_A_TABLE, look)
        page.wait_for_timeout(200)
        look += 1
    return frozenset(wanted)


def address_of(view: Mapping[str, Any]) -> str:
    """Return where a view's page is, with its settings."""
    if find_lesson(view["page"]) is None:
        return "" if view["page"] == HOME.name else str(view["page"])
    default = load(view["page"]).on_data().default
    return f"{view['page']}?{urlencode(write_link(view_experiment(view), default))}"


def find_texts(page: Page, wanted: Collection[str]) -> set[str]:
    """Return those texts that the page shows now."""
    text = squeeze(read_text(page))
    return {one for one in wanted if squeeze(one) in text}


def read_text(page: Page) -> str:
    """Return the page's text: what is written, what tables hold, and where links lead."""
    return str(
        page.evaluate(
            """() => [...document.querySelectorAll("[data-testid=stMain], [role=dialog]")]
            .flatMap((part) => [part, ...part.querySelectorAll("canvas table, svg[role=img], a")])
            .map((part) => part.href ?? part.innerText ?? part.textContent).join(" ")"""
        )
    )


def squeeze(text: str) -> str:
    """Return a text with every stretch of blanks as one blank."""
    return _BLANKS.sub(" ", text).strip()


def list_texts(line: Mapping[str, Any]) -> list[str]:
    """Return the texts by which a line of the table is found, on the data that are here."""
    embedded = datasets.load(DataConfig("digits")).embedded
    shows = line["sample"] if embedded and "sample" in line else line["shows"]
    return [shows] if isinstance(shows, str) else list(shows)


@pytest.mark.parametrize("tutorial", TUTORIALS)
def test_every_line_of_a_tutorial_is_on_the_page_that_the_table_names(
    tutorial: str, missing: Mapping[str, frozenset[str]]
) -> None:
    lines = [line for line in LINES if line["tutorial"] == tutorial]
    assert not [
        (line["text"], line["view"], text)
        for line in lines
        for text in list_texts(line)
        if text in missing[line["view"]]
    ]


def test_the_table_names_only_what_is_there() -> None:
    assert {line["tutorial"] for line in LINES} == set(TUTORIALS)
    assert {line["view"] for line in LINES} == set(VIEWS)
    titles = [(line["tutorial"], line["text"]) for line in LINES]
    assert len(set(titles)) == len(titles)

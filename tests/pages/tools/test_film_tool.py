"""The film on the pages of lessons 1 and 2: before a run, after it, and out of the store."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nncore.runtime.lab import Lab
from tests.pages.conftest import OpenPage, run_of, settle, until

pytestmark = pytest.mark.usefixtures("embedded_only")
QUICK = {
    "rounding": {"fit.epochs": "2", "data.samples": "640"},
    "perceptron": {"fit.epochs": "2", "data.samples": "640"},
}


def films(app: AppTest) -> list[dict[str, Any]]:
    """The films on a page, as they are sent to the browser."""
    sent = [
        json.loads(element.proto.json)[0]
        for element in app.main
        if getattr(element, "type", "") == "bidi_component"
    ]
    return [film for film in sent if "captions" in film]


def trained(app: AppTest, page: str) -> AppTest:
    app.selectbox(key=f"{page}.speed").select("full speed").run()
    app.button(key=f"{page}.train").click().run()
    return settle(app, page)


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.info, *app.markdown])


@pytest.mark.parametrize("page", QUICK)
def test_before_a_run_it_is_said_what_to_do(open_page: OpenPage, page: str) -> None:
    app = open_page(page, QUICK[page])
    assert "Press **Train** above" in said(app)
    assert films(app) == []


@pytest.mark.parametrize("page", QUICK)
def test_a_run_has_a_film_from_its_first_update_to_its_last(open_page: OpenPage, page: str) -> None:
    app = trained(open_page(page, QUICK[page]), page)
    (film,) = films(app)
    updates = run_of(app, page).peek().checkpoint.updates
    assert film["updates"][:6] == [0, 1, 2, 3, 4, 5]
    assert film["updates"][-1] == updates
    assert len(film["captions"]) <= 60
    assert film["captions"][-1].startswith(f"update {updates} · epoch 2.0 · loss ")
    kinds = {"rounding": ["network", "chart"], "perceptron": ["weights", "chart"]}
    assert [picture["kind"] for picture in film["pictures"]] == kinds[page]


def test_a_film_comes_out_of_the_store(open_page: OpenPage, lab: Lab) -> None:
    first = trained(open_page("rounding", QUICK["rounding"]), "rounding")
    until(lambda: bool(lab.store.entries()))
    second = open_page("rounding", QUICK["rounding"])
    assert second.button(key="rounding.train").label == "Watch it train"
    assert films(second) == films(first)


def test_a_network_of_before_there_were_films_says_so(open_page: OpenPage, lab: Lab) -> None:
    app = open_page("rounding", QUICK["rounding"])
    run = run_of(trained(app, "rounding"), "rounding")
    until(lambda: bool(lab.store.entries()))
    (record,) = lab.store.entries()
    shutil.rmtree(lab.store._folder / record.key)
    lab.store.put(replace(run.peek().checkpoint, film=()), None, record.source)
    other = open_page("rounding", QUICK["rounding"])
    assert "trained before the lab recorded films" in said(other)
    assert films(other) == []


def test_a_network_with_hidden_units_has_a_film_of_its_first_layer(open_page: OpenPage) -> None:
    """The top of lesson 2's ladder: 25,450 parameters, too many for a film of all of them."""
    hidden = {"data.name": "digits", "model.units": "32", "fit.epochs": "1"}
    small = {"data.samples": "640", "fit.loss": "categorical_crossentropy"}
    top = hidden | small | {"model.output_activation": "softmax"}
    app = trained(open_page("perceptron", top), "perceptron")
    (film,) = films(app)
    assert [picture["kind"] for picture in film["pictures"]] == ["weights", "chart"]
    assert film["pictures"][0]["title"] == "First layer: 12 of 32 units"

"""Lesson 3's mistakes as its learner looks at them, on the embedded images."""

from __future__ import annotations

import json

import numpy as np
import pytest
import streamlit as st

from nncore.data import datasets
from nncore.experiment import DataConfig
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network
from tests.pages.conftest import OpenPage, run_of
from tests.pages.test_mnist import said, trained
from ui.mnist import mistakes

pytestmark = pytest.mark.usefixtures("embedded_only")


def test_a_cell_an_image_and_the_way_to_the_canvas(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = trained(open_page)
    checkpoint = run_of(app, "mnist").peek().checkpoint
    network, digits = (
        Network.of(checkpoint.experiment, checkpoint.weights),
        datasets.load(DataConfig()),
    )
    outputs = network.predict(digits.x_test)
    wrong = predicted_classes(outputs) != digits.y_test
    assert f"**Its {wrong.sum():,} mistakes**" in said(app)

    cell = np.flatnonzero((digits.y_test == 4) & ~wrong)
    app.selectbox(key="mnist.label").set_value(4)
    app.selectbox(key="mnist.answer").set_value(4).run()
    assert f"**{len(cell)} images of 4, predicted correctly**" in said(app)
    surest = cell[outputs[cell].max(axis=1).argmax()]
    assert f"**Test image {surest:,}**" in said(app)
    frame = app.get("plotly_chart")[0].proto.spec
    assert '"x0":3.5,"x1":4.5,"y0":3.5,"y1":4.5' in frame.replace(" ", "")

    app.session_state["mnist.tile"] = int(cell[np.argsort(-outputs[cell].max(axis=1))[1]])
    app.run()
    other = app.session_state["mnist.tile"]
    assert f"**Test image {other:,}**" in said(app)
    pages: list[str] = []
    monkeypatch.setattr(st, "switch_page", pages.append)
    app.button(key="mnist.send").click().run()
    assert pages == ["pages/draw.py"]
    sent = app.session_state["draw.sent"]
    assert (sent["label"], sent["from"]) == (4, f"test image {other:,}")
    np.testing.assert_array_equal(sent["image"], digits.x_test[other])


def test_scores_of_each_class_how_far_to_trust_them_and_what_can_be_taken_home(
    open_page: OpenPage,
) -> None:
    app = trained(open_page)
    scores = next(table.value for table in app.dataframe if "F1" in table.value)
    assert list(scores["support"]) == [100] * 10
    assert "Expected" in said(app)
    assert "not probabilities" not in said(app)
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["History as CSV", "Network as .keras", "Program as .py", "Notebook"]
    for form in ("PNG", "SVG"):
        app.segmented_control(key="pieces.form").set_value(form).run()
        saved = json.loads(app.get("plotly_chart")[0].proto.config)["toImageButtonOptions"]
        assert (saved["format"], saved["filename"]) == (form.lower(), "confusion-matrix")


def test_outputs_that_are_no_probabilities_are_called_so_even_if_they_ran_away(
    open_page: OpenPage,
) -> None:
    away = {"fit__optimizer": "sgd", "fit__learning_rate": "100", "data__scaled": "false"}
    linear = {"model__output_activation": "linear", "fit__loss": "mean_squared_error"}
    linear |= {"model__activation": "linear", "fit__batch_size": "50"}  # relu would stay off
    app = trained(open_page, **linear, **away)
    biases = run_of(app, "mnist").peek().checkpoint.weights[-1]
    assert np.abs(biases).max() > 1e10
    assert "**not probabilities**" in said(app)
    assert app.selectbox(key="mnist.label").value == mistakes.ANY

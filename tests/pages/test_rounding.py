"""Lesson 1 as its learner uses it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nncore.experiment import Experiment
from nncore.nn.network import Network
from tests.pages.conftest import OpenPage, late_look, named, run_of, settle, until
from ui.content.lesson import Preset, load
from ui.core import page_runs, server
from ui.workbench import run_controls


def test_training_gives_answers_for_the_ten_numbers(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.button(key="rounding.train").click().run()
    settle(app, "rounding")
    assert any("of 10** are right" in text.value for text in app.markdown)


def test_a_run_that_ends_while_the_page_is_drawn_shows_its_answers(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = run_controls.show_run_controls

    def slowly(*args: Any) -> Any:
        drawn = draw(*args)
        run = page_runs.get_run("rounding")
        until(lambda: run is None or run.peek().state.over)
        return drawn

    app = open_page("rounding")
    app.selectbox(key="rounding.speed").select("full speed").run()
    monkeypatch.setattr(run_controls, "show_run_controls", slowly)
    app.button(key="rounding.train").click().run()
    assert app.button(key="rounding.train").label == "Train again"
    assert any("of 10** are right" in text.value for text in app.markdown)


def test_changed_units_change_the_parameters_that_are_counted(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.slider(key="rounding.units.0").set_value(3).run()
    assert any("3 × (1 + 1) + 2 × (3 + 1) = **14 parameters**" in c.value for c in app.caption)


def test_a_link_sets_every_setting(open_page: OpenPage) -> None:
    there = open_page("rounding").session_state["rounding.experiment"]
    sent = there.updated({"model.units": (5,), "fit.epochs": 3, "data.threshold": 0.25})
    app = open_page("rounding", dict(pair.split("=") for pair in sent.to_query().split("&")))
    assert app.session_state["rounding.experiment"] == sent
    assert app.slider(key="rounding.units.0").value == 5
    later = {"fit.patience", "fit.schedule", "data.drawings"}  # only in a link that changes them
    assert set(app.query_params) == set(sent.settings()) - later


def test_a_link_that_cannot_be_used_is_named_in_a_sentence(open_page: OpenPage) -> None:
    app = open_page("rounding", {"fit.epochs": "0", "data.name": "digits"})
    said = [warning.value for warning in app.warning]
    assert any("epochs" in sentence for sentence in said)
    assert any("another lesson" in sentence for sentence in said)
    assert isinstance(app.session_state["rounding.experiment"], Experiment)


def test_the_learning_rate_of_a_run_under_way_can_be_changed(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.button(key="rounding.batch").click().run()
    run = run_of(app, "rounding")
    until(lambda: run.peek().checkpoint.updates == 1)
    app.selectbox(key="rounding.fit.learning_rate").select(0.01).run()
    app.button(key="rounding.rate").click().run()
    assert run.peek().checkpoint.edits == ((1, "fit.learning_rate", 0.01),)
    assert any("A branch: learning rate 0.01 from update 1" in c.value for c in app.caption)


def test_a_result_is_marked_stale_when_the_settings_move_on(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.button(key="rounding.train").click().run()
    settle(app, "rounding")
    app.slider(key="rounding.units.0").set_value(3).run()
    assert any("Hidden units 8 → 3" in caption.value for caption in app.caption)


def test_ten_more_epochs_go_on_from_the_result(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.button(key="rounding.train").click().run()
    settle(app, "rounding")
    before = run_of(app, "rounding").peek().checkpoint.history["loss"]
    app.button(key="rounding.more").click().run()
    settle(app, "rounding")
    after = run_of(app, "rounding").peek().checkpoint.history["loss"]
    assert (len(before), len(after)) == (10, 20)
    assert after[:10] == before
    assert named(app.number_input, "rounding.fit.epochs").value == 20


def test_a_stored_experiment_opens_finished_and_can_be_watched(open_page: OpenPage) -> None:
    first = open_page("rounding")
    first.selectbox(key="rounding.speed").select("full speed").run()
    first.button(key="rounding.train").click().run()
    settle(first, "rounding")
    until(lambda: bool(server.lab().store.entries()))
    second = open_page("rounding")
    assert second.button(key="rounding.train").label == "Watch it train"
    assert any("of 10** are right" in text.value for text in second.markdown)


def test_reset_sets_every_setting_back(open_page: OpenPage) -> None:
    app = open_page("rounding")
    before = app.session_state["rounding.experiment"]
    app.slider(key="rounding.units.0").set_value(3).run()
    app.button(key="rounding.reset").click().run()
    assert app.session_state["rounding.experiment"] == before


def test_a_look_that_was_on_its_way_does_not_undo_a_reset(open_page: OpenPage) -> None:
    app = open_page("rounding")
    named(app.number_input, "rounding.fit.epochs").set_value(33).run()
    with late_look(app):
        app.button(key="rounding.reset").click().run()
    assert app.session_state["rounding.experiment"].fit.epochs == 10
    assert named(app.number_input, "rounding.fit.epochs").value == 10


@pytest.mark.parametrize("preset", load("rounding").presets, ids=lambda preset: preset.name)
def test_every_preset_sets_its_settings(open_page: OpenPage, preset: Preset) -> None:
    app = open_page("rounding")
    app.button(key=f"rounding.preset.{preset.name}").click().run()
    assert not app.exception
    settings = app.session_state["rounding.experiment"].settings()
    assert {name: settings[name] for name in preset.settings} == dict(preset.settings)


def test_edited_test_numbers_are_predicted(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.button(key="rounding.train").click().run()
    settle(app, "rounding")
    edit_cells(app, {0: "7.5", 10: "-3", 1: ""})
    assert any("of 10** are right" in text.value for text in app.markdown)
    network = network_of(app)
    (table,) = (frame.value for frame in app.dataframe if "argmax" in frame.value)
    outputs = network.predict(np.array([[7.5], [-3.0]], np.float32))
    assert [float(text) for text in table["output 1"][[0, 10]]] == pytest.approx(outputs[:, 1])
    assert table["argmax"][[0, 10]].tolist() == [str(i) for i in outputs.argmax(axis=1)]
    assert table["prediction"][1] == ""


def test_cells_that_cannot_be_read_are_named(open_page: OpenPage) -> None:
    app = open_page("rounding")
    edit_cells(app, {0: "abc", 1: "1e308", 2: "1,5", 3: "−2"})
    (warning,) = (warning.value for warning in app.warning)
    assert "`abc`, `1e308`, `1,5`." in warning
    assert "Type digits with a decimal point" in warning


def edit_cells(app: AppTest, cells: dict[int, str]) -> None:
    """Types into the first column of the test table."""
    edits = {row: {"x": cell} for row, cell in cells.items()}
    app.session_state["rounding.test"] = {
        "edited_rows": edits,
        "added_rows": [],
        "deleted_rows": [],
    }
    app.run()
    assert not app.exception, app.exception


def network_of(app: AppTest) -> Network:
    checkpoint = run_of(app, "rounding").peek().checkpoint
    return Network.of(checkpoint.experiment, checkpoint.weights)


def test_the_lesson_prints_what_the_tutorial_prints(open_page: OpenPage) -> None:
    app = open_page("rounding")
    printed = re.sub(" +", " ", "\n".join(block.value for block in app.code))
    for line in (
        "x_train.shape (10000, 1)",
        "x_train.ndim 2",
        "x_train.dtype float32",
        "y_train.shape (10000,)",
        "y_train.dtype int64",
        "np.unique(y_train) [0 1]",
        "y_train = np.array(x_train[:, 0] >= 0.5, dtype=int)",
        'Dense(8, activation="relu")',
        'Dense(2, activation="softmax")',
    ):
        assert line in printed


@pytest.mark.parametrize("activation", ["softmax", "sigmoid", "linear"])
def test_the_meaning_of_the_outputs_follows_their_activation(
    activation: str, open_page: OpenPage
) -> None:
    app = open_page("rounding", {"model.output_activation": activation, "fit.epochs": "1"})
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.button(key="rounding.train").click().run()
    settle(app, "rounding")
    said = "\n".join(caption.value for caption in app.caption)
    assert ("probabilities that add up to 1" in said) == (activation == "softmax")
    assert ("need not add up to 1" in said) == (activation == "sigmoid")
    assert ("can be any number" in said) == (activation == "linear")
    assert "has the shape `(10, 2)`" in said


@pytest.mark.parametrize("units", ["none", "4-3"])
def test_a_link_may_bring_another_number_of_layers(open_page: OpenPage, units: str) -> None:
    app = open_page("rounding", {"model.units": units})
    assert len(app.session_state["rounding.experiment"].model.units) == (units != "none") * 2
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.button(key="rounding.train").click().run()
    settle(app, "rounding")
    assert any("of 10** are right" in text.value for text in app.markdown)


def test_the_open_tool_is_in_the_address(open_page: OpenPage) -> None:
    app = open_page("rounding")
    assert named(app.segmented_control, "rounding.tool").value == "Film"
    named(app.segmented_control, "rounding.tool").set_value("One batch").run()
    assert app.query_params["tool"] == "One batch"
    again = open_page("rounding", dict(app.query_params))
    assert named(again.segmented_control, "rounding.tool").value == "One batch"
    named(again.segmented_control, "rounding.tool").set_value("Film").run()
    assert "tool" not in again.query_params


def test_a_message_that_knows_only_the_address_of_before_undoes_no_change(
    open_page: OpenPage,
) -> None:
    """A part of the page may report to the server before the browser shows the new address."""
    app = open_page("rounding")
    before = dict(app.query_params)
    named(app.number_input, "rounding.fit.epochs").set_value(12).run()
    shown = dict(app.query_params)
    assert shown["epochs"] == "12"
    app.query_params.clear()
    app.query_params.update(before)
    app.run()
    assert named(app.number_input, "rounding.fit.epochs").value == 12
    app.query_params.clear()
    app.query_params.update(shown)
    app.run()
    assert named(app.number_input, "rounding.fit.epochs").value == 12

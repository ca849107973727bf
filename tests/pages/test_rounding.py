"""Lesson 1 as its learner uses it."""

from __future__ import annotations

from nncore.experiment import Experiment
from tests.pages.conftest import OpenPage, settle


def test_training_gives_answers_for_the_ten_numbers(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.button(key="rounding.train").click().run()
    settle(app, "rounding")
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
    assert not app.query_params


def test_a_link_that_cannot_be_used_is_named_in_a_sentence(open_page: OpenPage) -> None:
    app = open_page("rounding", {"fit.epochs": "0", "data.name": "digits"})
    said = [warning.value for warning in app.warning]
    assert any("fit.epochs" in sentence for sentence in said)
    assert any("data.name" in sentence for sentence in said)
    assert isinstance(app.session_state["rounding.experiment"], Experiment)

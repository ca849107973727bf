"""A teacher's link on its page: the task, what is fixed, and the way out."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nncore.experiment import Experiment
from tests.pages.conftest import OpenPage, named, settle
from ui.core.assignment import Assignment
from ui.workbench.assignment_panel import compare, make_assignment

SMALL = {"data.samples": "60", "model.units": "4", "fit.epochs": "1", "fit.batch_size": "32"}
TASK = {
    "class.instruction": "Reach *it* :smile: <b>now</b>",
    "class.target": "0.01",
    "class.locked": "model.units,fit.epochs",
    "class.hidden": "fit.batch_size",
}


def keys(app: AppTest) -> set[str]:
    """The keys of all widgets that are drawn."""
    kinds = (app.number_input, app.slider, app.selectbox, app.button)
    return {widget.key or "" for kind in kinds for widget in kind}


def experiment(app: AppTest, page: str) -> Experiment:
    found: Experiment = app.session_state[f"{page}.experiment"]
    return found


def test_a_task_shows_what_is_asked_and_holds_what_is_fixed(open_page: OpenPage) -> None:
    app = open_page("mnist", SMALL | TASK)
    assert TASK["class.instruction"] in [text.value for text in app.text]
    assert named(app.number_input, "mnist.fit.epochs").disabled
    assert named(app.number_input, "mnist.units.0").disabled
    assert not named(app.selectbox, "mnist.fit.optimizer").disabled
    assert "mnist.fit.batch_size" not in keys(app)

    named(app.number_input, "mnist.fit.epochs").proto.disabled = False  # as a changed page might
    named(app.number_input, "mnist.fit.epochs").set_value(9).run()
    assert experiment(app, "mnist").fit.epochs == 1

    presets = [b for b in app.button if (b.key or "").startswith("mnist.preset.")]
    assert presets
    assert all(preset.disabled for preset in presets)  # the lesson's five epochs are in each

    named(app.selectbox, "mnist.fit.optimizer").set_value("adam").run()
    assert experiment(app, "mnist").fit.optimizer == "adam"
    app.button(key="mnist.reset").click().run()
    assert experiment(app, "mnist").fit.optimizer == "rmsprop"
    assert experiment(app, "mnist").fit.epochs == 1

    app.button(key="mnist.train").click().run()
    settle(app, "mnist")
    assert any("Reached" in str(bar.proto.text) for bar in app.get("progress"))
    assert app.button(key="mnist.more").disabled

    app.button(key="mnist.class.leave").click().run()
    assert not named(app.number_input, "mnist.fit.epochs").disabled
    assert "mnist.fit.batch_size" in keys(app)
    assert not app.text
    assert experiment(app, "mnist").fit.epochs == 1


def test_a_rung_does_not_get_around_a_lock(open_page: OpenPage) -> None:
    locked = {"class.locked": "model.output_activation", "model.output_activation": "linear"}
    app = open_page("perceptron", {"data.samples": "60", "fit.loss": "mean_squared_error"} | locked)
    app.segmented_control(key="perceptron.ladder").set_value(2).run()
    assert not app.exception
    assert experiment(app, "perceptron").model.output_activation == "linear"
    assert any("Fixed in this task" in c.value and "Output" in c.value for c in app.caption)


def test_a_page_that_must_mend_what_is_locked_is_not_caught_in_a_loop(open_page: OpenPage) -> None:
    app = open_page("perceptron", {"model.units": "32", "class.locked": "model.units"})
    assert experiment(app, "perceptron").model.units == ()


EVIL = "<script>EVIL</script>[EVIL](javascript:EVIL) :material/EVIL: $EVIL$ **EVIL** \u202eEVIL"
LINKS: tuple[dict[str, Any], ...] = (
    {"class.instruction": EVIL * 50, "class.target": EVIL, EVIL: EVIL, "fit.epochs": "9" * 99},
    {"class.locked": EVIL, "class.hidden": ",".join(Experiment().settings()), "data.name": EVIL},
    {"class.locked": "fit.epochs", "class.EVIL": EVIL, "www.EVIL.example": "_EVIL_"},
)


@pytest.mark.parametrize("link", LINKS, ids=range(len(LINKS)))
def test_a_hostile_link_opens_the_page_and_shows_no_markup(
    open_page: OpenPage, link: dict[str, Any]
) -> None:
    app = open_page("rounding", link)
    for kind in (app.markdown, app.caption, app.warning, app.error, app.info, app.title):
        for element in kind:
            assert not any(
                mark in element.value for mark in ("<script", "](java", ":material/EVIL")
            )
            assert not any(
                mark in element.value for mark in ("www.EVIL", "$EVIL", "**EVIL", "\u202e")
            )
    assert all(len(text.value) <= 200 for text in app.text)


@pytest.mark.parametrize(
    ("target", "accuracy", "words"),
    [
        (0.95, 0.9561, "**Reached**: your run has 95.61%, 0.61 points above the target."),
        (0.95, 0.95, "**Reached**: your run has 95.00%, 0.00 points above the target."),
        (0.95, 0.93, "**Not yet**: your run has 93.00%, 2.00 points below the target."),
    ],
)
def test_the_verdict_says_by_how_much(target: float, accuracy: float, words: str) -> None:
    assert compare(target, accuracy).removeprefix("✓ ") == words


def test_a_teacher_s_form_makes_the_link(open_page: OpenPage) -> None:
    app = open_page("rounding")
    assert "rounding.class.text" not in [t.key for t in app.text_input]
    app.session_state["rounding.link"] = True
    app.run()
    app.text_input(key="rounding.class.text").set_value("Find a\nbetter rate").run()
    app.multiselect(key="rounding.class.hidden").set_value(["fit.seed"]).run()
    (link,) = (code.value for code in app.code if "task=" in code.value)
    assert "task=Find+a+better+rate" in link
    assert link.endswith("hidden=seed")
    assert make_assignment("a  b", 0.5, [], []) == Assignment("a b", 0.5)

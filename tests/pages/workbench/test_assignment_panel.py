"""A teacher's link on its page: the task, what is fixed, and the way out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nncore.experiment import Experiment
from tests.pages.conftest import OpenPage, named, settle, until
from ui.content.settings import SETTINGS
from ui.core.assignment import Assignment
from ui.core.catalog import find_lesson
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


def shared_link(app: AppTest) -> str:
    """Return the link in the field of *Share*; empty where there is none."""
    fields = [one.proto.json for one in app.get("bidi_component") if "/rounding?" in one.proto.json]
    return str(json.loads(fields[0])[0]["link"]) if fields else ""


def test_a_teacher_s_form_makes_the_link(open_page: OpenPage) -> None:
    app = open_page("rounding")
    assert "rounding.class.text" not in [t.key for t in app.text_input]
    app.session_state["rounding.link"] = True
    app.run()
    app.text_input(key="rounding.class.text").set_value("Find a\nbetter rate").run()
    app.multiselect(key="rounding.class.hidden").set_value(["fit.seed"]).run()
    link = shared_link(app)
    assert "task=Find+a+better+rate" in link
    assert link.endswith("hidden=seed")
    assert make_assignment("a  b", "50 %", [], []) == Assignment("a b", 0.5)


def test_a_target_that_cannot_be_read_is_explained_and_makes_no_link(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.session_state["rounding.link"] = True
    app.run()
    app.text_input(key="rounding.class.target").set_value("95,5 %").run()
    assert "target=0.955" in shared_link(app)
    app.text_input(key="rounding.class.target").set_value("very good").run()
    assert [error.value for error in app.error] == [
        "Write the target as a percentage such as 95%, or as a share such as 0.95."
    ]
    assert not shared_link(app)


def test_the_link_begins_as_the_environment_says(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNCORE_PUBLIC_URL", "https://lab.example.org/")
    app = open_page("rounding")
    app.session_state["rounding.link"] = True
    app.run()
    assert shared_link(app).startswith("https://lab.example.org/rounding?v=2&")
    assert not any("Only this computer" in warning.value for warning in app.warning)


#: Addresses that make all of a lesson's controls appear.
ALL_CONTROLS = {
    "rounding": {"optimizer": "sgd", "validation": "last"},
    "perceptron": {
        "data": "digits",
        "units": "8",
        "optimizer": "sgd",
        "validation": "last",
        "samples": "60",
    },
    "mnist": {"optimizer": "sgd", "validation": "last", "samples": "60"},
    "draw": {"samples": "60"},
}


def drawn_settings(app: AppTest, page: str) -> set[str]:
    """Return the dotted names of the settings that have a control on the page."""
    kinds = (app.number_input, app.slider, app.selectbox, app.get("button_group"))
    keys = {(widget.key or "").split("#")[0] for kind in kinds for widget in kind}
    names = {key.removeprefix(f"{page}.") for key in keys}
    others = {"layers": "model.units", "units.0": "model.units", "labels": "fit.loss"}
    return {others.get(name, name) for name in names} & set(Experiment().settings())


@pytest.mark.parametrize("page", ALL_CONTROLS)
def test_a_task_can_fix_exactly_the_settings_that_the_lesson_has(
    open_page: OpenPage, page: str
) -> None:
    app = open_page(page, ALL_CONTROLS[page])
    app.session_state["draw.build"] = True
    app.session_state[f"{page}.link"] = True
    app.run()
    lesson = find_lesson(page)
    assert lesson is not None
    assert drawn_settings(app, page) == set(lesson.settings)
    offered = app.multiselect(key=f"{page}.class.locked").options
    assert offered == [SETTINGS[name].label for name in SETTINGS if name in lesson.settings]
    assert app.multiselect(key=f"{page}.class.hidden").options == offered


@pytest.mark.parametrize("page", ALL_CONTROLS)
def test_hidden_settings_leave_no_hole(open_page: OpenPage, page: str) -> None:
    lesson = find_lesson(page)
    assert lesson is not None
    hidden = {"class.hidden": ",".join(lesson.settings)}
    app = open_page(page, ALL_CONTROLS[page] | hidden)
    app.session_state["draw.build"] = True
    app.run()
    assert not drawn_settings(app, page)
    titles = [expander.label for expander in app.expander]
    assert not {"More settings", "Against overfitting"} & {*titles}


def test_the_other_setting_of_a_pair_takes_the_room_of_a_hidden_one(open_page: OpenPage) -> None:
    app = open_page("mnist", SMALL | {"class.hidden": "fit.batch_size"})
    widths = [
        column.weight
        for column in app.columns
        if any("mnist.fit.epochs" in (field.key or "") for field in column.number_input)
    ]
    assert widths[-1] == 1.0


def test_a_task_that_was_left_can_be_taken_up_again(open_page: OpenPage) -> None:
    app = open_page("mnist", SMALL | TASK)
    app.button(key="mnist.class.leave").click().run()
    named(app.number_input, "mnist.fit.epochs").set_value(9).run()
    named(app.selectbox, "mnist.fit.optimizer").set_value("adam").run()
    app.button(key="mnist.class.return").click().run()
    assert named(app.number_input, "mnist.fit.epochs").disabled
    assert experiment(app, "mnist").fit.epochs == 1
    assert experiment(app, "mnist").fit.optimizer == "adam"
    assert app.query_params["task"] == TASK["class.instruction"]
    assert "mnist.class.return" not in keys(app)


def test_a_task_can_keep_the_finished_runs_of_others_closed(open_page: OpenPage) -> None:
    """Without the switch the page opens with a stored result."""
    app = open_page("rounding", SMALL)
    app.button(key="rounding.train").click().run()
    settle(app, "rounding")

    def opens_finished() -> bool:  # the store writes after the run is over
        label: str = open_page("rounding", SMALL).button(key="rounding.train").label
        return label == "Watch it train"

    until(opens_finished)
    app = open_page("rounding", SMALL | {"class.closed": "1"})
    assert app.button(key="rounding.train").label == "Train"
    app.button(key="rounding.reveal").click().run()
    assert app.button(key="rounding.train").label == "Watch it train"


def test_the_form_of_a_task_has_the_switch() -> None:
    assert make_assignment("", "", [], [], is_closed=True) == Assignment(is_closed=True)

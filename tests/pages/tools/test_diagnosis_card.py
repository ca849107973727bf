"""The card that names what went wrong, on the pages of lessons 1 and 3, and its texts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nncore.analysis import faults, remedies
from nncore.analysis.remedies import Settings
from nncore.experiment import Experiment
from tests.pages.conftest import OpenPage, settle
from ui.content import lesson
from ui.tools import diagnosis_card

pytestmark = pytest.mark.usefixtures("embedded_only")

RULES = {**faults.RUNAWAY_RULES, **faults.RULES}
#: What the rules hand over, as whole numbers where they count.
EVIDENCE: dict[str, Any] = {
    "counts": {"epoch": 3, "batch": 5, "answers": 1, "wrong": 40, "dead": 2, "units": 8}
    | {"layer": 1, "epochs": 5},
    "numbers": {"rate": 1e-5, "first": 2.3, "last": 0.004, "best": 0.003, "training": 1e-4}
    | {"low": -28.6, "high": 3e21, "accuracy": 0.1, "baseline": 0.9, "commonest": 1.0}
    | {"share": 0.5},
}


def trained(app: AppTest, page: str) -> AppTest:
    app.button(key=f"{page}.train").click().run()
    return settle(app, page)


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def test_a_dead_unit_in_lesson_1_is_named_and_fixed_with_a_click(open_page: OpenPage) -> None:
    dead = {"model.units": "1", "fit.seed": "2", "fit.epochs": "2", "data.samples": "500"}
    app = trained(open_page("rounding", dead), "rounding")
    assert ": 1 of 1** in" in said(app)
    app.button(key="rounding.remedy.below_baseline").click().run()
    assert not app.exception, app.exception
    assert app.session_state["rounding.experiment"].model.activation == "leaky_relu"
    assert "Now press **Train**" in said(app)


def test_a_slow_run_in_lesson_3_is_named_with_its_numbers(open_page: OpenPage) -> None:
    slow = {"fit.learning_rate": "0.00001", "fit.epochs": "4", "data.samples": "1000"}
    app = trained(open_page("mnist", slow), "mnist")
    assert "**Too slow.** After 4 epochs" in said(app)
    assert "was 0.00001." in said(app)


def test_one_quiet_line_says_that_nothing_went_wrong(open_page: OpenPage) -> None:
    app = open_page("rounding")
    assert "No fault found" not in said(app)  # nothing was run yet
    app.selectbox(key="rounding.speed").select("full speed").run()
    trained(app, "rounding")
    assert "No fault found in this run" in said(app)
    assert "What went wrong" not in said(app)


@pytest.mark.parametrize("name", RULES)
def test_each_fault_has_a_text_that_its_evidence_fills(name: str) -> None:
    texts = lesson.load("diagnosis")
    numbers = diagnosis_card.write_evidence(EVIDENCE["counts"] | EVIDENCE["numbers"])
    text = texts.text(name, **numbers)
    assert text.startswith("**")
    assert "{" not in text
    source = inspect.getsource(RULES[name])
    used = set(re.findall(r"\{(\w+)", texts.texts[name]))
    assert used <= set(re.findall(r"\x22(\w+)\x22", source))  # the rule hands them over


@pytest.mark.parametrize(
    "remedy_for", [remedies.shorten_steps, remedies.shrink_sums, remedies.speed_up]
)
def test_each_remedy_changes_one_setting_and_has_a_button(
    remedy_for: Callable[[Experiment], Settings],
) -> None:
    texts = lesson.load("diagnosis")
    for optimizer in ("sgd", "adam"):
        for rate in (1e-5, 0.001, 1.0):
            experiment = Experiment().updated(
                {"fit.optimizer": optimizer, "fit.learning_rate": rate}
            )
            remedy = remedy_for(experiment)
            label, why = diagnosis_card.describe_remedy(texts, remedy)
            assert label
            assert why
            assert experiment.updated(remedy) != experiment

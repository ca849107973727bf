"""The words on every page: no internal name of a setting, and no number as Python prints it.

Code is left out: there, names and numbers are what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nncore.experiment import Experiment
from tests.pages.conftest import OpenPage, settle
from ui.core.catalog import LESSONS, PAGES

#: Settings for a run of a second, by lesson; on other pages nothing is trained.
QUICK = {
    "rounding": {"data.samples": "100", "fit.epochs": "2"},
    "perceptron": {"data.samples": "200", "fit.epochs": "1"},
    "mnist": {"data.samples": "200", "model.units": "8", "fit.epochs": "1"},
    "draw": {"data.samples": "200", "model.units": "8", "fit.epochs": "1", "fit.augment": "none"},
    "own": {"data.samples": "8", "model.units": "8", "fit.epochs": "1", "fit.augment": "none"},
}
SETTINGS = tuple(Experiment().settings())
#: Parts of settings' names that are not words: `batch_size`, but not `epochs`.
JOINED = tuple(part for name in SETTINGS if "_" in (part := name.split(".")[1]))
FORBIDDEN = {
    "the internal name of a setting": "|".join(map(re.escape, (*SETTINGS, *JOINED))),
    "a bare nan": r"nan",
    "a bare None": r"None(?! of)",
    "a bare True or False": r"True|False(?! alarm)",
    "a number with an exponent": r"\d(\.\d+)?e[+-]?\d+",
}


def texts_of(app: AppTest) -> Iterator[str]:
    """Yield all texts of a page but its code: texts, labels, help and numbers."""
    for element in app._tree:
        if element.type in ("code", "exception"):
            continue
        for name in ("value", "label", "help", "delta"):
            text = getattr(element, name, None)
            proto = getattr(element, "proto", None)
            text = text if isinstance(text, str) else getattr(proto, name, None)
            if isinstance(text, str):
                yield text


def breaches(text: str) -> list[str]:
    """Return the words of a text that nobody should read, each with the reason."""
    prose = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|\$[^$]+\$", " ", text, flags=re.DOTALL)
    return [
        f"{match[0]!r} is {reason}: {text[:160]!r}"
        for reason, pattern in FORBIDDEN.items()
        for match in re.finditer(rf"(?<![\w.]){f'(?:{pattern})'}(?![\w])", prose)
    ]


@pytest.mark.parametrize(
    "text",
    ["fit.epochs: 3", "the batch_size", "loss nan", "it is None", "scaled False", "about 1e+21"],
)
def test_a_text_that_nobody_should_read_is_noticed(text: str) -> None:
    assert breaches(text)


@pytest.mark.parametrize(
    "text",
    [
        "`fit.epochs` is code",
        "epochs and labels",
        "NaN",
        "None of them",
        "a nanosecond",
        "False alarms",
    ],
)
def test_plain_words_and_code_pass(text: str) -> None:
    assert not breaches(text)


@pytest.mark.parametrize(
    ("name", "state"),
    [*((page.name, "untrained") for page in PAGES), *((one.name, "trained") for one in LESSONS)],
)
def test_a_page_has_no_internal_names_or_raw_values(
    open_page: OpenPage, name: str, state: str
) -> None:
    app = open_page(name, QUICK.get(name, {}))
    if state == "trained":
        train(app, name)
    texts = list(texts_of(app))
    assert app.title[0].value in texts
    found = [breach for text in texts for breach in breaches(text)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("name", ["runs", "sweep"])
def test_the_notebook_has_none_after_a_run(open_page: OpenPage, name: str) -> None:
    app = open_page("rounding", QUICK["rounding"])
    train(app, "rounding")
    app.session_state["runs.chosen"] = ("run-1",)
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception, app.exception
    found = [breach for text in texts_of(app) for breach in breaches(text)]
    assert not found, "\n" + "\n".join(found)


def train(app: AppTest, name: str) -> None:
    """Press Train, and wait for the end of the run."""
    buttons: list[Any] = list(app.button)
    next(button for button in buttons if button.key == f"{name}.train").click().run()
    settle(app, name)

"""Check your understanding on all of Fashion-MNIST, as a learner walks it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OpenPage, named, settle
from tests.pages.test_mnist import opened, said
from ui.content import stages

FOLDER = Path(os.environ.get("NNCORE_DATA_DIR", "none"))
pytestmark = pytest.mark.skipif(
    not (FOLDER / "fashion_mnist.npz").is_file(),
    reason="Needs all of MNIST and Fashion-MNIST: set NNCORE_DATA_DIR to their folder.",
)


def train(app: AppTest) -> float:
    """Train, and return the best accuracy, in percent, that has passed a stage by now."""
    app.button(key="mnist.train").click().run()
    settle(app, "mnist")
    return max(map(float, re.findall(r"Passed: ([\d.]+)% of the test set", said(app))))


def test_all_stages_are_passed_with_the_accuracies_that_the_file_tells(open_page: OpenPage) -> None:
    """From a network that guesses to one that beats people: see the head of `check.toml`."""
    app = opened(open_page("mnist", {"data.name": "fashion"}), "check")
    assert "get **83.5%** right" in said(app)
    app.button(key=f"mnist.check.{stages.load().stages[0].name}").click().run()
    reached = [train(app)]
    named(app.segmented_control, "mnist.data.scaled").set_value(True).run()
    named(app.selectbox, "mnist.model.output_activation").select("softmax").run()
    named(app.selectbox, "mnist.fit.loss").select("categorical_crossentropy").run()
    reached.append(train(app))
    named(app.segmented_control, "mnist.layers").set_value(1).run()
    named(app.number_input, "mnist.units.0").set_value(128).run()
    named(app.number_input, "mnist.fit.epochs").set_value(10).run()
    reached.append(train(app))
    assert reached == pytest.approx([10.5, 83.8, 88], abs=1.2)
    assert all(f":green[✓] **{number}." in said(app) for number in (1, 2, 3))

"""Check your understanding, on digits where there is no fashion, and on clothes where there is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nncore.data.datasets import load
from nncore.experiment import DataConfig
from tests.pages.conftest import OpenPage, settle, written
from tests.pages.test_mnist import opened, said, trained
from ui.components import keep
from ui.content import stages

pytestmark = pytest.mark.usefixtures("embedded_only")

START, WITHOUT, HIDDEN = (stage.name for stage in stages.load().stages)


def test_without_fashion_the_stages_are_on_digits_and_a_run_passes(open_page: OpenPage) -> None:
    app = opened(open_page("mnist"), "check")
    assert "Fashion-MNIST is not on this machine" in said(app)
    assert "target: over 85%" in said(app)
    app.button(key=f"mnist.check.{START}").click().run()
    chosen = app.session_state["mnist.experiment"]
    assert (chosen.data.scaled, chosen.model.units) == (False, ())
    assert chosen.model.output_activation == "linear"
    app.number_input(key="mnist.fit.epochs").set_value(1)
    app.button(key="mnist.train").click().run()
    settle(app, "mnist")
    assert f":green[✓] **1. {START}**" in said(app)
    assert f"○ **2. {WITHOUT}**" in said(app)
    assert "does not count here: it has no hidden layers" in said(app)  # stage 3
    app.button(key="mnist.check.forget").click().run()
    assert f"○ **1. {START}**" in said(app)
    assert written(app)["check.passed"] is None


def test_what_passes_is_kept_once_the_browser_has_said_what_it_holds(open_page: OpenPage) -> None:
    app = open_page("mnist", {"model.units": "none", "fit.epochs": "3", "fit.batch_size": "32"})
    app.button(key="mnist.train").click().run()
    settle(app, "mnist")
    assert written(app) == {}  # the browser may hold more
    app.session_state["keep.works"] = True
    app.session_state["keep.held"] = {"check.passed": {"fashion": {START: 0.15}}}
    app.run()
    kept = app.session_state["keep.held"]["check.passed"]
    assert kept["fashion"] == {START: 0.15}
    assert list(kept["sample"]) == [WITHOUT]
    assert keep.Slot.to_json(stages.SLOT, kept)
    app.session_state["keep.held"] = {}  # another tab has forgotten all
    app.run()
    assert app.session_state["keep.held"] == {}


def test_with_fashion_the_stages_are_on_clothes(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = load(DataConfig())
    arrays = {n: getattr(digits, n) for n in ("x_train", "y_train", "x_test", "y_test")}
    np.savez(tmp_path / "fashion_mnist.npz", **arrays)
    monkeypatch.setenv("NNCORE_DATA_DIR", str(tmp_path))
    app = opened(trained(open_page), "check")
    assert "target: over 87%" in said(app)
    assert "83.5%" in said(app)
    assert "Train on these images first" in said(app)  # the run was on digits
    app.button(key=f"mnist.check.{HIDDEN}").click().run()
    assert app.session_state["mnist.experiment"].data.name == "fashion"
    app.button(key="mnist.train").click().run()
    settle(app, "mnist")
    assert "Your run reached" in said(app)
    assert "Only digits can go to the canvas" in said(app)

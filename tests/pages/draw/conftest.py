"""Lesson 4 with a small network, and a canvas that is played by the state that it would send."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from streamlit.testing.v1 import AppTest

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets
from nncore.digits.strokes import Strokes, render_strokes
from nncore.experiment import Experiment
from nncore.runtime.lab import Lab
from nncore.training import engine
from tests.pages.conftest import OpenPage
from ui.content.lesson import load
from ui.draw import canvas

SEVEN = [[(75, 60), (205, 60), (160, 140), (115, 225)]]
#: Small enough to be trained in a second, on top of the lesson's own settings.
QUICK = {"data.samples": 6000, "model.units": (32,), "fit.epochs": 3, "fit.augment": "none"}


def quick(**more: object) -> Experiment:
    return load("draw").on_data().default.updated({**QUICK, **more})


def query(experiment: Experiment) -> dict[str, str]:
    return dict(pair.split("=") for pair in experiment.to_query().split("&"))


def trained(experiment: Experiment) -> Checkpoint:
    checkpoint = Checkpoint(experiment, datasets.load(experiment.data).fingerprint)
    return engine.advance(experiment, checkpoint, Budget())


def store(lab: Lab, checkpoint: Checkpoint) -> None:
    lab.store.put(checkpoint, None, datasets.load(checkpoint.experiment.data).source)


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    """A small network that has been trained."""
    return trained(quick())


@pytest.fixture
def app(lab: Lab, open_page: OpenPage, checkpoint: Checkpoint) -> AppTest:
    """The page with a small network that is in the store."""
    store(lab, checkpoint)
    return open_page("draw", query(checkpoint.experiment))


def ink_of(strokes: Strokes = SEVEN) -> NDArray[np.uint8]:
    return render_strokes(strokes, canvas.SIDE, 20)


def put_on_canvas(app: AppTest, ink: NDArray[np.uint8]) -> AppTest:
    """Does what the canvas does when a stroke ends."""
    pixels = np.zeros((*ink.shape, 4), np.uint8)
    pixels[..., 3] = ink
    send(app, png(pixels))
    return app.run()


def send(app: AppTest, file: bytes) -> None:
    held = app.session_state  # it has no get()
    mount = held["draw.mount"] if "draw.mount" in held else 0  # noqa: SIM401
    address = "data:image/png;base64," + base64.b64encode(file).decode()
    app.session_state[f"draw.canvas.{mount}"] = {
        "drawing": {"raw": {"objects": [{}]}, "data": address}
    }


def png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()

"""Lesson 4 as its learner uses it; the canvas is played by the state that it would send."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from streamlit.testing.v1 import AppTest

from nncore import data, engine
from nncore.checkpoint import Budget, Checkpoint
from nncore.drawing import render_strokes, to_mnist
from nncore.experiment import DataConfig, Experiment
from nncore.lab import Lab
from nncore.network import Network
from nncore.runner import State
from tests.pages.conftest import OpenPage, settle, until
from ui.lesson import load
from ui.parts import draw

SEVEN = [[(75, 60), (205, 60), (160, 140), (115, 225)]]
#: Small enough to be trained in a second, on top of the lesson's own settings.
QUICK = {"data.samples": 6000, "model.units": (32,), "fit.epochs": 3, "fit.augment": "none"}


def quick(**more: object) -> Experiment:
    return load("draw").on_data().default.updated({**QUICK, **more})


def query(experiment: Experiment) -> dict[str, str]:
    return dict(pair.split("=") for pair in experiment.to_query().split("&"))


def trained(experiment: Experiment) -> Checkpoint:
    checkpoint = Checkpoint(experiment, data.load(experiment.data).fingerprint)
    return engine.advance(experiment, checkpoint, Budget())


def store(lab: Lab, checkpoint: Checkpoint) -> None:
    lab.store.put(checkpoint, None, data.load(checkpoint.experiment.data).source)


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    """A small network that has been trained."""
    return trained(quick())


@pytest.fixture
def app(lab: Lab, open_page: OpenPage, checkpoint: Checkpoint) -> AppTest:
    """The page with a small network that is in the store."""
    store(lab, checkpoint)
    return open_page("draw", query(checkpoint.experiment))


def ink_of(strokes: object = SEVEN) -> NDArray[np.uint8]:
    return render_strokes(strokes, draw.SIDE, 20)


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


def answer(app: AppTest) -> str:
    return str(app.header[0].value)


def expected(checkpoint: Checkpoint, image: NDArray[np.uint8]) -> str:
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    return draw.verdict(network.predict(image)[0], "0123456789")


# On the page


def test_a_blank_canvas_gets_an_invitation_and_no_prediction(app: AppTest) -> None:
    assert answer(app) == "Draw a digit from 0 to 9"
    assert not any("I read" in text.value for text in [*app.markdown, *app.header])


def test_a_drawing_is_read_by_the_network_that_was_chosen(
    app: AppTest, checkpoint: Checkpoint
) -> None:
    put_on_canvas(app, ink_of())
    image = to_mnist(ink_of(), invert=False).image
    assert image is not None
    assert answer(app) == expected(checkpoint, image)


def test_another_choice_reads_the_same_drawing_at_once(
    lab: Lab, app: AppTest, checkpoint: Checkpoint
) -> None:
    other = trained(quick(**{"model.units": (), "fit.epochs": 1}))
    store(lab, other)
    put_on_canvas(app, ink_of())
    app.selectbox(key="draw.reader").select(f"{other.experiment.digest}-{other.fingerprint}").run()
    image = to_mnist(ink_of(), invert=False).image
    assert image is not None
    assert answer(app) == expected(other, image)
    assert answer(app) != expected(checkpoint, image)


def test_the_list_says_units_data_and_test_accuracy(app: AppTest, checkpoint: Checkpoint) -> None:
    dataset = data.load(checkpoint.experiment.data)
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    right = (network.predict(dataset.x_test).argmax(1) == dataset.y_test).mean()
    (label,) = app.selectbox(key="draw.reader").options
    assert label.startswith("784-32-10 · ")
    assert f"{len(dataset.x_train):,}" in label
    assert f"{right:.1%} of test images right" in label


def test_networks_for_other_questions_are_not_offered(lab: Lab, app: AppTest) -> None:
    five = {"data.name": "five", "model.units": (), "model.output_activation": "sigmoid"}
    settings = {**five, "data.samples": 500, "fit.epochs": 1, "fit.loss": "binary_crossentropy"}
    store(lab, trained(Experiment.from_settings(settings)))
    app.run()
    assert len(app.selectbox(key="draw.reader").options) == 1


def test_the_sessions_own_unfinished_run_of_lesson_3_can_read(
    lab: Lab, app: AppTest, checkpoint: Checkpoint
) -> None:
    begun = replace(trained(quick(**{"fit.seed": 1})), epoch=1)
    run = lab.runner.submit("somebody", begun, paused=True)
    run.stop()
    app.session_state["mnist.run"] = run
    put_on_canvas(app, ink_of())
    (label,) = (x for x in app.selectbox(key="draw.reader").options if "lesson 3" in x)
    app.selectbox(key="draw.reader").select(f"{run.experiment.digest}-{begun.fingerprint}-mnist")
    app.run()
    image = to_mnist(ink_of(), invert=False).image
    assert image is not None
    assert answer(app) == expected(begun, image)
    assert "of test images right" in label
    assert "**Stopped** · epoch 2 of 3" in app.get("progress")[0].proto.text


def test_a_damaged_network_is_not_shown(
    lab: Lab, open_page: OpenPage, checkpoint: Checkpoint, tmp_path: Path
) -> None:
    store(lab, checkpoint)
    (file,) = tmp_path.glob("models/*/checkpoint.npz")
    file.write_bytes(b"damaged")
    app = open_page("draw", query(checkpoint.experiment))
    put_on_canvas(app, ink_of())
    assert answer(app) == "Nobody can read this yet"
    assert app.button(key="draw.train")


def test_clear_takes_the_drawing_away(app: AppTest) -> None:
    put_on_canvas(app, ink_of())
    app.button(key="draw.clear").click().run()
    assert answer(app) == "Draw a digit from 0 to 9"


def test_the_drawing_stays_when_another_widget_changes(app: AppTest) -> None:
    put_on_canvas(app, ink_of())
    before = answer(app)
    app.slider(key="draw.width").set_value(30).run()
    assert answer(app) == before


def test_a_test_image_is_put_on_the_canvas_and_read(app: AppTest, checkpoint: Checkpoint) -> None:
    dataset = data.load(checkpoint.experiment.data)
    threes = np.flatnonzero(dataset.y_test == 3)
    for row in threes[:2]:  # the same digit again gives its next image
        app.button_group(key="draw.digit").set_value("3").run()
        assert answer(app) == expected(checkpoint, dataset.x_test[row])
        assert any(f"test image {row:,}. Its label says **3**" in c.value for c in app.caption)


def test_the_grid_for_the_keyboard_is_read_like_a_drawing(
    app: AppTest, checkpoint: Checkpoint
) -> None:
    app.button_group(key="draw.tool").set_value("grid").run()
    for row in range(1, 8):
        app.button_group(key=f"draw.row.{row}").set_value([3])
    app.run()
    cells = {(row, 3) for row in range(1, 8)}
    image = to_mnist(ink_of(draw.strokes(cells)), invert=False).image
    assert image is not None
    assert answer(app) == expected(checkpoint, image)
    app.button(key="draw.clear").click().run()
    assert answer(app) == "Draw a digit from 0 to 9"


def test_what_is_no_picture_of_the_canvas_is_named_in_a_sentence(app: AppTest) -> None:
    send(app, png(np.zeros((9000, 3, 4), np.uint8)))
    app.run()
    (error,) = app.error
    assert "must send an RGBA picture of 280 x 280 pixels" in error.value
    assert "Received: RGBA of 3 x 9000 pixels" in error.value


def test_the_default_network_is_trained_once_for_all_without_being_asked(
    lab: Lab, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(load("draw"), default=quick(), sample_default=None)
    monkeypatch.setattr("ui.lesson.load", lambda name: small)
    visitors = open_page("draw"), open_page("draw")
    run = lab.shared(quick(), data.load(quick().data).fingerprint)
    until(lambda: run.peek().state is State.FINISHED)
    for app in visitors:
        put_on_canvas(app, ink_of())
        assert answer(app).startswith(("I read", "Perhaps"))
    assert lab.runner.active() == 0


def test_other_settings_are_trained_when_asked_for(lab: Lab, open_page: OpenPage) -> None:
    app = open_page("draw", query(quick()))
    put_on_canvas(app, ink_of())
    assert answer(app) == "Nobody can read this yet"
    app.button(key="draw.train").click().run()
    settle(app, "draw")
    assert answer(app).startswith(("I read", "Perhaps"))
    assert "3 epochs" in app.get("progress")[0].proto.text


def test_a_link_to_clothes_is_answered_with_digits(open_page: OpenPage) -> None:
    app = open_page("draw", query(quick().updated({"data.name": "fashion"})))
    assert any("no clothes to draw" in warning.value for warning in app.warning)
    assert app.session_state["draw.experiment"] == quick()


def test_a_preset_sets_the_page_and_keeps_the_drawing(app: AppTest) -> None:
    put_on_canvas(app, ink_of())
    app.button(key="draw.preset.No hidden layer").click().run()
    assert app.session_state["draw.experiment"].layer_sizes == (784, 10)
    assert answer(app) == "Nobody can read this yet"
    assert app.selectbox(key="draw.reader").value.startswith(
        app.session_state["draw.experiment"].digest
    )


# The pieces


def test_cells_are_joined_to_their_neighbours() -> None:
    joined = [stroke for stroke in draw.strokes({(0, 0), (0, 1), (1, 1)}) if len(stroke) == 2]
    assert len(joined) == 2  # along the row and the column; the corner is reached through them
    assert len([s for s in draw.strokes({(0, 0), (1, 1), (4, 4)}) if len(s) == 2]) == 1


def test_all_cells_lie_on_the_canvas() -> None:
    cells = {(row, column) for row in range(draw.ROWS) for column in range(draw.COLUMNS)}
    places = np.array([point for stroke in draw.strokes(cells) for point in stroke])
    assert places.min() > 0
    assert places.max() < draw.SIDE


@pytest.mark.parametrize("colour", ["#000000", "#ffffff"])
def test_a_picture_for_the_canvas_has_the_ink_as_its_opacity(colour: str) -> None:
    ink = data.load(DataConfig()).x_test[0]
    (picture,) = draw.as_object(ink, colour)["objects"]
    image = Image.open(io.BytesIO(base64.b64decode(picture["src"].split(",")[1])))
    pixels = np.asarray(image)
    np.testing.assert_array_equal(pixels[..., 3], ink)
    assert set(pixels[..., :3].flat) == {int(colour[1:3], 16)}
    assert picture["scaleX"] * picture["width"] == draw.SIDE


def test_what_the_canvas_sends_is_read_by_its_opacity() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (draw.SIDE, draw.SIDE, 4), np.uint8)
    np.testing.assert_array_equal(draw.read_png(png(pixels)), pixels[..., 3])


@pytest.mark.parametrize("file", [b"", b"GIF89a", png(np.zeros((280, 280), np.uint8)), b"\x89PNG"])
def test_what_is_no_picture_is_refused(file: bytes) -> None:
    with pytest.raises(draw.DrawingError, match="Received: "):
        draw.read_png(file)


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        ([0.01, 0.02, 0.97], "I read a **2**, 97 % sure."),
        ([0.0, 0.001, 0.999], "I read a **2**, more than 99 % sure."),
        ([0.55, 0.05, 0.4], "Perhaps a **0** (55 %) or a **2** (40 %)."),
        ([0.7, -0.2, 3.0], "My largest output is that for a **2**."),
        ([np.nan, 0.5, 0.5], "I cannot answer: my numbers have grown out of bounds."),
    ],
)
def test_the_answer_is_put_in_words(outputs: list[float], words: str) -> None:
    said = draw.verdict(np.array(outputs, np.float32), "012")
    assert said.replace("\N{NO-BREAK SPACE}", " ").startswith(words)


def test_an_8_gets_its_article() -> None:
    assert "an **8**" in draw.verdict(np.eye(10, dtype=np.float32)[8], "0123456789")

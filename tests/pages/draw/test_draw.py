"""Lesson 4 as its learner uses it; the canvas is played by the state that it would send."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from streamlit.testing.v1 import AppTest

from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.digits import novelty
from nncore.digits.preprocess import Recipe, apply_recipe, to_mnist
from nncore.experiment import DataConfig, Experiment
from nncore.nn.network import Network
from nncore.runtime.jobs import Progress, State
from nncore.runtime.lab import OWN_SESSION, Lab
from tests.pages.conftest import OpenPage, late_look, named, run_of, settle, until
from tests.pages.draw.conftest import (
    SEVEN,
    ink_of,
    png,
    put_on_canvas,
    query,
    quick,
    send,
    store,
    trained,
)
from ui.content.lesson import load
from ui.draw import (
    canvas,
    pixel_grid,
    prediction_text,
    preprocessing_path,
    reader_choice,
    reader_comparison,
    reader_list,
)
from ui.draw.reader import Reader


def opened(app: AppTest, part: str) -> AppTest:
    """The page with a seven on its canvas, and one of its parts open."""
    app.session_state[f"draw.{part}"] = True
    return put_on_canvas(app, ink_of())


def answer(app: AppTest) -> str:
    return str(app.header[0].value)


def expected(checkpoint: Checkpoint, image: NDArray[np.uint8]) -> str:
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    return prediction_text.describe_prediction(network.predict(image)[0], "0123456789")


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
    named(app.selectbox, "draw.reader").select(
        f"{other.experiment.digest}-{other.fingerprint}"
    ).run()
    image = to_mnist(ink_of(), invert=False).image
    assert image is not None
    assert answer(app) == expected(other, image)
    assert answer(app) != expected(checkpoint, image)


def test_the_chosen_reader_is_in_the_address_until_the_settings_change(
    lab: Lab, app: AppTest, open_page: OpenPage
) -> None:
    other = trained(quick(**{"model.units": (), "fit.epochs": 1}))
    store(lab, other)
    app.run()
    key = f"{other.experiment.digest}-{other.fingerprint}"
    named(app.selectbox, "draw.reader").select(key).run()
    assert app.query_params["reader"] == key

    again = open_page("draw", dict(app.query_params))
    assert named(again.selectbox, "draw.reader").value == key
    again.session_state["draw.build"] = True
    again.run()
    named(again.number_input, "draw.fit.epochs").set_value(9).run()
    assert named(again.selectbox, "draw.reader").value != key
    assert "reader" not in again.query_params


def test_a_reader_of_the_address_that_is_gone_is_said_to_be(open_page: OpenPage) -> None:
    app = open_page("draw", {"v": "2", "reader": "f00"})
    assert reader_choice.GONE in [caption.value for caption in app.caption]
    assert app.query_params["reader"] == "f00"  # it may come back: a class's, or one in training


def test_the_list_says_units_data_and_test_accuracy(app: AppTest, checkpoint: Checkpoint) -> None:
    dataset = datasets.load(checkpoint.experiment.data)
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    right = (network.predict(dataset.x_test).argmax(1) == dataset.y_test).mean()
    (label,) = named(app.selectbox, "draw.reader").options
    assert label.startswith("784-32-10 · ")
    assert f"{len(dataset.x_train):,}" in label
    assert f"{right:.1%} test accuracy" in label


def test_networks_for_other_questions_are_not_offered(lab: Lab, app: AppTest) -> None:
    five = {"data.name": "five", "model.units": (), "model.output_activation": "sigmoid"}
    settings = {**five, "data.samples": 500, "fit.epochs": 1, "fit.loss": "binary_crossentropy"}
    store(lab, trained(Experiment.from_settings(settings)))
    app.run()
    assert len(named(app.selectbox, "draw.reader").options) == 1


def test_the_sessions_own_unfinished_run_of_lesson_3_can_read(
    lab: Lab, app: AppTest, checkpoint: Checkpoint
) -> None:
    begun = replace(trained(quick(**{"fit.seed": 1})), epoch=1)
    run = lab.runner.submit("somebody", begun, paused=True)
    run.stop()
    app.session_state["tab"].values["mnist.run"] = run
    put_on_canvas(app, ink_of())
    (label,) = (x for x in named(app.selectbox, "draw.reader").options if "lesson 3" in x)
    named(app.selectbox, "draw.reader").select(f"{run.experiment.digest}-{begun.fingerprint}-mnist")
    app.run()
    image = to_mnist(ink_of(), invert=False).image
    assert image is not None
    assert answer(app) == expected(begun, image)
    assert "test accuracy" in label
    assert "**Stopped** · epoch 2 of 3" in app.get("progress")[0].proto.text


def test_a_damaged_network_is_not_shown(
    lab: Lab, open_page: OpenPage, checkpoint: Checkpoint, tmp_path: Path
) -> None:
    store(lab, checkpoint)
    (file,) = tmp_path.glob("models/*/checkpoint.npz")
    file.write_bytes(b"damaged")
    app = open_page("draw", query(checkpoint.experiment))
    put_on_canvas(app, ink_of())
    assert answer(app) == "This network is not trained yet"
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
    dataset = datasets.load(checkpoint.experiment.data)
    threes = np.flatnonzero(dataset.y_test == 3)
    for row in threes[:2]:  # the same digit again gives its next image
        app.button_group(key="draw.digit").set_value("3").run()
        assert answer(app) == expected(checkpoint, dataset.x_test[row])
        assert any(f"test image {row:,}. Its label is **3**" in c.value for c in app.caption)


def test_the_grid_for_the_keyboard_is_read_like_a_drawing(
    app: AppTest, checkpoint: Checkpoint
) -> None:
    app.button_group(key="draw.tool").set_value("grid").run()
    for row in range(1, 8):
        app.button_group(key=f"draw.row.{row}").set_value([3])
    app.run()
    cells = {(row, 3) for row in range(1, 8)}
    image = to_mnist(ink_of(pixel_grid.connect(cells, canvas.SIDE)), invert=False).image
    assert image is not None
    assert answer(app) == expected(checkpoint, image)
    app.button(key="draw.clear").click().run()
    assert answer(app) == "Draw a digit from 0 to 9"


def test_an_untrained_network_says_how_much_its_training_is(open_page: OpenPage) -> None:
    app = open_page("draw", query(quick(**{"fit.seed": 11})))
    words = " ".join(str(bar.text) for bar in app.get("progress"))
    assert re.search(r"\*\*Not trained yet\*\* · (about .*: )?[\d,]+ updates?\.", words), words


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
    monkeypatch.setattr("ui.workbench.lesson_page.load", lambda name: small)
    visitors = open_page("draw"), open_page("draw")
    run = lab.shared(quick(), datasets.load(quick().data).fingerprint)
    until(lambda: run.peek().state is State.FINISHED)
    for app in visitors:
        put_on_canvas(app, ink_of())
        assert answer(app).startswith(("I read", "Perhaps"))
    until(lambda: lab.runner.active() == 0)  # the small network for meanwhile, too


def strange_to(checkpoint: Checkpoint) -> NDArray[np.uint8]:
    """Noise, such that a small network tells it from digits."""
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    gauge = novelty.fit(network, datasets.load(checkpoint.experiment.data))
    rng = np.random.default_rng(0)
    for share in np.linspace(0.02, 0.6, 40):
        ink = 255 * (rng.random((28, 28)) < share).repeat(10, 0).repeat(10, 1).astype(np.uint8)
        image = to_mnist(ink, invert=False).image
        if image is not None and novelty.judge(gauge, network, image).is_refused:
            return ink
    raise AssertionError("No noise is strange to this network.")


def test_noise_is_refused_with_the_evidence(app: AppTest, checkpoint: Checkpoint) -> None:
    put_on_canvas(app, strange_to(checkpoint))
    until(lambda: answer(app.run()) == "I cannot read this")  # a worker looks at images first
    (why,) = (text.value for text in app.caption if "**distance**" in text.value)
    away, usual_away, evidence, usual_evidence = map(float, re.findall(r"-?\d+\.\d\d", why))
    assert away > usual_away or evidence < usual_evidence
    assert any(text.startswith("The nearest training images: ") for text in captions_of_images(app))
    put_on_canvas(app, ink_of())
    assert answer(app).startswith(("I read", "Perhaps"))


def test_a_small_network_answers_while_the_default_one_is_behind(
    lab: Lab, checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = datasets.load(checkpoint.experiment.data)
    small = Reader(
        checkpoint.experiment,
        dataset.fingerprint,
        dataset.source,
        run=cast(Any, Played(checkpoint)),
    )
    monkeypatch.setattr(reader_list, "small_reader", lambda *_: small)
    slow = quick(**{"fit.epochs": 100})
    for accuracy, expected in ((0.5, small), (0.999, None)):
        so_far = replace(checkpoint, experiment=slow, trace=((1.0, 0.1, accuracy),))
        reader = Reader(slow, dataset.fingerprint, dataset.source, run=cast(Any, Played(so_far)))
        assert reader_list.find_stand_in(reader, dataset) is (expected or reader)


def test_learners_see_their_own_network_learn(checkpoint: Checkpoint) -> None:
    slow = replace(checkpoint, experiment=quick(**{"fit.epochs": 100}))
    run = cast(Any, Played(slow, session="a learner's"))
    reader = Reader(slow.experiment, slow.fingerprint, "", run=run)
    assert reader_list.find_stand_in(reader, datasets.load(slow.experiment.data)) is reader


class Played:
    """A run as it is at one moment, without a runner."""

    def __init__(self, checkpoint: Checkpoint, session: str = OWN_SESSION) -> None:
        state = State.FINISHED if checkpoint.finished else State.RUNNING
        self.session, self._progress = session, Progress(state, checkpoint)

    def peek(self) -> Progress:
        return self._progress


def test_other_settings_are_trained_when_asked_for(lab: Lab, open_page: OpenPage) -> None:
    app = open_page("draw", query(quick()))
    put_on_canvas(app, ink_of())
    assert answer(app) == "This network is not trained yet"
    app.button(key="draw.train").click().run()
    settle(app, "draw")
    assert answer(app).startswith(("I read", "Perhaps"))
    assert "3 epochs" in app.get("progress")[0].proto.text


def test_a_link_to_clothes_is_answered_with_digits(open_page: OpenPage) -> None:
    app = open_page("draw", query(quick().updated({"data.name": "fashion"})))
    assert any("another lesson" in warning.value for warning in app.warning)
    assert app.session_state["draw.experiment"] == quick()


def test_a_preset_sets_the_page_and_keeps_the_drawing(app: AppTest) -> None:
    put_on_canvas(app, ink_of())
    app.button(key="draw.preset.No hidden layer").click().run()
    assert app.session_state["draw.experiment"].layer_sizes == (784, 10)
    assert answer(app) == "This network is not trained yet"
    assert named(app.selectbox, "draw.reader").value.startswith(
        app.session_state["draw.experiment"].digest
    )


# The path


def test_the_path_shows_its_five_stages_and_two_answers(
    app: AppTest, checkpoint: Checkpoint
) -> None:
    opened(app, "look")
    shown = [text.value for text in app.markdown]
    assert [text for text in shown if text[2:].startswith(tuple("12345"))] == [
        "**1 Ink**", "**2 Cropped**", "**3 Scaled**", "**4 Centred**", "**5 Inputs**"
    ]  # fmt: skip
    image = to_mnist(ink_of(), invert=False).image
    assert image is not None
    assert shown.count(expected(checkpoint, image)) == 2
    assert app.button(key="draw.path.reset").disabled


def test_what_the_learner_changes_is_read_beside_mnists_path(
    app: AppTest, checkpoint: Checkpoint
) -> None:
    opened(app, "look")
    named(app.toggle, "draw.path.centre").set_value(False)
    named(app.toggle, "draw.path.scaled").set_value(False)
    named(app.slider, "draw.path.right").set_value(4).run()
    recipe = Recipe(centre=False, scaled=False, shift=(4, 0))
    image = apply_recipe(ink_of(), recipe, invert=False).image
    untouched = to_mnist(ink_of(), invert=False).image
    assert image is not None
    assert untouched is not None
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    yours = prediction_text.describe_prediction(
        network.predict(image.astype(np.float32))[0], "0123456789"
    )
    shown = [text.value for text in app.markdown]
    assert shown.index(expected(checkpoint, untouched)) < shown.index(yours)
    assert answer(app) == expected(checkpoint, untouched)  # the page's own answer is left alone

    test_set = datasets.load(checkpoint.experiment.data)
    moved = np.pad(test_set.x_test, ((0, 0), (0, 0), (4, 0)))[:, :, :28]
    right = (network.predict(moved).argmax(1) == test_set.y_test).mean()
    assert any(f"shifted like yours: **{right:.1%}**" in caption.value for caption in app.caption)

    with late_look(app):
        app.button(key="draw.path.reset").click().run()
    assert preprocessing_path.shifts_along((0, 0))[1] == (1, 0)
    assert named(app.slider, "draw.path.right").value == 0
    assert named(app.toggle, "draw.path.centre").value


def test_shorter_and_longer_shifts_lie_in_the_same_direction() -> None:
    assert preprocessing_path.shifts_along((0, -3))[:4] == [(0, 0), (0, -1), (0, -2), (0, -3)]
    assert preprocessing_path.shifts_along((4, 2))[4] == (4, 2)
    steps = range(-6, 7)
    assert all(shift in preprocessing_path.shifts_along(shift) for shift in product(steps, steps))


# Watching it think


def test_a_neurons_sum_is_worked_out_and_goes_with_the_choice(
    app: AppTest, checkpoint: Checkpoint
) -> None:
    opened(app, "think")
    image = to_mnist(ink_of(), invert=False).image
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    (hidden, activations), (logits, outputs) = network.forward(image)
    brightest = int(activations[0].argmax())
    assert app.number_input(key="draw.neuron.unit").value == brightest
    assert f"| **relu** of it | **{activations[0][brightest]:.4g}** |" in table(app)

    app.number_input(key="draw.neuron.unit").set_value(0).run()
    parts = network.prepare(image)[0] * network.layers[0].kernel[:, 0]
    assert f"| pixels with positive parts | {parts[parts > 0].sum():+.3f} |" in table(app)
    assert f"| **weighted sum** | {hidden[0][0]:+.3f} |".replace("-", "−") in table(app)

    app.selectbox(key="draw.neuron.layer").select(2).run()
    best = int(outputs[0].argmax())
    assert app.number_input(key="draw.neuron.unit").value == best
    assert f"| **weighted sum** | {logits[0][best]:+.3f} |" in table(app)
    assert any("largest parts come from layer 1" in caption.value for caption in app.caption)


def table(app: AppTest) -> str:
    (found,) = (text.value for text in app.markdown if "w · x + b" in text.value)
    return str(found)


def test_a_choice_that_the_network_does_not_have_falls_back(app: AppTest) -> None:
    app.session_state["draw.neuron"] = (2, 400)
    opened(app, "think")
    assert app.selectbox(key="draw.neuron.layer").value == 1


# Many readers


def test_several_networks_read_the_same_drawing(
    app: AppTest, checkpoint: Checkpoint, lab: Lab
) -> None:
    opened(app, "many")
    image = to_mnist(ink_of(), invert=False).image
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    own = next(line for line in many(app) if "784-32-10" in line)
    best = int(network.predict(image)[0].argmax())
    assert f"| **{best}** |" in own
    missing = [line.split("|")[1].strip() for line in many(app) if "not trained yet" in line]
    offered = [button.label for button in app.button if button.label.startswith("Train “")]
    assert offered == [f"Train “{name}”" for name in missing]
    assert missing[0].startswith("Lesson 2")


def many(app: AppTest) -> list[str]:
    (found,) = (text.value for text in app.markdown if text.value.startswith("| reader |"))
    return str(found).splitlines()[2:]


def test_digits_in_other_ways_of_writing_are_shown_where_they_are_mixed_in(
    open_page: OpenPage, app: AppTest
) -> None:
    mixing = open_page("draw", query(quick(**{"fit.augment": "styles"})))
    for page, count in ((app, 0), (mixing, 1)):
        page.session_state["draw.build"] = True
        captions = captions_of_images(page.run())
        assert sum("mixed in" in text for text in captions) == count


def captions_of_images(app: AppTest) -> list[str]:
    images: list[Any] = list(app.get("image"))
    return [caption for image in images for caption in image.captions]


def test_a_link_that_names_only_clothes_opens_the_page_with_digits(open_page: OpenPage) -> None:
    app = open_page("draw", {"data.name": "fashion"})
    assert not app.exception
    assert any("another lesson" in text.value for text in app.warning)


def test_settings_that_a_learner_has_chosen_never_become_a_run_of_the_lab(
    open_page: OpenPage, lab: Lab
) -> None:
    app = open_page("draw", query(quick(**{"fit.seed": 77, "fit.epochs": 900})))
    opened(app, "many")
    shared = {"Lesson 2", "Lesson 3", "300 and ", "Lesson 4"}
    (own,) = (
        b for b in app.button if b.label.startswith("Train “") and b.label[7:15] not in shared
    )
    own.click().run()
    assert not app.exception
    experiments = [run.experiment.fit.seed for run in lab._shared.values()]
    assert 77 not in experiments
    run = run_of(app, "draw")
    assert run is not None
    assert run.experiment.fit.seed == 77
    run.stop()


def test_a_reader_that_is_missing_is_trained_at_a_click(
    app: AppTest, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_one = (
        load("perceptron")
        .on_data()
        .default.updated({"fit.epochs": 1, "data.samples": 500, "fit.batch_size": 500})
    )
    small = replace(load("perceptron"), default=quick_one, sample_default=None)
    monkeypatch.setattr(
        reader_comparison, "load", lambda name: small if name == "perceptron" else load(name)
    )
    opened(app, "many")
    perceptron = next(b for b in app.button if b.label.startswith("Train “Lesson 2"))
    perceptron.click().run()
    (run,) = app.session_state["tab"].values["draw.crowd"].values()
    until(lambda: run.peek().state.over)
    app.run()
    line = next(line for line in many(app) if "Lesson 2" in line)
    assert "five**" in line
    assert line.rstrip("| ").endswith("%")


def test_another_network_of_the_list_joins(lab: Lab, app: AppTest) -> None:
    other = trained(quick(**{"model.units": (), "fit.epochs": 1}))
    store(lab, other)
    opened(app, "many")
    key = f"{other.experiment.digest}-{other.fingerprint}"
    app.multiselect(key="draw.crowd.more").select(key).run()
    assert any(line.startswith("| 784-10 ·") for line in many(app))


@pytest.mark.parametrize(
    ("outputs", "answer", "sure"),
    [
        ([0.1, 0.9], "**five**", "90%"),
        ([0.995, 0.005], "**not five**", "> 99%"),
        ([0.3], "**not five**", "70%"),
        ([-12.5], "**not five**", "output -12.50"),
        ([7.0, 1.0], "**not five**", "output 7.00"),
        ([np.nan, 1.0], "none", "diverged (NaN)"),
    ],
)
def test_an_answer_is_as_sure_as_its_outputs_say(
    outputs: list[float], answer: str, sure: str
) -> None:
    found = reader_comparison.describe_outputs(np.array(outputs, np.float32), ("not five", "five"))
    assert (found[0], found[1].replace("\N{NO-BREAK SPACE}", " ")) == (answer, sure)


# The answer moves on


def test_the_former_answer_is_kept_until_the_next_stroke(app: AppTest) -> None:
    put_on_canvas(app, ink_of(SEVEN[:1]))
    first = app.session_state["draw.read"].outputs
    app.slider(key="draw.width").set_value(30).run()
    assert app.session_state["draw.read"].before is None  # nothing was drawn meanwhile
    put_on_canvas(app, ink_of([*SEVEN, [(60, 250), (200, 250)]]))
    np.testing.assert_array_equal(app.session_state["draw.read"].before, first)
    app.button(key="draw.clear").click().run()
    assert "draw.read" not in app.session_state


# The pieces


def test_cells_are_joined_to_their_neighbours() -> None:
    joined = [
        stroke
        for stroke in pixel_grid.connect({(0, 0), (0, 1), (1, 1)}, canvas.SIDE)
        if len(stroke) == 2
    ]
    assert len(joined) == 2  # along the row and the column; the corner is reached through them
    assert (
        len([s for s in pixel_grid.connect({(0, 0), (1, 1), (4, 4)}, canvas.SIDE) if len(s) == 2])
        == 1
    )


def test_all_cells_lie_on_the_canvas() -> None:
    cells = {
        (row, column) for row in range(pixel_grid.ROWS) for column in range(pixel_grid.COLUMNS)
    }
    places = np.array(
        [point for stroke in pixel_grid.connect(cells, canvas.SIDE) for point in stroke]
    )
    assert places.min() > 0
    assert places.max() < canvas.SIDE


@pytest.mark.parametrize("colour", ["#000000", "#ffffff"])
def test_a_picture_for_the_canvas_has_the_ink_as_its_opacity(colour: str) -> None:
    ink = datasets.load(DataConfig()).x_test[0]
    (picture,) = canvas.to_canvas_object(ink, colour)["objects"]
    image = Image.open(io.BytesIO(base64.b64decode(picture["src"].split(",")[1])))
    pixels = np.asarray(image)
    np.testing.assert_array_equal(pixels[..., 3], ink)
    assert set(pixels[..., :3].flat) == {int(colour[1:3], 16)}
    assert picture["scaleX"] * picture["width"] == canvas.SIDE


def test_what_the_canvas_sends_is_read_by_its_opacity() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (canvas.SIDE, canvas.SIDE, 4), np.uint8)
    pixels[..., :3] = 0
    np.testing.assert_array_equal(canvas.read_png(png(pixels)), pixels[..., 3])


@pytest.mark.parametrize("dark", [False, True])
def test_what_is_of_the_papers_colour_was_erased(dark: bool) -> None:
    ink, paper = (int(colour[1:3], 16) for colour in (canvas.DARK if dark else canvas.LIGHT))
    pixels = np.full((canvas.SIDE, canvas.SIDE, 4), 255, np.uint8)
    pixels[:100, :, :3], pixels[100:200, :, :3], pixels[200:] = ink, paper, 0
    found = canvas.read_png(png(pixels), dark=dark)
    assert [set(part.flat) for part in np.split(found, [100, 200])] == [{255}, {0}, {0}]


@pytest.mark.parametrize("file", [b"", b"GIF89a", png(np.zeros((280, 280), np.uint8)), b"\x89PNG"])
def test_what_is_no_picture_is_refused(file: bytes) -> None:
    with pytest.raises(canvas.DrawingError, match="Received: "):
        canvas.read_png(file)


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        ([0.01, 0.02, 0.97], "I read a **2**, 97% sure."),
        ([0.0, 0.001, 0.999], "I read a **2**, more than 99% sure."),
        ([0.55, 0.05, 0.4], "Perhaps a **0** (55%) or a **2** (40%)."),
        ([0.7, -0.2, 3.0], "The largest output is the one for a **2**."),
        ([np.nan, 0.5, 0.5], "The outputs became NaN: training diverged."),
    ],
)
def test_the_answer_is_put_in_words(outputs: list[float], words: str) -> None:
    said = prediction_text.describe_prediction(np.array(outputs, np.float32), "012")
    assert said.replace("\N{NO-BREAK SPACE}", " ").startswith(words)


def test_an_8_gets_its_article() -> None:
    assert "an **8**" in prediction_text.describe_prediction(
        np.eye(10, dtype=np.float32)[8], "0123456789"
    )

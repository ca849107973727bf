"""What the films of lessons 1 and 2 are made of: numbers worked by hand, and the size of it all."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.film import MAX_FRAMES, Frame
from nncore.nn.network import Network, evaluate
from ui.components.network import film as player
from ui.tools import film_tool
from ui.tools.film_tool import LINE, Moment

#: One input and two outputs, no hidden unit: what it says is worked out by hand.
ROUNDING = Experiment(
    DataConfig("rounding", 100),
    ModelConfig(()),
    FitConfig(loss="sparse_categorical_crossentropy", batch_size=10),
)
NAMES = ("below", "above")


def run_of(experiment: Experiment, vectors: list[np.ndarray], at: int) -> Checkpoint:
    """A run with these weights in its film, which stands where the last of them is."""
    frames = [Frame(i, vector.astype(np.float32)) for i, vector in enumerate(vectors)]
    weights = frames[-1].arrays(experiment.layer_sizes)
    slots = (np.array(at), np.array(0.001, np.float32))
    return Checkpoint(experiment, "data", weights, slots, film=tuple(frames))


def blank(name: str, x: np.ndarray, y: list[int], names: tuple[str, ...]) -> Dataset:
    labels = np.array(y, np.int64)
    return Dataset(name, x, x, labels, labels, names, "made up", "0" * 32)


# The frames


def test_the_film_ends_with_where_the_run_stands() -> None:
    run = run_of(ROUNDING, [np.zeros(4), np.ones(4)], at=5)
    assert [frame.updates for frame in film_tool.frames(run)] == [0, 1, 5]
    still = run_of(ROUNDING, [np.zeros(4), np.ones(4)], at=1)
    assert [frame.updates for frame in film_tool.frames(still)] == [0, 1]


def test_loss_and_accuracy_are_those_of_evaluate() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((50, 1), np.float32), rng.integers(0, 2, 50)
    run = run_of(ROUNDING, [rng.normal(size=4) for _ in range(3)], at=2)
    for seen, frame in zip(film_tool.moments(run, x, y), run.film, strict=True):
        network = Network.of(ROUNDING, frame.arrays((1, 2)))
        scores = evaluate(network, ROUNDING, x, y)
        assert seen.loss == pytest.approx(scores["loss"])
        assert seen.accuracy == pytest.approx(scores["accuracy"])


def test_the_caption_says_when_and_how_good() -> None:
    network = Network.of(ROUNDING, (np.zeros((1, 2)), np.zeros(2)))
    at_120 = Moment(120, network, np.zeros((1, 2)), 0.314, 0.9444)
    assert film_tool.caption(at_120, 300) == "update 120 · epoch 0.4 · loss 0.31 · accuracy 0.944"
    begin = at_120._replace(updates=0, loss=float("nan"))
    assert film_tool.caption(begin, 300) == (
        "update 0 · not trained yet · loss no number · accuracy 0.944"
    )


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (None, "film_first"),
        (Checkpoint(ROUNDING, "data"), "film_recording"),
        (run_of(ROUNDING, [np.zeros(4)], at=0), "film_recording"),
        (run_of(ROUNDING, [np.zeros(4)], at=3), ""),
        (Checkpoint(ROUNDING, "data", slots=(np.array(3),)), "film_none"),
        (Checkpoint(ROUNDING.updated({"model.units": (88, 88)}), "data"), "film_too_large"),
    ],
)
def test_without_a_film_it_is_said_why(run: Checkpoint | None, text: str) -> None:
    assert film_tool.missing(run) == text


# Lesson 1


def test_the_boundary_and_the_wrong_answers_are_where_they_are_by_hand() -> None:
    outputs = np.stack([0.307 - LINE, LINE - 0.307], axis=1)  # "above" from 0.307 on
    picture = film_tool.decision_picture([outputs], 0.5, NAMES)
    (shot,) = picture["frames"]
    assert [edge for edge, _ in shot["rules"]] == pytest.approx([0.307], abs=1e-4)
    (wrong,) = shot["bars"]
    assert wrong[:2] == pytest.approx((0.307, 0.5), abs=1e-4)
    assert shot["said"] == "\u250a labels change at 0.5  \u2502 answers at 0.31"
    assert picture["always"]["rules"] == [(0.5, "truth")]


def test_an_answer_that_never_changes_is_wrong_on_one_side() -> None:
    outputs = np.tile([0.9, 0.1], (len(LINE), 1))
    (shot,) = film_tool.decision_picture([outputs], 0.5, NAMES)["frames"]
    assert [bar[:2] for bar in shot["bars"]] == [(0.5, 1.0)]
    assert shot["rules"] == []
    assert "answers never" in shot["said"]


def test_curves_keep_their_numbers_and_gaps() -> None:
    outputs = np.tile([0.12345, np.nan], (len(LINE), 1))
    (shot,) = film_tool.decision_picture([outputs], 0.5, NAMES)["frames"]
    assert shot["lines"][0] == ("first", [0.123] * 101)
    assert shot["lines"][1] == ("second", [None] * 101)


# Lesson 2


def test_an_axis_holds_the_middle_frames_and_both_labels() -> None:
    outputs = [np.array([-900.0, 800.0]), np.array([-3.0, 4.0]), np.array([-2.0, 0.5])]
    assert film_tool.span(outputs) == (-3.0, 4.0)
    assert film_tool.span([np.array([0.4, 0.6])]) == (0.0, 1.0)
    assert film_tool.span([np.array([np.nan])]) == (0.0, 1.0)


def test_bars_are_shares_of_each_class_right_ones_next_to_the_axis() -> None:
    outputs, labels = np.array([0.01, 0.01, 0.9, 0.02]), np.array([0, 0, 0, 1])
    (shot,) = film_tool.histogram_picture([outputs], labels, NAMES)["frames"]
    found = {(round(y, 2), round(y2, 2), style) for _, _, y, y2, style in shot["bars"]}
    assert found == {(-0.67, 0.0, "right"), (-0.33, 0.0, "wrong"), (0.0, 1.0, "wrong")}


def test_the_axis_of_outputs_has_round_ends_and_follows_them() -> None:
    labels = np.array([0, 1])
    outputs = [np.array([0.3, 0.6]), np.array([-31.2, 12.4]), np.array([-1e20, np.inf])]
    axes = [shot["x"] for shot in film_tool.histogram_picture(outputs, labels, NAMES)["frames"]]
    assert [axis["domain"] for axis in axes] == [
        pytest.approx([-0.05, 1.05]),
        pytest.approx([-53.5, 23.5]),
        pytest.approx([-1.05e20, 0.05e20]),
    ]


def test_the_range_of_the_outputs_is_said() -> None:
    outputs = [np.array([-31.2, 12.4]), np.array([np.nan, np.nan])]
    frames = film_tool.histogram_picture(outputs, np.array([0, 1]), NAMES)["frames"]
    assert [shot["said"] for shot in frames] == [
        "outputs from -31.2 to 12.4",
        "outputs from no number to no number",
    ]


def test_for_ten_outputs_it_is_counted_which_digits_are_found() -> None:
    outputs = np.eye(3)[[0, 1, 1, 2]]
    (shot,) = film_tool.found_picture([outputs], np.array([0, 1, 2, 2]), "abc")["frames"]
    assert [(bar[0], bar[3]) for bar in shot["bars"]] == [(-0.4, 1.0), (0.6, 1.0), (1.6, 0.5)]


# What is sent


def test_weights_are_sent_as_shares_in_a_byte_each() -> None:
    shares = np.array([[[[1.0, -2.0], [0.5, np.nan]]]])
    picture = player.weights_picture("Weights", shares)
    sent = np.frombuffer(base64.b64decode(picture["frames"][0]), np.int8)
    assert sent.tolist() == [127, -127, 64, player.NOT_A_NUMBER]
    assert picture["size"] == [1, 2, 2]


def test_ticks_are_round_numbers() -> None:
    assert player.ticks(0.0, 1.0) == [
        (pytest.approx(i / 5), text)
        for i, text in enumerate(("0", "0.2", "0.4", "0.6", "0.8", "1"))
    ]
    assert [player.round_up(value) for value in (0.0, 1.0, 1.2, 31.0, 0.004)] == [
        0,
        1,
        2,
        50,
        0.005,
    ]
    assert [text for _, text in player.ticks(-31.5, 12.5)] == [
        "\u221230",
        "\u221220",
        "\u221210",
        "0",
        "10",
    ]


def test_pictures_of_another_length_are_refused_in_a_sentence() -> None:
    chart = film_tool.decision_picture([np.zeros((101, 2))], 0.5, NAMES)
    with pytest.raises(ValueError, match=r"as many frames\. Received: 2, 2, 1"):
        player.film("a", [0, 1], ["", ""], chart)


def size(picture: dict[str, Any]) -> int:
    return len(json.dumps(picture, allow_nan=False))


def test_the_largest_films_stay_small_on_the_wire() -> None:
    rng = np.random.default_rng(0)
    sizes = (1, 88, 84, 2)
    shapes = [shape for a, b in pairwise(sizes) for shape in ((a, b), (b,))]
    weights = [[rng.normal(size=s) for s in shapes] for _ in range(MAX_FRAMES + 1)]
    network = player.network_picture("", sizes, weights)
    outputs = rng.random((MAX_FRAMES + 1, 101, 2))
    curve = film_tool.decision_picture(list(outputs), 0.5, NAMES)
    assert size(network) + size(curve) < 1_000_000
    ten = player.weights_picture("", rng.normal(size=(MAX_FRAMES + 1, 10, 28, 28)))
    labels = rng.integers(0, 2, 2000)
    bars = film_tool.histogram_picture(list(rng.normal(size=(MAX_FRAMES + 1, 2000))), labels, NAMES)
    assert size(ten) + size(bars) < 1_000_000


# On a page


def page() -> None:
    from ui.components.network import film as player
    from ui.components.network.film import Axis, Shot

    axis = Axis("x", 0.0, 1.0, player.ticks(0.0, 1.0))
    chart = player.chart_picture("A", "A line.", (axis, axis), [Shot(lines=[("first", [0, 1])])])
    player.play_film(player.film("one", [0], ["update 0"], chart), key="test.film")


def test_it_mounts_on_a_page() -> None:
    test = AppTest.from_function(page).run()
    assert not test.exception
    (sent,) = json.loads(test.main[0].proto.json)
    assert sent["captions"] == ["update 0"]
    assert sent["pictures"][0]["frames"][0]["lines"] == [["first", [0, 1]]]

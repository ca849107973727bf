"""What the film player sends to the browser, and the size of it all."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nncore.film import MAX_FRAMES
from ui.components.network import film as player
from ui.perceptron.film import histogram_picture
from ui.rounding.film import decision_picture

NAMES = ("below", "above")


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
    chart = decision_picture([np.zeros((101, 2))], 0.5, NAMES)
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
    curve = decision_picture(list(outputs), 0.5, NAMES)
    assert size(network) + size(curve) < 1_000_000
    ten = player.weights_picture("", rng.normal(size=(MAX_FRAMES + 1, 10, 28, 28)))
    labels = rng.integers(0, 2, 2000)
    bars = histogram_picture(list(rng.normal(size=(MAX_FRAMES + 1, 2000))), labels, NAMES)
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

"""The frame that the lights are drawn from, and the clicks that come back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nncore.analysis.activation_trace import Connection
from ui.components import lights
from ui.components.network import Node
from ui.core import state

VALUES = (np.array([0.0, 0.5, 1.0]), np.array([-2.0, 0.0, 1.0, np.inf]), np.array([0.25, 0.75]))


def frame(chosen: Node | None = None) -> lights.Frame:
    lines = [Connection(2, 2, 1, 3.0), Connection(1, 1, 2, -1.5)]
    return lights.frame(VALUES, lines, ("in", "hidden", "out"), ("a", "b"), chosen)


def test_lights_are_shares_of_their_layers_largest_number() -> None:
    _, hidden, outputs = frame()["layers"]
    assert hidden["lights"] == [-1, 0, 0.5, None]
    assert hidden["values"] == [-2, 0, 1, None]
    assert outputs["lights"] == [0.333, 1]
    assert (hidden["labels"], outputs["labels"]) == ([], ["a", "b"])


def test_paths_are_shares_of_the_strongest() -> None:
    assert frame()["lines"] == [[2, 2, 1, 1.0], [1, 1, 2, -0.5]]


def test_the_picture_is_told_in_words() -> None:
    assert frame()["text"] == (
        "Of the hidden layers' units 2 of 4 are above 0. The largest output is number 1."
    )


def test_a_frame_is_plain_json() -> None:
    assert json.loads(json.dumps(frame(Node(1, 2)), allow_nan=False))["chosen"] == [1, 2]


@pytest.mark.parametrize(("units", "side"), [(784, 28), (10, 1), (32, 4), (300, 12), (512, 16)])
def test_many_lights_stand_in_a_grid_and_an_image_is_a_square(units: int, side: int) -> None:
    assert lights.columns(units) == side


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"layer": 1, "unit": 3}, Node(1, 3)),
        ({"layer": 0, "unit": 3}, None),  # an input adds nothing up
        ({"layer": 1, "unit": 4}, None),
        ({"layer": 1, "unit": -1}, None),
        ({"layer": "1", "unit": 1}, None),
        ([1, 2], None),
        (None, None),
    ],
)
def test_only_a_unit_of_the_network_can_be_clicked(
    sent: object, found: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "get", lambda key: {"clicked": sent})
    assert lights.clicked("any", (3, 4, 2)) == found

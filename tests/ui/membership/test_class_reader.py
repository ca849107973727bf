"""A class's reader as bytes: packed, and checked like an upload."""

import io
import zipfile

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint, CheckpointError
from nncore.experiment import Experiment
from ui.membership.class_reader import pack, unpack


def make_checkpoint(units: int = 8, fill: float = 0.5) -> Checkpoint:
    experiment = Experiment().updated({"model.units": (8,)})
    shapes = [(784, units), (units,), (units, 10), (10,)]
    weights = tuple(np.full(shape, fill, np.float32) for shape in shapes)
    return Checkpoint(experiment, "f" * 16, weights, epoch=1)


def test_a_reader_comes_back_with_its_weights() -> None:
    checkpoint = make_checkpoint()
    found = unpack(pack(checkpoint))
    assert found.experiment == checkpoint.experiment
    assert all(np.array_equal(a, b) for a, b in zip(found.weights, checkpoint.weights, strict=True))


def test_weights_of_another_shape_or_without_a_value_are_refused() -> None:
    for broken in (make_checkpoint(units=9), make_checkpoint(fill=np.nan)):
        with pytest.raises(CheckpointError):
            unpack(pack(broken))


def test_what_would_unpack_to_too_much_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("weights_0.npy", bytes(64 * 2**20))
    with pytest.raises(CheckpointError, match="too much"):
        unpack(buffer.getvalue())
    with pytest.raises(CheckpointError):
        unpack(b"no archive")

"""Networks in few bytes: their size, their digest, and what becomes of strange weights."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from nncore.nn.network import Layer, Network
from nncore.nn.packing import MOST_BYTES, pack


def network(*sizes: int, factor: float = 1.0) -> Network:
    rng = np.random.default_rng(0)
    layers = [
        Layer(
            (factor * rng.normal(0, 0.1, (inputs, units))).astype(np.float32),
            np.zeros(units, np.float32),
            "relu",
        )
        for inputs, units in pairwise(sizes)
    ]
    return Network(tuple(layers), scaled=True)


def test_a_small_network_is_packed_as_float16() -> None:
    packed = pack(network(784, 32, 10))
    assert [layer.kind for layer in packed.layers] == ["float16", "float16"]
    assert [(layer.inputs, layer.units) for layer in packed.layers] == [(784, 32), (32, 10)]


def test_the_lessons_own_network_takes_less_than_a_megabyte_as_text() -> None:
    packed = pack(network(784, 512, 256, 10))
    assert [layer.kind for layer in packed.layers] == ["int8", "float16", "float16"]
    assert len(packed.data) <= MOST_BYTES
    assert 4 * len(packed.data) / 3 < 1e6


def test_the_digest_is_that_of_the_weights() -> None:
    one, same, other = (pack(network(784, 8, 10, factor=f)) for f in (1, 1, 1.5))
    assert one.digest == same.digest
    assert one.digest != other.digest


def test_weights_beyond_float16_and_nan_stay_as_int8() -> None:
    huge = network(784, 8, 10, factor=1e8)
    assert {layer.kind for layer in pack(huge).layers} == {"int8"}
    huge.layers[0].kernel[3, 2] = np.nan
    data = pack(huge).data
    scales = np.frombuffer(data, "<f4", 8, offset=4 * 8)
    assert np.flatnonzero(np.isnan(scales)).tolist() == [2]

"""Pack a network's weights into few bytes, for the copy that reads in the browser.

Kernels are float16 where there is room for it, else int8 with a scale for each unit. On the
digits of `benchmarks/drawing.py` the packed network predicts as the original does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.nn.network import Layer, Network

Kind: TypeAlias = Literal["int8", "float16"]

#: Bytes that a packed network may take; more only where int8 alone takes more. As text (Base64) it
#: is then smaller than 1 MB.
MOST_BYTES = 750_000
#: The largest int8.
_LARGEST = 127


@dataclass(frozen=True)
class PackedLayer:
    """The form of a layer in the packed bytes.

    Args:
        inputs: The numbers that go in.
        units: The numbers that come out.
        activation: The name of its activation function.
        kind: How its kernel is packed.
    """

    inputs: int
    units: int
    activation: str
    kind: Kind


@dataclass(frozen=True)
class PackedNetwork:
    """A network in few bytes.

    Args:
        digest: Names the packed weights: others have another digest.
        layers: The form of each layer.
        scaled: True if pixels are divided by 255 before they go in.
        data: For each layer the bias, (units,) float32; then the kernel: (units,) float32 scales
            and (inputs, units) int8, or (inputs, units) float16. All little-endian.
    """

    digest: str
    layers: tuple[PackedLayer, ...]
    scaled: bool
    data: bytes


def pack(network: Network, most_bytes: int = MOST_BYTES) -> PackedNetwork:
    """Pack a network's weights.

    Args:
        network: Any network.
        most_bytes: Kernels stay int8 where float16 would take more than this in total.
    """
    kinds = _choose_kinds(network.layers, most_bytes)
    both = list(zip(network.layers, kinds, strict=True))
    data = b"".join(_pack(layer, kind) for layer, kind in both)
    forms = tuple(_form(layer, kind) for layer, kind in both)
    digest = hashlib.sha256(repr((forms, network.scaled)).encode() + data).hexdigest()
    return PackedNetwork(digest, forms, network.scaled, data)


def _form(layer: Layer, kind: Kind) -> PackedLayer:
    inputs, units = layer.kernel.shape
    return PackedLayer(int(inputs), int(units), layer.activation, kind)


def _choose_kinds(layers: Sequence[Layer], most_bytes: int) -> tuple[Kind, ...]:
    """Return float16 for as many layers as there is room for, the smallest first."""
    kinds: list[Kind] = ["int8"] * len(layers)
    total = sum(_size(layer, "int8") for layer in layers)
    for number in sorted(range(len(layers)), key=lambda number: layers[number].kernel.size):
        total += _size(layers[number], "float16") - _size(layers[number], "int8")
        if total > most_bytes or not _fits_float16(layers[number]):
            break
        kinds[number] = "float16"
    return tuple(kinds)


def _size(layer: Layer, kind: Kind) -> int:
    bias, kernel = 4 * layer.bias.size, int(layer.kernel.size)
    return bias + (2 * kernel if kind == "float16" else 4 * layer.bias.size + kernel)


def _fits_float16(layer: Layer) -> bool:
    """Return True unless finite weights would become infinite."""
    sizes = np.abs(layer.kernel[np.isfinite(layer.kernel)])
    return float(sizes.max(initial=0)) <= float(np.finfo(np.float16).max)


def _pack(layer: Layer, kind: Kind) -> bytes:
    bias = layer.bias.astype("<f4").tobytes()
    if kind == "float16":
        return bias + layer.kernel.astype("<f2").tobytes()
    numbers, scales = _to_int8(layer.kernel)
    return bias + scales.astype("<f4").tobytes() + numbers.tobytes()


def _to_int8(kernel: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return (inputs, units) int8 and (units,) scales. A unit with NaN or infinity gets scale NaN.

    Its sum is then NaN, as it is in the original.
    """
    scales = np.abs(kernel).max(axis=0) / np.float32(_LARGEST)
    is_usable = np.isfinite(scales) & (scales > 0)
    divisors = np.where(is_usable, scales, np.float32(1))
    numbers = np.where(is_usable, np.rint(kernel / divisors), np.float32(1)).astype(np.int8)
    scales = np.where(np.isfinite(scales), scales, np.float32(np.nan))
    return numbers, scales.astype(np.float32)

"""Networks of hand-written layers for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from nncore.nn.network import Layer, Network


def network_of(*layers: tuple[Any, Any, str]) -> Network:
    return Network(
        tuple(Layer(np.asarray(k, "f4"), np.asarray(b, "f4"), name) for k, b, name in layers)
    )

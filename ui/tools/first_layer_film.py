"""The film of a first layer: its weights as pictures, and the training loss up to each frame.

It needs no whole networks, so there is one of every network on images.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.data.splits import updates_per_epoch
from nncore.film import MAX_FILMED_UNITS, Frame, is_filmed_whole
from ui.charts.weight_pictures import full_colour_size
from ui.components.network import film as player
from ui.components.network.film import Axis, Picture, Shot
from ui.core import cached_results
from ui.core.wording import number
from ui.tools.film_tool import list_frames, when_of_frame

Array: TypeAlias = NDArray[Any]

#: Points of the loss curve.
CURVE_POINTS = 121


def build_first_layer_film(checkpoint: Checkpoint, dataset: Dataset) -> Picture:
    """Return the film of a run on images, however large its network is.

    Args:
        checkpoint: A run with a film.
        dataset: Its data.
    """
    frames = list_frames(checkpoint)
    steps = updates_per_epoch(len(dataset.x_train), checkpoint.experiment.fit)
    epochs = [frame.updates / steps for frame in frames]
    captions = [
        _caption(frame.updates, epoch, steps, checkpoint)
        for frame, epoch in zip(frames, epochs, strict=True)
    ]
    weights = weights_picture(checkpoint, frames, dataset.class_names)
    loss = loss_picture(checkpoint, epochs)
    updates = [frame.updates for frame in frames]
    return player.film(cached_results.film_name(checkpoint), updates, captions, weights, loss)


def weights_picture(
    checkpoint: Checkpoint, frames: Sequence[Frame], class_names: Sequence[str]
) -> Picture:
    """Draw the first-layer weights of each frame, each frame on a colour scale of its own.

    Args:
        checkpoint: The run.
        frames: Its frames.
        class_names: The names of the outputs, for a network without a hidden layer.
    """
    shares = np.stack([_colour_shares(_first_layer(checkpoint, frame)) for frame in frames])
    units, total = shares.shape[1], checkpoint.experiment.layer_sizes[1]
    has_hidden_layer = bool(checkpoint.experiment.model.units)
    title = f"First layer: {units} of {total:,} units" if units < total else "First layer"
    return player.weights_picture(
        title,
        shares,
        names=[f"unit {i}" for i in range(units)] if has_hidden_layer else class_names[:units],
        text="The first-layer weights, laid out like the pixels: blue above 0, orange below 0.",
    )


def _first_layer(checkpoint: Checkpoint, frame: Frame) -> Array:
    """Return the filmed first-layer weights, (units, 28, 28)."""
    sizes = checkpoint.experiment.layer_sizes
    if not is_filmed_whole(sizes):
        return frame.pictures()
    kernel = frame.arrays(sizes)[0][:, :MAX_FILMED_UNITS]
    return np.ascontiguousarray(kernel.T).reshape(-1, 28, 28)


def _colour_shares(weights: Array) -> Array:
    """Return weights as shares of the full colour, from -1 to 1."""
    with np.errstate(invalid="ignore"):
        return np.asarray(weights / (full_colour_size(weights) or 1.0))


def loss_picture(checkpoint: Checkpoint, epochs: Sequence[float]) -> Picture:
    """Draw the training loss up to each frame.

    Args:
        checkpoint: The run; its trace gives the loss.
        epochs: The moment of each frame, in epochs.
    """
    last = max(epochs[-1], 1e-9)
    grid = np.linspace(0.0, last, CURVE_POINTS)
    losses = _loss_at(checkpoint, grid)
    finite = losses[np.isfinite(losses)]
    high = player.round_up(float(finite.max())) if finite.size else 1.0
    x = Axis("epoch", 0.0, last, player.ticks(0.0, last))
    y = Axis("training loss", 0.0, high or 1.0, player.ticks(0.0, high or 1.0))
    shots = [
        Shot(
            lines=[
                ("second", player.rounded(np.where(grid <= epoch, losses, np.nan), 0.0, y.high))
            ],
            rules=[(epoch, "border")],
        )
        for epoch in epochs
    ]
    text = "The training loss up to the moment of the film."
    return player.chart_picture("Training loss", text, (x, y), shots)


def _loss_at(checkpoint: Checkpoint, epochs: Array) -> Array:
    """Return the training loss at some moments; NaN before it was first measured.

    Args:
        checkpoint: The run.
        epochs: (n,) moments in epochs.
    """
    if not checkpoint.trace:
        return np.full(np.shape(epochs), np.nan)
    moments, losses, _ = np.array(checkpoint.trace, float).T
    return np.asarray(np.interp(epochs, moments, losses, left=np.nan))


def _caption(updates: int, epoch: float, steps: int, checkpoint: Checkpoint) -> str:
    loss = float(_loss_at(checkpoint, np.array([epoch]))[0])
    measured = f" · loss {number(loss)}" if np.isfinite(loss) else ""
    return f"{when_of_frame(updates, steps)}{measured}"

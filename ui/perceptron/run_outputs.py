"""The outputs of the run shown in lesson 2, for test images."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.data.datasets import Dataset
from nncore.nn.activations import activate
from ui.core import cached_results, resources
from ui.workbench.run_view import View

Array: TypeAlias = NDArray[Any]

#: Most test images whose outputs are computed while the network trains.
MAX_WATCHED = 2000


class RunOutputs(NamedTuple):
    """A network's outputs for some test images.

    Attributes:
        sums: Weighted sums of the output layer, `(n, outputs)`.
        values: The outputs, `(n, outputs)`.
        labels: Class numbers, `(n,)`.
    """

    sums: Array
    values: Array
    labels: Array


def dataset_of(shown: View) -> Dataset:
    """Return the data of the run shown; the settings may already name other labels."""
    return resources.dataset(shown.experiment.data)


def compute_outputs(shown: View) -> RunOutputs | None:
    """Return outputs for all test images of a finished run, for some of them while it trains.

    Args:
        shown: The run that the page shows. None is returned before it has weights.
    """
    if shown.network is None or shown.checkpoint is None:
        return None
    dataset = dataset_of(shown)
    if shown.trained:
        labels = dataset.y_test
        sums = cached_results.weighted_sums(shown.checkpoint, dataset)
    else:
        images, labels = sample_test_images(dataset)
        sums, _ = shown.network.forward(images)[-1]
    return RunOutputs(sums, activate(shown.experiment.model.output_activation, sums), labels)


def sample_test_images(dataset: Dataset) -> tuple[Array, Array]:
    """Return at most `MAX_WATCHED` test images, evenly spread, and their labels."""
    step = -(-len(dataset.x_test) // MAX_WATCHED)
    return dataset.x_test[::step], dataset.y_test[::step]


def has_diverged(shown: View, outputs: RunOutputs) -> bool:
    """Return True if the run ended with a loss of NaN or infinity, or outputs such numbers."""
    failed = shown.checkpoint is not None and bool(shown.checkpoint.failure)
    return failed or not bool(np.isfinite(outputs.values).all())

"""A trained network with its outputs for the test set: what the parts of *Test* look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.nn.network import Network
from ui.content.lesson import Lesson
from ui.core import cached_results
from ui.core.wording import percent

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class EvaluatedNetwork:
    """A trained network and its outputs for the test set.

    Args:
        lesson: The lesson whose texts are shown.
        network: The network.
        dataset: The data that it was trained on.
        outputs: (n, classes), its outputs for the test set.
        is_softmax: True if its outputs are probabilities.
        is_dark: True if the page is dark.
    """

    lesson: Lesson
    network: Network
    dataset: Dataset
    outputs: Array
    is_softmax: bool
    is_dark: bool

    @classmethod
    def of_run(
        cls, lesson: Lesson, checkpoint: Checkpoint, dataset: Dataset, is_dark: bool
    ) -> EvaluatedNetwork:
        """Return the network of a run with weights, evaluated on the test set."""
        experiment = checkpoint.experiment
        return cls(
            lesson,
            Network.of(experiment, checkpoint.weights),
            dataset,
            cached_results.outcome(checkpoint, dataset).outputs,
            experiment.model.output_activation == "softmax",
            is_dark,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The classes' names."""
        return self.dataset.class_names

    @property
    def has_diverged(self) -> bool:
        """True if some outputs are NaN or infinite."""
        return not np.isfinite(self.outputs).all()

    def write_confidence(self, index: int) -> str:
        """Return the confidence of a prediction, `93.4%`; the largest output if not softmax."""
        largest = float(self.outputs[index].max())
        if self.is_softmax or not np.isfinite(largest):
            return percent(largest)
        return f"{largest:.3g}"

    def describe_confidence(self, index: int) -> str:
        """Return the confidence in words: `93.4% confident`, or `output 1.2`."""
        text = self.write_confidence(index)
        return f"{text} confident" if self.is_softmax else f"output {text}"

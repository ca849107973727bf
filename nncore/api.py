"""Train a network in three lines, without the lab: no server, checkpoint or budget to think of.

    from nncore import Experiment, ModelConfig, train

    trained = train(Experiment(model=ModelConfig(units=(64,))))
    trained.evaluate(), trained.predict(images), trained.save("digits.keras")

Everything runs in the calling process. The first call of `train` imports TensorFlow, so the lab's
server never calls it; there the same engine runs in worker processes (`nncore.runtime`).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.checkpoint import Arrays, Checkpoint
from nncore.data.datasets import Dataset, load
from nncore.digits.collection import Digit, DigitCollection
from nncore.experiment import Experiment
from nncore.nn import evaluation, losses, network, optimizers
from nncore.training.branch import begin
from nncore.training.in_process import OnProgress, ProgressBar, is_interactive, train_checkpoint

Array: TypeAlias = NDArray[Any]


def train(
    experiment: Experiment,
    *,
    on_progress: OnProgress | None = None,
    show_progress: bool | None = None,
) -> TrainedModel:
    """Train a network from its starting weights.

    The same experiment on the same data gives the same weights, bit for bit on one machine, with
    or without callbacks, here or in the lab.

    Args:
        experiment: The data, the network and how to train it.
        on_progress: Called with a `TrainingProgress` at the end of every epoch, and about four
            times a second within one, but not while it is validated. If it returns False, training
            stops and the network trained so far is returned. An exception that it raises ends
            training and is passed on.
        show_progress: Print Keras's progress bar. By default only in a terminal or a notebook.

    Returns:
        The trained network. If the loss became NaN or infinite, its `failure` says so.

    Warns:
        RuntimeWarning: If the loss became NaN or infinite.
        UserWarning: If a setting is probably not meant, such as early stopping without validation.

    Raises:
        nncore.DataUnavailable: If the data are not on this machine.
    """
    start = Checkpoint(experiment, load(experiment.data).fingerprint)
    return _train_from(start, on_progress, show_progress)


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained network. It never changes: training further returns another `TrainedModel`.

    Args:
        checkpoint: Everything that training holds: weights, optimizer, history.
    """

    checkpoint: Checkpoint

    @property
    def experiment(self) -> Experiment:
        """The experiment that was trained."""
        return self.checkpoint.experiment

    @property
    def history(self) -> dict[str, list[float]]:
        """One number per epoch by name ("loss", "val_accuracy", ...), as Keras's `History`."""
        return {name: list(column) for name, column in self.checkpoint.history.items()}

    @property
    def weights(self) -> Arrays:
        """`(kernel, bias, kernel, bias, ...)`: (inputs, units) and (units,) float32, read-only."""
        views = tuple(array.view() for array in self.checkpoint.weights)
        for view in views:
            view.setflags(write=False)
        return views

    @property
    def network(self) -> network.Network:
        """The network in NumPy: layer by layer, with every activation."""
        return network.Network.of(self.experiment, self.checkpoint.weights)

    @property
    def dataset(self) -> Dataset:
        """The data that the network was trained on, with its test set."""
        return load(self.experiment.data, self.checkpoint.fingerprint)

    @property
    def is_finished(self) -> bool:
        """Return True if no epoch is left: all are done, or the run ended early."""
        return self.checkpoint.finished

    @property
    def is_branch(self) -> bool:
        """Return True if the experiment alone does not lead to these weights.

        So it is after another learning rate, weights set by hand, or training on own digits.
        """
        return bool(self.checkpoint.edits)

    @property
    def failure(self) -> str:
        """A sentence if the loss became NaN or infinite, else an empty string."""
        return self.checkpoint.failure

    def predict(self, x: Array) -> NDArray[np.float32]:
        """Return the network's outputs, as Keras's `model.predict`.

        Args:
            x: Images (n, 28, 28) or (n, 784), or a single one; uint8 pixels from 0 to 255 are
                scaled as in training, floats are taken as they are. Rounding: numbers (n,) or
                (n, 1).

        Returns:
            (n, outputs) float32.

        Raises:
            ValueError: If the shape or the dtype does not fit.
        """
        return self.network.predict(x)

    def predict_classes(self, x: Array) -> NDArray[np.int64]:
        """Return the predicted class numbers, (n,); `x` as for `predict`."""
        return losses.predicted_classes(self.predict(x))

    def evaluate(self, x: Array | None = None, y: Array | None = None) -> dict[str, float]:
        """Return loss and metrics by name, as Keras's `model.evaluate(..., return_dict=True)`.

        Args:
            x: Inputs as for `predict`; by default the test set.
            y: (n,) class numbers of `x`.

        Raises:
            ValueError: If only one of `x` and `y` is given, or their lengths differ.
        """
        if (x is None) != (y is None):
            raise ValueError("evaluate() needs both x and y, or neither for the test set.")
        if x is None or y is None:
            x, y = self.dataset.x_test, self.dataset.y_test
        return evaluation.evaluate(self.network, self.experiment, x, y)

    def to_keras(self) -> Any:
        """Return a compiled `keras.Sequential` with these weights.

        Its input is (n, 784) or (n, 1) float32 as `trained.network.prepare(x)` makes it. The
        optimizer starts anew.
        """
        from nncore.training.model import build

        model = build(self.experiment)
        model.set_weights(list(self.checkpoint.weights))
        return model

    def save(self, path: str | Path) -> Path:
        """Write the network to a file.

        Args:
            path: `"name.keras"` for Keras (`keras.models.load_model` reads it), or `"name.npz"`
                for `TrainedModel.load`, which keeps history and optimizer too.

        Returns:
            The path.

        Raises:
            ValueError: If the name ends in anything else.
            OSError: If the file cannot be written.
        """
        path = Path(path)
        if path.suffix == ".keras":
            from nncore.training.model import keras_file

            path.write_bytes(keras_file(self.experiment, self.checkpoint.weights))
        elif path.suffix == ".npz":
            path.write_bytes(self.checkpoint.to_bytes())
        else:
            raise ValueError(f"path must end in .keras or .npz. Received: path={str(path)!r}")
        return path

    @classmethod
    def load(cls, path: str | Path) -> TrainedModel:
        """Read an `.npz` file that `save` wrote.

        Raises:
            nncore.checkpoint.CheckpointError: If the file holds something else, or is damaged.
            OSError: If the file cannot be read.
        """
        return cls(Checkpoint.from_bytes(Path(path).read_bytes()))

    def continue_training(
        self,
        epochs: int | None = None,
        *,
        learning_rate: float | None = None,
        on_progress: OnProgress | None = None,
        show_progress: bool | None = None,
    ) -> TrainedModel:
        """Train further from here.

        Without a new learning rate the result is the same as asking for more epochs at once
        (except with the cosine schedule, which is stretched over the new number of epochs).

        Args:
            epochs: How many more; by default those that the experiment has left.
            learning_rate: The optimizer's new learning rate. The result is then a branch.
            on_progress: As for `train`.
            show_progress: As for `train`.

        Raises:
            ValueError: If nothing is left to train, training failed, or a number is out of bounds.
        """
        start = self.checkpoint
        if epochs is not None:
            if type(epochs) is not int or epochs < 1:
                raise ValueError(f"epochs must be 1 or more. Received: epochs={epochs!r}")
            start = start.extended(start.experiment.updated({"fit.epochs": start.epoch + epochs}))
        if start.finished:
            raise ValueError(_why_finished(start))
        if learning_rate is not None:
            start = start.with_learning_rate(learning_rate)
        return _train_from(start, on_progress, show_progress)

    def with_weights(self, weights: Sequence[Array]) -> TrainedModel:
        """Return a branch with other weights; the optimizer's state is kept.

        Args:
            weights: `(kernel, bias, kernel, bias, ...)` float32 in the shapes of `self.weights`.

        Raises:
            ValueError: If a shape or dtype differs, or a number is not finite.
        """
        return TrainedModel(self.checkpoint.with_weights(weights))

    def fine_tune(self, images: NDArray[np.uint8], labels: Array, *, seed: int = 0) -> TrainedModel:
        """Train further on own digits, mixed with the data that the network knows already.

        Twenty short epochs of Adam with a small learning rate; see `nncore.training.fine_tuning`.
        Only for networks trained on the data `"digits"`. The optimizer starts anew afterwards.

        Args:
            images: (n, 28, 28) uint8, 5 to 500 of them, white ink on black as in MNIST;
                `nncore.to_mnist` makes such images of drawings.
            labels: (n,) whole numbers from 0 to 9.
            seed: Another one draws and distorts the samples in another way.

        Raises:
            ValueError: If the network is not one for digits, or the images or labels do not fit.
        """
        from nncore.training.fine_tuning import go_on

        branch = begin(self.checkpoint, _collect_digits(images, labels), seed)
        while not branch.finished:
            branch = go_on(branch, seconds=60.0)
        slots = optimizers.first_slots(self.experiment.fit, branch.checkpoint.weights)
        # Early stopping must not bring back weights from before these digits.
        tuned = replace(branch.checkpoint, slots=slots, best_epoch=0, aside=())
        return TrainedModel(tuned)


def _train_from(
    start: Checkpoint, on_progress: OnProgress | None, show_progress: bool | None
) -> TrainedModel:
    """Train on from a checkpoint, and warn if the loss stopped being a finite number."""
    for warning in start.experiment.warnings:
        warnings.warn(warning.sentence, UserWarning, stacklevel=3)
    is_shown = is_interactive() if show_progress is None else show_progress
    callbacks = (ProgressBar() if is_shown else None, on_progress)
    end = train_checkpoint(start, tuple(call for call in callbacks if call is not None))
    if end.failure:
        warnings.warn(end.failure, RuntimeWarning, stacklevel=3)
    return TrainedModel(end)


def _why_finished(checkpoint: Checkpoint) -> str:
    """Return the sentence that says why a finished run cannot be trained further as it is."""
    if checkpoint.failure:
        return f"{checkpoint.failure} Train again from the start with other settings."
    if checkpoint.stopped_early:
        patience = checkpoint.experiment.fit.patience
        return (
            f"Early stopping ended this run: {patience} epochs without a lower loss. "
            "Train again with a larger fit.patience, or with 0 to switch it off."
        )
    return (
        f"All {checkpoint.epoch} epochs are done. Say how many more to train, "
        "such as continue_training(epochs=5)."
    )


def _collect_digits(images: NDArray[np.uint8], labels: Array) -> DigitCollection:
    """Return images (n, 28, 28) uint8 and labels (n,) as a collection of own digits."""
    if len(images) != len(labels):
        raise ValueError(
            "images and labels must have the same length. "
            f"Received: {len(images)} images, {len(labels)} labels"
        )
    pairs = zip(images, labels, strict=True)
    return DigitCollection(tuple(Digit.from_image(image, int(label)) for image, label in pairs))

"""Estimate the memory that a run takes in a worker, and refuse in a sentence what does not fit.

Pure functions of an experiment. The estimate counts what is resident, as dask does when it ends a
worker. It was fitted to processes on Linux with TensorFlow 2.21 that trained 784-32-10 and
784-1024-1024-1024-10 with SGD, RMSprop and Adam, batches of 128 to 8,192, dropout and augmentation.
Where it is too low, the worker dies and the run is ended: see `nncore.runtime.scheduling.lost`.
"""

from __future__ import annotations

from typing import NamedTuple

from nncore.data.datasets import count_shuffled
from nncore.experiment import DataConfig, Experiment

_MB = 2**20
#: Bytes that the open runs of all sessions may hold in the server, and bytes of a small run. The
#: largest run has 47 MB.
MOST_BYTES, SMALL_BYTES = 384 * _MB, _MB
#: Bytes that a run adds to a worker from which it may fill it; lesson 4's reader adds 40 MB.
LARGE_BYTES = 48 * _MB
#: Bytes of a worker that has loaded TensorFlow, and what compiling a network adds.
LOADED, COMPILING = 560 * _MB, 90 * _MB
#: Copies of weights and optimizer slots during a slice: the variables, their values before the
#: chunk, the results, and the checkpoints that arrive and leave.
STATE_COPIES = 4.5
#: Copies of the best epoch's weights, in the checkpoints that arrive and leave.
_ASIDE_COPIES = 2
#: Arrays of the network's size that each optimizer keeps; momentum is one more.
_SLOTS = {"sgd": 0, "rmsprop": 1, "adam": 2}
_FLOAT = 4
#: Numbers of a unit and a sample: its output and the gradient; dropout adds a mask and a product.
_UNIT_NUMBERS, _DROPOUT_NUMBERS = 2, 2
#: Numbers of a pixel and a sample that each augmentation takes.
_AUGMENT_NUMBERS = {
    "none": 0,
    "affine": 5,
    "affine_thickness": 5,
    "elastic": 11,
    "styles": 15,
}
#: Images that MNIST and Fashion-MNIST have, and those of them to train on.
_IMAGES, _TRAINING_IMAGES = 70_000, 60_000


class MemoryNeed(NamedTuple):
    """The bytes that a run takes in a worker.

    Attributes:
        program: Python and TensorFlow, with a compiled network.
        parameters: Weights and optimizer slots, with their copies.
        batch: What the layers compute for one batch.
        data: The samples and labels.
    """

    program: int
    parameters: int
    batch: int
    data: int

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self)


def estimate_need(experiment: Experiment) -> MemoryNeed:
    """Return the bytes that training an experiment takes in a worker that trains nothing else."""
    return MemoryNeed(
        LOADED + COMPILING,
        _parameter_bytes(experiment),
        _batch_bytes(experiment),
        _data_bytes(experiment.data),
    )


def refuse(experiment: Experiment, room: int) -> str:
    """Return why an experiment cannot be trained here, in a sentence; empty if it can.

    Args:
        experiment: The experiment.
        room: Bytes that a worker may take; 0 means that they are not known.
    """
    need = estimate_need(experiment)
    if not room or need.total <= room:
        return ""
    return (
        f"This run needs about {need.total // _MB:,} MB of memory, but a worker of this lab has "
        f"{room // _MB:,} MB. {_advise(experiment, need, room)}"
    )


def may_fill(experiment: Experiment) -> bool:
    """Return True if a run may be why a worker held too much; small ones are only hit by it."""
    need = estimate_need(experiment)
    return need.parameters + need.batch >= LARGE_BYTES


def refuse_one_more(experiment: Experiment, held: int, most: int = MOST_BYTES) -> str:
    """Return why the server has no room for one more open run; empty if it has.

    Args:
        experiment: The run's. A small one finds room in any case: a session takes as much.
        held: Bytes that the open runs of all sessions hold.
        most: Bytes that they may hold.
    """
    size = checkpoint_bytes(experiment)
    if size < SMALL_BYTES or held + size <= most:
        return ""
    return (
        "The lab has as many large runs as fit into its memory. Choose fewer units, or wait until "
        "other runs have ended."
    )


def checkpoint_bytes(experiment: Experiment) -> int:
    """Return the bytes that the server keeps of an open run: weights, optimizer slots, the best."""
    return (
        experiment.parameters * _FLOAT * (_count_arrays(experiment) + bool(experiment.fit.patience))
    )


def _advise(experiment: Experiment, need: MemoryNeed, room: int) -> str:
    if need.program + need.data > room:
        return "No network fits: the lab needs a machine with more memory."
    if need.parameters >= need.batch:
        return "Choose fewer units or fewer layers."
    if experiment.fit.augment != "none":
        return "Choose a smaller batch size, or no augmentation."
    return "Choose a smaller batch size."


def _parameter_bytes(experiment: Experiment) -> int:
    copies = _count_arrays(experiment) * STATE_COPIES
    copies += _ASIDE_COPIES if experiment.fit.patience else 0
    return int(experiment.parameters * _FLOAT * copies)


def _count_arrays(experiment: Experiment) -> int:
    """Return how many arrays of the network's size a run has: the weights and the slots."""
    fit = experiment.fit
    return 1 + _SLOTS[fit.optimizer] + (fit.momentum > 0)


def _batch_bytes(experiment: Experiment) -> int:
    numbers = _UNIT_NUMBERS + (_DROPOUT_NUMBERS if experiment.model.dropout else 0)
    units = sum(experiment.layer_sizes[1:]) * numbers * _FLOAT
    inputs = experiment.inputs * (_FLOAT + experiment.data.is_image)  # images come as bytes, too
    distorted = experiment.inputs * _AUGMENT_NUMBERS[experiment.fit.augment] * _FLOAT
    return experiment.fit.batch_size * (units + inputs + distorted)


def _data_bytes(data: DataConfig) -> int:
    """Return the bytes of the arrays that are loaded, and of the padded tensors made of them."""
    if data.name == "rounding":
        rows, sample, loaded = data.samples, _FLOAT, data.samples * _FLOAT
    else:
        rows, sample = _count_training_images(data), 784
        loaded = sample * (rows if data.name == "own" else _IMAGES)
    padded = 1 << max(6, (rows - 1).bit_length())
    if data.name in ("digits", "five", "fashion") and rows < _TRAINING_IMAGES:
        loaded += sample * min(count_shuffled(rows), _TRAINING_IMAGES)
    return loaded + padded * (sample + data.outputs * _FLOAT)


def _count_training_images(data: DataConfig) -> int:
    if data.name == "own":
        return len(data.own.images) if data.own is not None else 1  # starter sets are small
    return min(data.samples or _TRAINING_IMAGES, _TRAINING_IMAGES)

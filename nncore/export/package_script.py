"""Write the program of an experiment that Keras's own layers cannot express: it imports `nncore`.

`nncore.export.script` writes plain Keras programs. Augmentation is the exception: Keras has no
layers for the lab's distortion, so the plain program trains on other images and reads worse.
This file only writes text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.export.script_text import count_nouns, explain, list_versions, write_number

_PARTS = (("data", DataConfig), ("model", ModelConfig), ("fit", FitConfig))


def to_package_script(experiment: Experiment) -> str:
    """Return a program that trains an experiment with `nncore`, as the lab itself does.

    It gives the lab's own weights, and so the accuracy that the page shows.

    Args:
        experiment: The experiment.

    Returns:
        Python source, no line longer than 100 characters.
    """
    return "\n\n".join(_write_paragraphs(experiment)) + "\n"


def _write_paragraphs(experiment: Experiment) -> Iterator[str]:
    sizes = "-".join(str(size) for size in experiment.layer_sizes)
    yield (
        '"""Handwritten digits: a network learns to read them.\n\n'
        f"The network is {sizes}: {count_nouns(experiment.parameters, 'parameter')}.\n"
        "Training distorts every image anew in each epoch. Keras has no layers for that,\n"
        "so this program uses nncore, the module behind the Neural Network Lab.\n"
        "It gives the same network as the lab.\n\n"
        "Before the first run: pip install FOLDER, where FOLDER is the lab's with pyproject.toml.\n"
        f"{list_versions()}\n"
        '"""'
    )
    yield "from nncore import DataConfig, Experiment, FitConfig, ModelConfig, train"
    yield explain(
        "The settings of the page. What is not named here has its usual value.",
        "experiment = Experiment(",
        *(f"    {line}" for name, _ in _PARTS for line in _write_part(experiment, name)),
        ")",
    )
    yield explain("Train with Keras and TensorFlow.", "trained = train(experiment)")
    yield explain(
        "How good is the network on the test set? It was not trained on these images.",
        "scores = trained.evaluate()",
        "print(f\"test loss: {scores['loss']:.4f}\")",
        "print(f\"test accuracy: {scores['accuracy']:.4f}\")",
    )
    yield explain(
        "Save the network. keras.models.load_model reads this file, in Keras 3.8 and newer.",
        'trained.save("digits.keras")',
    )


def _write_part(experiment: Experiment, name: str) -> Iterator[str]:
    """Yield the lines of one of the three parts of an experiment, with its changed settings."""
    part = getattr(experiment, name)
    default = dict(_PARTS)[name]()
    yield f"{name}={type(part).__name__}("
    for setting in fields(part):
        value = getattr(part, setting.name)
        if value != getattr(default, setting.name):
            text = write_number(value) if isinstance(value, float) else repr(value)
            yield f"    {setting.name}={text},".replace("'", '"')
    yield "),"

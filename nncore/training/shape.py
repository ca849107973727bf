"""The shape of an experiment: the settings that decide which compiled function trains it.

No TensorFlow here: the server estimates training times by shape, and workers reuse compiled
networks by shape.
"""

from __future__ import annotations

from functools import lru_cache

from nncore.experiment import Experiment

#: Settings that change the compiled function, besides all those of the model.
COMPILED_SETTINGS = frozenset(
    """data.name data.samples data.scaled fit.optimizer fit.momentum fit.loss fit.metric
    fit.batch_size fit.augment""".split()
)


def shape_of(experiment: Experiment) -> Experiment:
    """Return the experiment with every setting that is only data at its default value.

    Experiments of one shape share compiled networks: they may differ in seed, learning rate,
    epochs, validation, patience, and in which samples they train on.

    Args:
        experiment: Any experiment.

    Returns:
        An experiment that is equal for all experiments of the same shape.
    """
    return _shape_of(experiment.without_drawings())  # or the cache would keep the drawings


@lru_cache(maxsize=4096)
def _shape_of(experiment: Experiment) -> Experiment:
    settings = {
        name: value
        for name, value in experiment.settings().items()
        if name in COMPILED_SETTINGS or name.startswith("model.")
    }
    settings["data.samples"] = 2 if experiment.data.name == "rounding" else 0
    if experiment.data.name == "own":  # of the drawings only the number of classes matters
        settings["data.drawings"] = f"{experiment.outputs}-{'0' * 32}"
    if experiment.fit.schedule != "none":  # the rates are data; that there are any is compiled in
        settings["fit.schedule"] = "cosine"
    return Experiment.from_settings(settings)

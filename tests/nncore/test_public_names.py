"""The public names of `nncore`: pinned, imported from where they are made, and nothing heavy."""

import inspect
import subprocess
import sys

import pytest

import nncore

#: Every public name with its kind or its signature's parameters. Who uses `nncore` relies on
#: these: add at will, but rename or remove only in a release that says so.
PINNED = {
    "Budget": "seconds, batches, epochs",
    "Checkpoint": "experiment, fingerprint, weights, slots, counters, epoch, step, totals, "
    "history, trace, seconds, failure, edits, film, best_epoch, aside, validation_totals",
    "DataConfig": "name, samples, scaled, threshold, label_noise, seed, drawings, own",
    "DataUnavailable": "sentence, notes",
    "Dataset": "name, x_train, x_test, y_train, y_test, class_names, source, fingerprint, fact, "
    "embedded, notes",
    "Experiment": "data, model, fit",
    "FitConfig": "optimizer, learning_rate, momentum, loss, metric, epochs, batch_size, "
    "validation, validation_split, augment, seed, patience, schedule",
    "Lab": "store, opener",
    "ModelConfig": "units, activation, output_activation, dropout, l1, l2",
    "Network": "layers, scaled",
    "Runner": "executor, slots, is_lost, on_finished, clock, background, has_killed, refuse, "
    "memory_kills, most_bytes, put_away",
    "SettingError": "name, sentence",
    "Store": "folder, limit_bytes",
    "Sweep": "base, axes, sample, seed",
    "TrainedModel": "checkpoint",
    "TrainingProgress": "epoch, epochs, batch, batches, logs, checkpoint",
    "advance": "experiment, checkpoint, budget",
    "diagnose": "checkpoint, x, y",
    "load": "config, fingerprint",
    "to_mnist": "image, crop, keep_aspect, centre, invert",
    "to_script": "experiment, kind",
    "train": "experiment, on_progress, show_progress",
}
#: The same for the methods of `TrainedModel`; a property has no parameters.
PINNED_TRAINED_MODEL = {
    "continue_training": "self, epochs, learning_rate, on_progress, show_progress",
    "dataset": "",
    "evaluate": "self, x, y",
    "experiment": "",
    "failure": "",
    "fine_tune": "self, images, labels, seed",
    "history": "",
    "is_branch": "",
    "is_finished": "",
    "load": "path",
    "network": "",
    "predict": "self, x",
    "predict_classes": "self, x",
    "save": "self, path",
    "to_keras": "self",
    "weights": "",
    "with_weights": "self, weights",
}


def parameters(thing: object) -> str:
    """The names of what a function or class takes; empty for a property."""
    return ", ".join(inspect.signature(thing).parameters) if callable(thing) else ""


def test_the_public_names_and_what_they_take_are_pinned() -> None:
    assert {name: parameters(getattr(nncore, name)) for name in nncore.__all__} == PINNED


def test_the_methods_of_a_trained_model_are_pinned() -> None:
    model = nncore.TrainedModel
    names = [name for name in vars(model) if not name.startswith("_")]
    found = {name: parameters(getattr(model, name)) for name in names}
    assert found == PINNED_TRAINED_MODEL


@pytest.mark.parametrize("name", nncore.__all__)
def test_each_public_name_can_be_imported_and_is_documented(name: str) -> None:
    assert getattr(nncore, name).__name__ == name
    assert getattr(nncore, name).__doc__
    assert name in dir(nncore)


def test_the_names_are_listed_once_in_order_and_where_they_come_from() -> None:
    homes = [name for names in nncore._HOMES.values() for name in names]
    assert sorted(homes) == nncore.__all__


def test_a_name_that_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fit'"):
        nncore.fit  # noqa: B018 - asking for it is the test


def test_an_experiment_can_be_imported_without_numpy() -> None:
    code = "import sys\nfrom nncore import Experiment\nprint('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_train_can_be_imported_without_tensorflow() -> None:
    code = "import sys\nfrom nncore import train\nprint({'tensorflow', 'keras'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"

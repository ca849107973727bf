"""What a worker imports and builds with Keras."""

from __future__ import annotations

import io
import sys
import zipfile

import numpy as np
import pytest

from nncore.experiment import Experiment, ModelConfig
from nncore.runtime import tasks
from nncore.training import model


def test_hidden_modules_are_not_found_and_come_back() -> None:
    sys.modules.pop("colorsys", None)
    with tasks._without("colorsys"), pytest.raises(ImportError):
        import colorsys  # noqa: F401
    import colorsys as found

    assert found.rgb_to_hsv(0, 0, 0) == (0, 0, 0)


def test_layers_are_named_and_counted() -> None:
    built = model.build(Experiment(model=ModelConfig((300, 100), dropout=0.5)))
    names = [layer.name for layer in built.layers]
    assert names == ["hidden_1", "drop_1", "hidden_2", "drop_2", "output"]
    assert built.count_params() == 266_610


def test_starting_weights_are_glorot_uniform() -> None:
    """Glorot and Bengio: uniform within sqrt(6 / (inputs + outputs)), biases 0."""
    kernel, bias = model.initial_weights(Experiment(model=ModelConfig((200,))))[:2]
    limit = np.sqrt(6 / (784 + 200))
    assert 0.99 * limit < np.abs(kernel).max() <= limit
    assert abs(kernel.std() - limit / np.sqrt(3)) < 0.01 * limit
    assert not bias.any()


def test_a_keras_file_gives_the_network_back(tmp_path: object) -> None:
    import keras

    experiment = Experiment(model=ModelConfig((5,)))
    weights = model.initial_weights(experiment.updated({"fit.seed": 9}))
    path = f"{tmp_path}/network.keras"
    with open(path, "wb") as file:
        file.write(model.keras_file(experiment, weights))
    loaded = keras.saving.load_model(path).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(loaded, weights, strict=True))


def test_a_keras_file_names_no_option_that_older_versions_refuse() -> None:
    experiment = Experiment(model=ModelConfig((5,), dropout=0.2, l2=0.001))
    content = model.keras_file(experiment, model.initial_weights(experiment))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        config = file.read("config.json").decode()
    assert "Dense" in config
    for option in ("quantization_config", "input_axes", "output_axes"):
        assert option not in config


@pytest.mark.parametrize("name", model.MISTAKES)
def test_each_mistake_is_refused_by_keras_in_its_own_words(name: str) -> None:
    said = model.mistake(Experiment(), name)
    assert said.startswith("ValueError: ")
    assert ("28, 28" in said) == name.endswith("images")
    assert "\x1b" not in said


def test_an_unknown_mistake_is_named() -> None:
    with pytest.raises(ValueError, match="Received: name='sleep'"):
        model.mistake(Experiment(), "sleep")

"""How networks are compiled side by side, and what they leave behind when they are let go."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework.func_graph import FuncGraph
from tensorflow.python.util import tf_stack

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import load
from nncore.experiment import Experiment
from nncore.training.compiled_model import CompiledModel
from nncore.training.device_data import device_data
from nncore.training.model_pool import share_stack_traces
from nncore.training.shape import shape_of

SMALL = {"data.samples": 64, "model.units": (5,), "fit.batch_size": 16}


@pytest.mark.parametrize(
    "settings",
    [
        {"fit.optimizer": "sgd", "fit.momentum": 0.9, "model.activation": "leaky_relu"},
        {"fit.optimizer": "rmsprop", "model.activation": "elu", "model.dropout": 0.5},
        {"fit.optimizer": "adam", "model.activation": "sigmoid", "model.l2": 0.01},
        {"fit.augment": "styles", "fit.metric": "mean_squared_error"},
    ],
)
def test_a_network_that_is_let_go_leaves_no_graph_behind(settings: Mapping[str, Any]) -> None:
    before = count_graphs()
    train_one_chunk({**SMALL, **settings})
    assert count_graphs() == before


def test_one_network_is_compiled_at_a_time_and_known_ones_train_together() -> None:
    inside, most = threading.Semaphore(), list[bool]()
    together = threading.Barrier(2)

    def compiling(*arguments: Any) -> tuple[tf.Tensor, list[Any]]:
        most.append(inside.acquire(blocking=False))  # the second one at a time gets False
        time.sleep(0.05)
        inside.release()
        return tf.ones((1, 3)), []

    def training(*arguments: Any) -> tuple[tf.Tensor, list[Any]]:
        together.wait(60)  # for both, or it raises
        return tf.ones((1, 3)), []

    shape = shape_of(Experiment.from_settings(SMALL))
    models = [CompiledModel(shape) for _ in range(2)]
    tensors = tf.zeros((64, 784)), tf.zeros((64, 10))
    rows = np.zeros((1, 16), np.int32), np.ones((1, 16), np.float32)
    for train_chunk in (compiling, training):
        for model in models:
            model.seed, model._train_chunk = tf.constant(0), train_chunk
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda model: model.train_chunk(tensors, *rows), models))
    assert most == [True, True]


def test_operations_share_one_stack_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf_stack, "extract_stack", tf_stack.extract_stack)  # comes back afterwards
    share_stack_traces()
    with tf.Graph().as_default():
        one = tf.constant(1).op.traceback
        other = tf.constant(2).op.traceback  # made on another line
    assert [*one] == [*other]


def train_one_chunk(settings: Mapping[str, Any]) -> None:
    experiment = Experiment.from_settings(settings)
    dataset = load(experiment.data)
    compiled = CompiledModel(shape_of(experiment))
    compiled.set_state(experiment, Checkpoint(experiment, dataset.fingerprint))
    shape = (compiled.chunk_steps, experiment.fit.batch_size)
    rows, mask = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    mask[:2] = 1
    compiled.train_chunk(device_data(dataset, experiment), rows, mask)


def count_graphs() -> int:
    """Return how many graphs of compiled functions this process holds."""
    gc.collect()
    return sum(isinstance(found, FuncGraph) for found in gc.get_objects())

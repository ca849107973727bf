"""One batch under the microscope: a hand-worked example, and every worked line worked again."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.nn.optimizers import first_slots
from ui.content.lesson import load
from ui.tools.microscope.batch_choice import offer_images, parse_numbers
from ui.tools.microscope.batch_trace import (
    BatchTrace,
    Focus,
    TraceStep,
    list_steps,
    lit_neurons,
    step_pictures,
    text_variant,
)
from ui.tools.microscope.formula_terms import strongest_places, write_digits
from ui.tools.microscope.step_view import explain_step

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = tuple[Array, ...]

SPARSE = "sparse_categorical_crossentropy"
HAND = Experiment(DataConfig("rounding", 20), ModelConfig((2,)), FitConfig("sgd", 0.1, loss=SPARSE))
#: kernel, bias, kernel, bias: z = 0.5 * [1, -2] + [0.5, 0.25] = [1, -0.75]; logits [0.5, -0.9].
WEIGHTS = tuple(
    np.array(w, np.float32) for w in ([[1, -2]], [0.5, 0.25], [[0.5, -1], [1, 2]], [0, 0.1])
)


def trace_of(experiment: Experiment, weights: Arrays, x: Any, y: Any, **more: Any) -> BatchTrace:
    dataset = datasets.load(experiment.data)
    slots = more.pop("slots", None) or first_slots(experiment.fit, weights)
    checkpoint = Checkpoint(experiment, dataset.fingerprint, weights, slots)
    return BatchTrace.of_run(checkpoint, dataset, np.asarray(x), np.asarray(y))


@pytest.fixture
def trace() -> BatchTrace:
    return trace_of(HAND, WEIGHTS, np.array([[0.5]], np.float32), [1])


def lines(trace: BatchTrace, kind: str, layer: int, **chosen: Any) -> Sequence[str]:
    return explain_step(TraceStep(kind, layer), trace, Focus(**chosen)).lines


# A batch of one, worked by hand


def test_a_weighted_sum_has_its_numbers_in_it(trace: BatchTrace) -> None:
    assert lines(trace, "sums", 1, unit=1) == ["z = 0.5 × (−2) + 0.25 = **−0.75**"]
    assert lines(trace, "sums", 2, unit=1) == ["z = 1 × (−1) + 0 × 2 + 0.1 = **−0.9**"]


def test_an_activation_has_its_numbers_in_it(trace: BatchTrace) -> None:
    assert lines(trace, "activation", 1, unit=1) == ["relu(−0.75) = max(0, −0.75) = **0**"]
    (softmax,) = lines(trace, "activation", 2, unit=0)
    formula = "exp(0.5) / (exp(0.5) + exp(−0.9)) = 1.649 / 2.055"
    assert softmax == f"softmax(0.5) = {formula} = **0.8022**"


def test_a_loss_is_that_of_the_label(trace: BatchTrace) -> None:
    # exp(-0.9) / (exp(0.5) + exp(-0.9)) = 0.1978, and -ln of it is 1.62
    assert lines(trace, "loss", 2) == [
        "loss of #1 = −ln(0.1978) = **1.62**",
        "loss of the batch = **1.62**",
    ]


def test_gradients_go_back_from_the_output(trace: BatchTrace) -> None:
    assert lines(trace, "delta", 2, unit=1) == ["dL/dz = 0.1978 − 1 = **−0.8022**"]
    assert lines(trace, "gradient", 2, unit=1) == ["gradient = 1 × (−0.8022) = **−0.8022**"]
    assert lines(trace, "delta", 1, unit=0) == [
        "dL/da = 0.8022 × 0.5 + (−0.8022) × (−1) = **1.203**",
        "dL/dz = 1.203 × 1 [z = 1] = **1.203**",
    ]
    assert lines(trace, "delta", 1, unit=1)[1] == "dL/dz = (−0.8022) × 0 [z = −0.75] = **0**"
    assert lines(trace, "gradient", 1, unit=0) == ["gradient = 0.5 × 1.203 = **0.6016**"]


def test_an_update_goes_against_the_gradient(trace: BatchTrace) -> None:
    assert lines(trace, "update", 2, unit=1) == ["new = −1 − 0.1 × (−0.8022) = **−0.919782**"]
    bias = lines(trace, "update", 2, unit=1, source=2)
    assert bias == ["new = 0.1 − 0.1 × (−0.8022) = **0.180218**"]


def test_adam_shows_its_terms() -> None:
    fit = replace(HAND.fit, optimizer="adam", learning_rate=0.01)
    adam = trace_of(replace(HAND, fit=fit), WEIGHTS, np.array([[0.5]], np.float32), [1])
    assert lines(adam, "update", 2, unit=1) == [
        "moment 1 = 0 + 0.1 × ((−0.8022) − 0) = **−0.08022**",
        "moment 2 = 0 + 0.001 × ((−0.8022)² − 0) = **0.0006435**",
        "step size of update 1 = 0.01 × √(1 − 0.999¹) / (1 − 0.9¹) = **0.003162**",
        "step = 0.003162 × (−0.08022) / (√0.0006435 + 1 × 10⁻⁷) = **−0.01**",
        "new = −1 − (−0.01) = **−0.99**",
    ]


def test_a_gradient_is_a_mean_over_the_batch() -> None:
    two = trace_of(HAND, WEIGHTS, np.array([[0.5], [0.25]], np.float32), [1, 0])
    (line,) = lines(two, "gradient", 2, unit=0, source=0)
    assert line.startswith("gradient = (1 × 0.8022 + 0.75 × (−")
    assert ") / 2 = **" in line


# All that can be chosen, worked again


RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
LOWERED = str.maketrans(RAISED, "-0123456789")


def worked(text: str) -> float | None:
    """Return the value of a formula as it is written; None if it holds words."""
    said = text.replace("**", "")
    said = re.sub(r"√([\d.]+)", r"√(\1)", said)
    said = re.sub(f"([{RAISED}]+)", lambda power: f"**{power[1].translate(LOWERED)}", said)
    for sign, meant in {"×": "*", "−": "-", "√": "sqrt"}.items():
        said = said.replace(sign, meant)
    if re.search(r"[a-zA-Z]", re.sub(r"exp|ln|sqrt|max", "", said)):
        return None
    names = {"exp": math.exp, "ln": math.log, "sqrt": math.sqrt, "max": max}
    try:
        return float(eval(said, {"__builtins__": {}}, names))
    except ZeroDivisionError:  # 0 / 0, which Keras makes no number of either
        return None


def assert_works_out(line: str) -> None:
    _, *formulas = re.sub(r"\[[^\]]*\]", "", line).split(" = ")
    *values, result = [worked(formula) for formula in formulas]
    for value in values:
        if value is not None:
            assert value == pytest.approx(result, rel=0.02, abs=2e-3), line


OUTPUTS = ("linear", "sigmoid", "softmax", "tanh", "relu")
LOSSES = ("mean_squared_error", "binary_crossentropy", "categorical_crossentropy", SPARSE)
OPTIMIZED = (("sgd", 0.0), ("sgd", 0.9), ("rmsprop", 0.0), ("adam", 0.0))
HIDDEN = ((), (3,), (4, 12), (2, 3, 2))


#: All that go together: one output has no classes to choose among.
TRAINED = [
    *product(("rounding", "digits"), OUTPUTS, LOSSES),
    *product(("five",), ("linear", "sigmoid", "tanh", "relu"), LOSSES[:2]),
]


@pytest.mark.parametrize(("name", "output", "loss"), TRAINED)
def test_every_worked_line_comes_out_as_it_says(name: str, output: str, loss: str) -> None:
    generator = np.random.default_rng(len(output + loss))
    combinations = zip(HIDDEN, OPTIMIZED, ("relu", "tanh", "elu", "sigmoid"), strict=True)
    for number, (units, (optimizer, momentum), activation) in enumerate(combinations):
        experiment = Experiment(
            DataConfig(name, 20 if name == "rounding" else 0),
            ModelConfig(units, activation, output, l2=0.01 * number),
            FitConfig(optimizer, 0.01, momentum, loss),
        )
        weights = random_weights(experiment, generator)
        dataset = datasets.load(experiment.data)
        rows = generator.choice(20, 3, replace=False)
        trace = trace_of(experiment, weights, dataset.x_train[rows], dataset.y_train[rows])
        for step in list_steps(trace):
            focus = any_choice(step, trace, generator)
            shown = explain_step(step, trace, focus)
            assert all(len({len(c) for c in t.columns.values()}) == 1 for t in shown.tables)
            for line in shown.lines:
                assert_works_out(line)


def random_weights(experiment: Experiment, generator: np.random.Generator) -> Arrays:
    sizes = experiment.layer_sizes
    shapes = [s for a, b in pairwise(sizes) for s in ((a, b), (b,))]
    return tuple(
        generator.normal(0, 2 / math.sqrt(max(4, shape[0])), shape).astype(np.float32)
        for shape in shapes
    )


def any_choice(step: TraceStep, trace: BatchTrace, generator: np.random.Generator) -> Focus:
    sizes = trace.experiment.layer_sizes
    unit = int(generator.integers(sizes[step.layer]))
    sources = sizes[step.layer - 1] + 1 if step.layer else sizes[0]
    return Focus(int(generator.integers(trace.count)), unit, int(generator.integers(sources)))


def test_every_step_of_every_network_has_its_texts(trace: BatchTrace) -> None:
    texts = load("microscope").texts
    for output, activation, loss in product(OUTPUTS, ("relu", "linear"), LOSSES):
        model = ModelConfig((2,), activation, output)
        fit = replace(HAND.fit, loss=loss)
        other = trace_of(
            replace(HAND, model=model, fit=fit), WEIGHTS, np.array([[0.5]], np.float32), [1]
        )
        assert {f"say_{text_variant(step, other)}" for step in list_steps(other)} <= set(texts)


def test_steps_go_there_and_back(trace: BatchTrace) -> None:
    assert [f"{step.kind} {step.layer}" for step in list_steps(trace)] == [
        "inputs 0",
        *("sums 1", "activation 1", "sums 2", "activation 2"),
        "loss 2",
        *("delta 2", "gradient 2", "delta 1", "gradient 1"),
        "update 2",
    ]


# What stands out, and small things


def test_the_lines_of_the_worked_neuron_are_lit(trace: BatchTrace) -> None:
    assert lit_neurons(TraceStep("sums", 2), trace, Focus(unit=1)) == [(1, 0), (1, 1), (2, 1)]
    assert lit_neurons(TraceStep("delta", 1), trace, Focus(unit=1)) == [(1, 1), (2, 0), (2, 1)]
    assert lit_neurons(TraceStep("loss", 2), trace, Focus()) == [(2, 0), (2, 1)]
    assert lit_neurons(TraceStep("update", 2), trace, Focus()) is None


def test_a_product_of_pixels_and_weights_adds_up_to_the_sum() -> None:
    experiment = Experiment(
        DataConfig("five"), ModelConfig((), output_activation="sigmoid"),
        FitConfig(loss="binary_crossentropy"),
    )  # fmt: skip
    weights = random_weights(experiment, np.random.default_rng(0))
    images = datasets.load(experiment.data).x_train[:2]
    trace = trace_of(experiment, weights, images, [0, 1])
    found = step_pictures(TraceStep("sums", 1), trace, Focus(sample=1))
    assert found["Product"].sum() + weights[1][0] == pytest.approx(trace.numbers.sums[0][1, 0])
    assert step_pictures(TraceStep("loss", 1), trace, Focus()) == {}


def test_a_run_off_the_rails_can_still_be_looked_at() -> None:
    broken = tuple(w * np.float32(1e30) for w in WEIGHTS)
    trace = trace_of(HAND, broken, np.array([[0.5]], np.float32), [1])
    for step in list_steps(trace):
        assert explain_step(step, trace, Focus()).tables


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.5, "0.5"),
        (-28.614, "−28.61"),
        (0.00001234, "0.00001234"),
        (123456.0, "123456"),
        (1.5e-9, "1.5 × 10⁻⁹"),
        (-2e12, "−2 × 10¹²"),
        (float("nan"), "NaN"),
        (float("-inf"), "−infinity"),
    ],
)
def test_numbers_are_written_in_few_digits(value: float, text: str) -> None:
    assert write_digits(value) == text


def test_the_strongest_are_shown_and_the_chosen_one() -> None:
    assert strongest_places(np.array([1.0, -9.0, 0.0, 5.0]), 2, 3) == [1, 2, 3]
    assert strongest_places(np.array([1.0, 2.0]), 0) == [0, 1]


def test_numbers_are_read_as_they_are_typed() -> None:
    assert parse_numbers("0.5, 1;2  -3\n") == pytest.approx([0.5, 1, 2, -3])
    for text in ("", "half", "1 2 3 4 5 6 7 8 9", "nan", "1e99"):
        assert parse_numbers(text) is None


def test_images_of_both_classes_are_offered_and_others_at_the_next_turn() -> None:
    dataset = datasets.load(DataConfig("five"))
    first, second = offer_images(dataset, 0), offer_images(dataset, 1)
    assert dataset.y_train[first].tolist() == [1] * 8 + [0] * 8
    assert not set(first) & set(second)

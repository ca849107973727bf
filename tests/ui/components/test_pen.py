"""The pen's JavaScript against the Python and the Keras that it stands in for, in Node."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets
from nncore.digits.preprocess import to_mnist
from nncore.digits.strokes import fit_strokes, render_strokes
from nncore.experiment import ACTIVATIONS, OUTPUT_ACTIVATIONS, Experiment
from nncore.nn.network import Layer, Network
from nncore.nn.packing import PackedNetwork, pack
from nncore.training import engine, model
from ui.components import pen
from ui.draw import prediction_text

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "ui" / "components"
DRAWINGS = 1000
SIDE = 280


@pytest.fixture(scope="module")
def node() -> str:
    """Node's path; without it the test is skipped, or fails in CI."""
    path = shutil.which("node")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("No Node here: install nodejs.")
    return path


def run(node: str, folder: Path, scripts: list[str], program: str, given: bytes = b"") -> Any:
    """Run scripts of the lab and a program that prints JSON; it finds `given` in a file."""
    sources = [(SCRIPTS / script).read_text(encoding="utf-8") for script in scripts]
    data, main = folder / "given.bin", folder / "main.mjs"
    data.write_bytes(given)
    head = f"import {{ readFileSync }} from 'node:fs';\nconst given = readFileSync({str(data)!r});"
    main.write_text("\n".join([head, *sources, program]), encoding="utf-8")
    done = subprocess.run([node, str(main)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def drawings() -> NDArray[np.uint8]:
    """Ink on the canvas, (n, 280, 280): digits drawn with a pen, else enlarged training images."""
    file = Path(os.environ.get("NNCORE_DATA_DIR", "")) / "unipen_digits.json.gz"
    if file.is_file():
        drawn = json.loads(gzip.decompress(file.read_bytes()))[:DRAWINGS]
        lines = [[line.tolist() for line in fit_strokes(digit["strokes"])] for digit in drawn]
        return np.stack([render_strokes(strokes) for strokes in lines])
    images = datasets.load(Experiment.from_settings({"data.name": "digits"}).data).x_train
    enlarged = images[:DRAWINGS].repeat(10, axis=1).repeat(10, axis=2)
    return np.ascontiguousarray(enlarged)


@pytest.fixture(scope="module")
def images(drawings: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The drawings as `nncore` prepares them, (n, 28, 28)."""
    return read_all(drawings)


def read_all(drawings: NDArray[np.uint8]) -> NDArray[np.uint8]:
    images = [to_mnist(ink, invert=False).image for ink in drawings]
    return np.stack([np.zeros((28, 28), np.uint8) if image is None else image for image in images])


FIELDS = f"""
const side = {SIDE}, size = side * side, found = [];
for (let start = 0; start < given.length; start += size) {{
  const image = toField(new Uint8Array(given.subarray(start, start + size)), side, side);
  found.push(Buffer.from(image ?? new Uint8Array(784)).toString("base64"));
}}
console.log(JSON.stringify(found));
"""


@pytest.fixture(scope="module")
def trained() -> Checkpoint:
    """A network that reads drawings well enough to be sure of most."""
    settings = {"data.name": "digits", "data.samples": 5000, "model.units": (100,)}
    experiment = Experiment.from_settings({**settings, "fit.epochs": 5})
    fingerprint = datasets.load(experiment.data).fingerprint
    return engine.advance(experiment, Checkpoint(experiment, fingerprint), Budget())


def test_drawings_become_the_same_pixels_and_the_same_answers(
    node: str,
    tmp_path: Path,
    drawings: NDArray[np.uint8],
    images: NDArray[np.uint8],
    trained: Checkpoint,
) -> None:
    drawn = run(node, tmp_path, ["pen/field.js"], FIELDS, drawings.tobytes())
    mine = np.stack([np.frombuffer(base64.b64decode(text), np.uint8) for text in drawn])
    theirs = images.reshape(len(images), 784)
    differences = np.abs(mine.astype(float) - theirs)
    assert differences.mean() < 0.05
    assert differences.mean(axis=1).max() < 1
    network = Network.of(trained.experiment, trained.weights)
    same = network.predict(mine).argmax(1) == network.predict(theirs).argmax(1)
    assert same.mean() >= 0.999


def strange_inks() -> NDArray[np.uint8]:
    """Ink that the recipe treats in ways of its own."""
    inks = np.zeros((8, SIDE, SIDE), np.uint8)
    inks[1, 100:104, 100:104] = 255  # a dot alone
    inks[2, 60:220, 130:150] = 255
    inks[2, 10:14, 10:14] = 255  # a digit with a speck
    inks[3, 60:220, 130:150] = 255
    inks[3, 250:270, 250:270] = 255  # a digit with a large dot
    inks[4, 100:180, 100:180] = 20  # too faint to count
    inks[5] = np.random.default_rng(0).integers(0, 9, (SIDE, SIDE))
    inks[5, 40:240, 100:120] = 200  # noise around a digit
    inks[6, 0:280, 0:20] = 255
    inks[6, 0:20, 0:280] = 255  # at two edges: the box shrinks
    inks[7, 5:7, 3:278] = 255  # thin and wide
    return inks


def test_strange_ink_becomes_the_same_pixels(node: str, tmp_path: Path) -> None:
    inks = strange_inks()
    drawn = run(node, tmp_path, ["pen/field.js"], FIELDS, inks.tobytes())
    mine = [np.frombuffer(base64.b64decode(text), np.uint8) for text in drawn]
    for one, other in zip(mine, read_all(inks), strict=True):
        assert np.abs(one.astype(int) - other.ravel()).max() <= 1


FORWARD = """
const at = given.readUInt32LE(0);
const form = JSON.parse(given.subarray(4, 4 + at).toString());
const bytes = Uint8Array.from(Buffer.from(form.weights, "base64")).buffer;
const network = unpackNetwork(bytes, form.reader.layers, form.reader.scaled);
const images = new Uint8Array(given.subarray(4 + at));
const found = [];
for (let start = 0; start < images.length; start += 784) {
  const trace = traceNetwork(network, images.subarray(start, start + 784));
  found.push({
    outputs: [...trace.values.at(-1)],
    sums: [...trace.sums[0]],
    paths: strongestPaths(network, trace),
  });
}
console.log(JSON.stringify(found));
"""


def forward(node: str, folder: Path, packed: PackedNetwork, images: NDArray[np.uint8]) -> Any:
    form = json.dumps(pen.frame(packed, packed.digest)).encode()
    given = len(form).to_bytes(4, "little") + form + images.tobytes()
    return run(node, folder, ["pen/dense.js"], FORWARD, given)


def outputs_of(found: Any) -> NDArray[np.float64]:
    return np.array([reading["outputs"] for reading in found])


def test_the_browsers_network_answers_as_keras_does(
    node: str, tmp_path: Path, images: NDArray[np.uint8], trained: Checkpoint
) -> None:
    network = Network.of(trained.experiment, trained.weights)
    keras_model = model.build(trained.experiment)
    keras_model.set_weights(list(trained.weights))
    keras = np.asarray(keras_model(network.prepare(images)))
    found = outputs_of(forward(node, tmp_path, pack(network), images))
    assert np.abs(found - keras).max() < 0.01
    assert (found.argmax(1) == keras.argmax(1)).mean() >= 0.999
    small = outputs_of(forward(node, tmp_path, pack(network, most_bytes=0), images))  # int8 alone
    assert np.abs(small - keras).max() < 0.1
    assert (small.argmax(1) == keras.argmax(1)).mean() >= 0.99


def random_network(activation: str, output: str, *, scaled: bool) -> Network:
    rng = np.random.default_rng(1)
    sizes = (784, 20, 15, 10)
    layers = [
        Layer(
            rng.normal(0, 1 / np.sqrt(inputs), (inputs, units)).astype(np.float32),
            rng.normal(0, 0.1, units).astype(np.float32),
            output if units == 10 else activation,
        )
        for inputs, units in pairwise(sizes)
    ]
    return Network(tuple(layers), scaled)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("output", OUTPUT_ACTIVATIONS)
def test_every_activation_is_known(node: str, tmp_path: Path, activation: str, output: str) -> None:
    network = random_network(activation, output, scaled=activation != "tanh")
    images = datasets.load(Experiment().data).x_test[:5]
    found = forward(node, tmp_path, pack(network), images)
    scale = np.abs(network.predict(images)).max()
    np.testing.assert_allclose(outputs_of(found), network.predict(images), atol=0.01 * scale)


def test_the_strongest_paths_are_those_of_the_lights(node: str, tmp_path: Path) -> None:
    from nncore.analysis.activation_trace import ActivationTrace, strongest_paths

    network = random_network("relu", "softmax", scaled=True)
    images = datasets.load(Experiment().data).x_test[:5]
    for reading, image in zip(forward(node, tmp_path, pack(network), images), images, strict=True):
        trace = ActivationTrace.of(network, image)
        paths = strongest_paths(trace, int(trace.outputs.argmax()))
        assert [tuple(path[:3]) for path in reading["paths"]] == [tuple(path[:3]) for path in paths]


VERDICTS = """
const { words, names, sure, outputs } = JSON.parse(given.toString());
const frame = { words, names, sure, caption: null };
console.log(JSON.stringify(outputs.map((row) => describeOutputs(frame, Float32Array.from(row)))));
"""


def test_the_browser_words_its_predictions_as_the_server_does(node: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    outputs = rng.dirichlet(np.full(10, 0.2), 200).astype(np.float32)
    names = "0123456789"
    given = {"words": prediction_text.SENTENCES, "names": list(names), "sure": prediction_text.SURE}
    given["outputs"] = outputs.tolist()
    script = ["verdict/verdict.js"]
    found = run(node, tmp_path, script, VERDICTS, json.dumps(given).encode())
    for row, (heading, caption) in zip(outputs, found, strict=True):
        assert heading == prediction_text.describe_prediction(row, names)
        assert caption == prediction_text.describe_runner_up(row, names)


def test_weights_go_over_only_where_they_are_asked_for() -> None:
    packed = pack(random_network("relu", "softmax", scaled=True))
    assert pen.frame(packed)["weights"] is None
    assert pen.frame(packed, "another")["weights"] is None
    assert pen.frame(packed, pen.wanted_digest({"wanted": packed.digest}))["weights"]
    assert pen.frame(None)["reader"] is None
    assert pen.wanted_digest({"wanted": 7}) == pen.wanted_digest(None) == ""

"""What is asked of a network, against scikit-learn, PIL and numbers worked out by hand."""

from __future__ import annotations

import base64
import io
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn import metrics
from sklearn.calibration import calibration_curve

from nncore.analysis.decision_boundary import boundaries
from nncore.analysis.metrics import (
    baseline_accuracy,
    calibration,
    confusion_matrix,
    output_range,
    precision_recall_support,
    select_cell,
    worst_mistakes,
)
from nncore.analysis.units import contributions, dead_units, deciding_units, hinges, where_on
from nncore.digits.png import png_bytes
from nncore.nn.network import Layer, Network
from ui.charts.images import mosaic, png_data_uri, to_grey, to_rgb, weight_images

Array: TypeAlias = NDArray[Any]

BLUE, RED = "#0072B2", "#D55E00"


@pytest.fixture
def answers() -> tuple[Array, Array]:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 6, 200)
    predicted = np.where(generator.random(200) < 0.7, labels, generator.integers(0, 6, 200))
    return labels, predicted


def network_of(*layers: tuple[Any, Any, str]) -> Network:
    return Network(
        tuple(Layer(np.asarray(k, "f4"), np.asarray(b, "f4"), name) for k, b, name in layers)
    )


# Right and wrong


def test_confusion_matrix_is_that_of_scikit_learn(answers: tuple[Array, Array]) -> None:
    matrix = confusion_matrix(*answers, classes=7)  # one class never occurs
    expected = metrics.confusion_matrix(*answers, labels=range(7))
    assert matrix.dtype == np.int64
    np.testing.assert_array_equal(matrix, expected)


def test_confusion_matrix_of_nothing_is_empty() -> None:
    none = np.zeros(0, int)
    assert confusion_matrix(none, none, 3).tolist() == np.zeros((3, 3)).tolist()


@pytest.mark.parametrize("predicted", [[0, 3, 1], [0, -1, 1], [0, 1], [[0, 1, 1]]])
def test_confusion_matrix_refuses_what_is_no_answer_to_the_labels(predicted: Any) -> None:
    with pytest.raises(ValueError, match=r"from 0 to 2. Received: shapes \(3,\)"):
        confusion_matrix([0, 1, 2], predicted, 3)


def test_precision_recall_and_support_are_those_of_scikit_learn(
    answers: tuple[Array, Array],
) -> None:
    received = precision_recall_support(confusion_matrix(*answers, classes=7))
    expected = metrics.precision_recall_fscore_support(
        *answers, labels=range(7), zero_division=np.nan
    )
    np.testing.assert_allclose(received.precision, expected[0])
    np.testing.assert_allclose(received.recall, expected[1])
    np.testing.assert_allclose(received.f1, expected[2])
    np.testing.assert_array_equal(received.support, expected[3])


def test_always_saying_not_five_scores_what_the_tutorial_says() -> None:
    assert baseline_accuracy([1] * 892 + [0] * 9108) == 0.9108  # MNIST's test set


def test_worst_mistakes_of_several_outputs_come_most_confident_first() -> None:
    outputs = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]], np.float32)
    assert worst_mistakes(outputs, [1, 0, 0, 1, 0], 3).tolist() == [0, 2, 4]


def test_among_equally_confident_mistakes_the_smallest_right_output_comes_first() -> None:
    outputs = np.array([[0.6, 0.2, 0.2], [0.6, 0.4, 0.0], [0.6, 0.0, 0.4]], np.float32)
    assert worst_mistakes(outputs, [1, 1, 1], 9).tolist() == [2, 0, 1]


def test_worst_mistakes_of_one_output_lie_farthest_from_the_threshold() -> None:
    outputs = np.array([[0.6], [-3.0], [0.9], [0.45]], np.float32)
    assert worst_mistakes(outputs, [0, 1, 0, 1], 9).tolist() == [1, 2, 0, 3]
    assert worst_mistakes(outputs, [0, 1, 0, 1], 9, threshold=0.0).tolist() == [1, 2, 0]


def test_no_mistakes_give_no_indices() -> None:
    assert worst_mistakes(np.eye(3), [0, 1, 2], 5).tolist() == []


CELLS = np.array(
    [[0.9, 0.1, 0], [0.2, 0.8, 0], [0.3, 0.7, 0], [0, 0.4, 0.6], [0.6, 0.4, 0]], np.float32
)


@pytest.mark.parametrize(
    ("label", "answer", "rows"),
    [(0, 0, [0, 4]), (0, 1, [1, 2]), (0, None, [1, 2]), (None, 1, [1, 2]), (None, None, [1, 2, 3])],
)
def test_a_cell_has_its_samples_the_surest_first(label: int, answer: int, rows: list[int]) -> None:
    labels = [0, 0, 0, 1, 0]
    assert select_cell(CELLS, labels, label, answer).tolist() == rows


# How sure it is


@pytest.fixture
def probabilities() -> tuple[Array, Array]:
    generator = np.random.default_rng(1)
    outputs = generator.dirichlet([0.3] * 10, 2000)
    labels = np.where(generator.random(2000) < 0.6, outputs.argmax(1), 3)
    return outputs, labels


def test_calibration_is_that_of_scikit_learn(probabilities: tuple[Array, Array]) -> None:
    outputs, labels = probabilities
    found = calibration(outputs, labels)
    right = outputs.argmax(axis=1) == labels
    accuracy, confidence = calibration_curve(right, outputs.max(axis=1), n_bins=10)
    filled = found.counts > 0
    np.testing.assert_allclose(found.accuracy[filled], accuracy)
    np.testing.assert_allclose(found.confidence[filled], confidence)
    assert found.counts.sum() == 2000
    assert found.mean_confidence == pytest.approx(outputs.max(axis=1).mean())


def test_the_calibration_error_is_the_mean_gap_by_counts() -> None:
    outputs = np.array([[0.95, 0.05], [0.95, 0.05], [0.35, 0.65], [0.65, 0.35]], np.float32)
    found = calibration(outputs, [0, 1, 1, 1])
    assert found.counts.tolist() == [0, 0, 0, 0, 0, 0, 2, 0, 0, 2]
    assert found.error == pytest.approx((0.15 + 0.45) / 2)  # .65 and .95 sure, both half right


def test_an_answer_on_an_edge_is_in_the_bin_below_it() -> None:
    found = calibration(np.array([[0.5, 0.5], [1.0, 0.0]]), [0, 0], bins=2)
    assert found.counts.tolist() == [1, 1]


@pytest.mark.parametrize("row", [[-3.0, 12.0], [np.nan, 0.5], [-2.0, -1.0]])
def test_what_is_no_probability_has_no_calibration(row: list[float]) -> None:
    with pytest.raises(ValueError, match="must be from 0 to 1"):
        calibration(np.array([row]), [0])


def test_output_range_spans_all_outputs() -> None:
    assert output_range(np.array([[0.5, -28.5], [12.25, 3]], np.float32)) == (-28.5, 12.25)
    assert np.isnan(output_range(np.array([[0.5, np.nan]], np.float32))).all()


# Who decides


def test_contributions_without_a_hidden_layer_are_input_times_weight() -> None:
    network = network_of(([[2, 0], [-1, 0], [4, 0]], [0.5, 0], "softmax"))
    x = np.array([1, 3, 0.25], np.float32)
    assert contributions(network, x, 0).tolist() == [2, -3, 1]


def test_the_last_hidden_units_decide_the_difference_of_two_sums() -> None:
    generator = np.random.default_rng(2)
    network = network_of(
        (generator.normal(size=(4, 5)), generator.normal(size=5), "relu"),
        (generator.normal(size=(5, 3)), generator.normal(size=3), "softmax"),
    )
    x = np.array([[0.3, 1, -2, 0.5]], np.float32)
    sums = network.forward(x)[-1][0][0]
    bias = network.layers[-1].bias
    shares = deciding_units(network, x, 2, 0)
    assert shares.shape == (5,)
    assert shares.sum() + bias[2] - bias[0] == pytest.approx(sums[2] - sums[0], rel=1e-5)


def test_contributions_add_up_to_the_weighted_sum_where_relus_have_no_biases() -> None:
    generator = np.random.default_rng(0)
    network = network_of(
        (generator.normal(size=(784, 20)), np.zeros(20), "relu"),
        (generator.normal(size=(20, 10)), np.zeros(10), "softmax"),
    )
    image = generator.uniform(size=(28, 28)).astype("float32")
    parts = contributions(network, image, 3)
    sums = network.forward(image)[-1][0]
    assert parts.shape == (28, 28)
    assert parts.sum() == pytest.approx(sums[0, 3], rel=1e-4)


def test_a_blank_pixel_contributes_nothing() -> None:
    network = Network((Layer(np.ones((784, 1), "float32"), np.ones(1, "float32"), "linear"),), True)
    image = np.zeros((28, 28), np.uint8)
    image[4, 5] = 51
    parts = contributions(network, image, 0)
    assert parts[4, 5] == pytest.approx(0.2)
    assert np.count_nonzero(parts) == 1


def test_hinges_lie_where_the_weighted_sum_is_0() -> None:
    network = network_of(
        ([[2, -4, 0, 1]], [-1, 1, 3, 0], "relu"), (np.ones((4, 2)), [0, 0], "softmax")
    )
    np.testing.assert_array_equal(hinges(network), np.array([0.5, 0.25, np.nan, 0], np.float32))


def test_hinges_need_one_input() -> None:
    with pytest.raises(ValueError, match="Received: 784 inputs"):
        hinges(network_of((np.zeros((784, 2)), [0, 0], "relu")))


def test_a_relu_that_is_off_for_every_sample_is_dead() -> None:
    network = network_of(
        ([[1, -1, 1]], [0, 0.5, -2], "relu"),
        (-np.ones((3, 2)), [0.25, 0], "relu"),
        ([[1], [1]], [0], "linear"),
    )
    first, second = dead_units(network, np.linspace(0, 1, 9000, dtype="float32"))
    assert first.tolist() == [False, False, True]
    assert second.tolist() == [True, True]


def test_no_other_activation_dies() -> None:
    layers = ([[0.0]], [0.0], "tanh"), ([[1]], [0], "linear")
    assert [layer.tolist() for layer in dead_units(network_of(*layers), np.array([0.0, 1.0]))] == [
        [False]
    ]


def test_a_unit_is_on_where_its_sum_is_above_0() -> None:
    network = network_of(
        # 2x - 1; -4x + 1; x; -x; 0x + 1; 0x; x + 0.5; x - 1; 1 - x
        ([[2, -4, 1, -1, 0, 0, 1, 1, -1]], [-1, 1, 0, 0, 1, 0, 0.5, -1, 1], "relu"),
        (np.ones((9, 2)), [0, 0], "softmax"),
    )
    part, always, never = "in part", "always", "never"
    expected = (part, part, always, never, always, never, always, never, part)
    assert where_on(network) == expected


def test_a_unit_that_is_off_on_the_data_may_be_on_elsewhere() -> None:
    network = network_of(([[-1]], [0], "relu"), ([[1, 1]], [0, 0], "softmax"))
    assert where_on(network) == ("never",)
    assert where_on(network, -10, 0) == ("in part",)  # -x is 0 at x = 0
    assert where_on(network, -10, -1) == ("always",)


def test_the_boundary_lies_where_the_outputs_cross() -> None:
    network = network_of(([[-1, 1]], [0.25, -0.35], "softmax"))  # 0.25 - x = x - 0.35 at x = 0.3
    assert boundaries(network) == pytest.approx((0.3,), abs=1e-6)
    assert boundaries(network, 0.5, 1.0) == ()


def test_a_tent_has_two_boundaries() -> None:
    """relu(x) - 2 relu(x - 0.5) rises to 0.5 and falls: it is above 0.2 from x = 0.2 to 0.8."""
    network = network_of(([[1, 1]], [0, -0.5], "relu"), ([[0, 1], [0, -2]], [0.2, 0], "softmax"))
    assert boundaries(network) == pytest.approx((0.2, 0.8), abs=1e-6)
    assert boundaries(network, points=5) == pytest.approx((0.2, 0.8), abs=1e-6)


@pytest.mark.parametrize("ask", [where_on, boundaries])
def test_lines_of_inputs_need_one_input(ask: Any) -> None:
    with pytest.raises(ValueError, match="Received: 784 inputs"):
        ask(network_of((np.zeros((784, 2)), [0, 0], "relu")))


# Pictures


def test_weight_images_take_a_column_of_the_kernel_each() -> None:
    kernel = np.random.default_rng(0).normal(size=(784, 3))
    images = weight_images(kernel)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images[2], kernel[:, 2].reshape(28, 28), rtol=1e-6)


def test_mosaic_of_three_images_in_two_columns() -> None:
    images = np.stack([np.full((2, 2), n, np.uint8) for n in (1, 2, 3)])
    assert mosaic(images, columns=2, gap=1).tolist() == [
        [1, 1, 0, 2, 2],
        [1, 1, 0, 2, 2],
        [0, 0, 0, 0, 0],
        [3, 3, 0, 0, 0],
        [3, 3, 0, 0, 0],
    ]


def test_mosaic_without_a_gap_keeps_the_dtype() -> None:
    whole = mosaic(np.ones((4, 28, 28), np.float32), columns=4, gap=0)
    assert (whole.shape, whole.dtype) == ((28, 112), np.float32)


def test_colours_are_symmetrical_about_0() -> None:
    picture = to_rgb(np.array([[-2, -1, 0, 1, 2]], np.float32), BLUE, RED)
    assert picture[0].tolist() == [
        [213, 94, 0],
        [234, 174, 128],
        [255, 255, 255],
        [128, 184, 216],
        [0, 114, 178],
    ]


def test_colours_on_dark_start_near_black() -> None:
    picture = to_rgb(np.array([[0, 5]], np.float32), BLUE, RED, dark=True)
    assert picture[0].tolist() == [[23, 22, 20], [0, 114, 178]]


def test_a_limit_makes_pictures_comparable() -> None:
    assert to_rgb(np.array([[1, 9]], np.float32), BLUE, RED, limit=4)[0, 1].tolist() == [
        0,
        114,
        178,
    ]
    assert to_rgb(np.array([[1, 9]], np.float32), BLUE, RED, limit=4)[0, 0].tolist() == [
        191,
        220,
        236,
    ]


def test_what_is_no_number_is_grey_and_no_weight_is_lost_to_it() -> None:
    picture = to_rgb(np.array([[np.nan, np.inf, 1.0, 0.0]], np.float32), BLUE, RED)
    assert picture[0].tolist() == [[128] * 3, [0, 114, 178], [0, 114, 178], [255] * 3]


def test_a_picture_of_zeros_is_paper() -> None:
    assert (to_rgb(np.zeros((3, 3)), BLUE, RED) == 255).all()


def test_pixels_are_ink_on_paper() -> None:
    pixels = np.array([[0, 51, 255]], np.uint8)
    assert to_grey(pixels)[0].tolist() == [[255] * 3, [204] * 3, [0] * 3]
    assert to_grey(pixels / 255, dark=True)[0, [0, 2]].tolist() == [[23, 22, 20], [255] * 3]


@pytest.mark.parametrize("shape", [(4, 3), (4, 3, 3)])
def test_png_holds_each_pixel_enlarged(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    read = np.asarray(Image.open(io.BytesIO(png_bytes(picture, scale=3))))
    np.testing.assert_array_equal(read, picture.repeat(3, axis=0).repeat(3, axis=1))


def test_data_uri_holds_the_same_png() -> None:
    picture = np.eye(5, dtype=np.uint8)
    kind, text = png_data_uri(picture, scale=2).split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(text) == png_bytes(picture, scale=2)


@pytest.mark.parametrize("picture", [np.zeros((2, 2)), np.zeros((2, 2, 5), np.uint8)])
def test_png_refuses_what_is_no_picture(picture: Array) -> None:
    with pytest.raises(ValueError, match="must be uint8 of shape"):
        png_bytes(picture)

"""What is refused: against distances worked out by hand and by brute force."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp

from nncore.data.datasets import Dataset, load
from nncore.digits import novelty
from nncore.experiment import DataConfig
from nncore.nn.network import Layer, Network


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load(DataConfig("digits", samples=1000))


@pytest.fixture(scope="module")
def network() -> Network:
    rng = np.random.default_rng(0)
    hidden = Layer(rng.normal(size=(784, 40)).astype(np.float32), np.zeros(40, np.float32), "relu")
    output = Layer(
        rng.normal(size=(40, 10)).astype(np.float32), np.zeros(10, np.float32), "softmax"
    )
    return Network((hidden, output), scaled=True)


@pytest.fixture(scope="module")
def gauge(network: Network, dataset: Dataset) -> novelty.Gauge:
    return novelty.fit(network, dataset)


def by_pixels() -> Network:
    """A network without a hidden layer: it sees pixels."""
    zeros = np.zeros((784, 10), np.float32), np.zeros(10, np.float32)
    return Network((Layer(*zeros, "softmax"),), scaled=True)


def two_pixels(*rows: tuple[int, int]) -> np.ndarray:
    images = np.zeros((len(rows), 784), np.uint8)
    images[:, :2] = rows
    return images


def test_without_a_hidden_layer_the_pixels_are_compared() -> None:
    plain = by_pixels()
    found = novelty.features(plain, two_pixels((30, 40), (0, 0)))
    np.testing.assert_allclose(found[0, :2], [0.6, 0.8], rtol=1e-6)
    assert not found[1].any()  # a blank has no direction


def test_the_distance_is_that_to_the_fifth_nearest() -> None:
    plain = by_pixels()
    known = novelty.features(plain, two_pixels(*[(1, 0)] * 4, (0, 1), (3, 4)))
    found = novelty.judge(by_hand(known), plain, two_pixels((1, 0)))
    assert found.distance == pytest.approx(np.hypot(0.4, 0.8))  # from (1, 0) to (0.6, 0.8)
    assert found.nearest == (10, 11, 12, 13, 15)


def by_hand(known: np.ndarray) -> novelty.Gauge:
    usual = novelty.Typical(0.5, 0.1), novelty.Typical(3.0, 2.0)
    return novelty.Gauge(known, np.arange(10, 16), *usual, limit=2.0)


def test_strange_is_what_lies_far_off_and_has_little_evidence() -> None:
    gauge = by_hand(np.zeros((6, 784), np.float32))
    assert gauge.strangeness(0.7, 1.0) == pytest.approx(3.0)  # two deviations off, one too little
    assert gauge.strangeness(0.5, 5.0) == pytest.approx(-1.0)


def test_what_is_stranger_than_the_limit_is_refused() -> None:
    plain = by_pixels()  # all of its sums are 0: the evidence is log 10
    known = novelty.features(plain, two_pixels(*[(1, 0)] * 6))
    strange = (0 - 0.5) / 0.1 + (3 - np.log(10)) / 2
    for limit, refused in ((strange + 0.01, False), (strange - 0.01, True)):
        found = novelty.judge(replace(by_hand(known), limit=limit), plain, two_pixels((1, 0)))
        assert found.strangeness == pytest.approx(strange)
        assert found.is_refused is refused


def test_evidence_is_the_logarithm_of_the_summed_exponentials() -> None:
    sums = np.array([[0.0, np.log(3), np.log(4)], [800.0, 800.0, -800.0]], np.float32)
    found = novelty.evidence(sums)
    np.testing.assert_allclose(found, [np.log(8), 800 + np.log(2)], rtol=1e-6)
    np.testing.assert_allclose(found, logsumexp(sums.astype(float), axis=1), rtol=1e-12)


def test_a_single_output_has_evidence_for_no_as_for_yes() -> None:
    yes, no, neither = novelty.evidence(np.array([[6.0], [-6.0], [0.0]], np.float32))
    assert yes == pytest.approx(no) == pytest.approx(np.log(np.exp(3) + np.exp(-3)))
    assert neither == pytest.approx(np.log(2))


def test_many_images_are_judged_as_one_by_one_and_by_brute_force(
    network: Network, dataset: Dataset, gauge: novelty.Gauge
) -> None:
    images = dataset.x_test[:7]
    seen = novelty.features(network, images)
    apart = np.linalg.norm(seen[:, np.newaxis] - gauge.features, axis=2)
    expected = np.sort(apart, axis=1)[:, novelty.NEIGHBOURS - 1]
    single = [novelty.judge(gauge, network, image) for image in images]
    np.testing.assert_allclose([found.distance for found in single], expected, atol=1e-3)
    sums = [network.forward(image)[-1][0][0] for image in images]
    np.testing.assert_allclose([found.evidence for found in single], logsumexp(sums, axis=1), 1e-5)
    together = novelty.strangeness(gauge, network, images)
    np.testing.assert_allclose([found.strangeness for found in single], together, atol=1e-2)


def test_nearly_all_test_images_are_kept(
    network: Network, dataset: Dataset, gauge: novelty.Gauge
) -> None:
    tested = dataset.x_test[novelty._choose_rows(len(dataset.x_test), novelty.MOST_TESTED)]
    kept = novelty.strangeness(gauge, network, tested) <= gauge.limit
    assert kept.mean() == pytest.approx(novelty.KEPT, abs=0.001)


def test_what_never_differs_counts_for_nothing() -> None:
    assert novelty.Typical.from_values(np.full(9, 2.5)) == novelty.Typical(2.5, 1.0)
    assert novelty.Typical.from_values(np.array([1.0, 2.0, 6.0])).value == 2.0


def test_a_training_image_is_its_own_nearest(
    network: Network, dataset: Dataset, gauge: novelty.Gauge
) -> None:
    assert novelty.judge(gauge, network, dataset.x_train[5]).nearest[0] == 5


def test_what_was_learnt_from_beside_the_data_is_known_but_not_shown() -> None:
    plain = by_pixels()
    data = replace(load(DataConfig("digits", samples=6)), x_test=two_pixels((1, 1), (1, 2)))
    data = replace(data, x_train=two_pixels(*[(1, 0)] * 6))
    own, more = novelty.fit(plain, data), novelty.fit(plain, data, two_pixels(*[(0, 1)] * 5))
    far, near = (novelty.judge(gauge, plain, two_pixels((0, 1))) for gauge in (own, more))
    assert far.distance == pytest.approx(np.sqrt(2))
    assert near.distance == pytest.approx(0)
    assert near.nearest == far.nearest == (0, 1, 2, 3, 4)


def test_a_drawing_near_other_signs_is_stranger_than_one_far_from_them() -> None:
    plain = by_pixels()
    known = novelty.features(plain, two_pixels(*[(1, 0)] * 6))
    signs = novelty.features(plain, two_pixels(*[(1, 1)] * 3))
    lead = novelty.Typical(0.0, 0.1)
    without = by_hand(known)
    gauge = replace(without, signs=signs, lead=lead)
    near, far = two_pixels((1, 1)), two_pixels((1, 0))
    plainly = novelty.strangeness(without, plain, far)[0]
    found = novelty.strangeness(gauge, plain, np.concatenate([near, far]))
    apart = np.sqrt(2 - np.sqrt(2))  # between (1, 0) and the direction of (1, 1)
    nearer = novelty.LEAD_WEIGHT * apart / 0.1
    np.testing.assert_allclose(found, [nearer, plainly], 1e-3)
    single = [novelty.judge(gauge, plain, image).strangeness for image in (near, far)]
    np.testing.assert_allclose(single, found, rtol=1e-5)


def test_with_signs_the_limit_still_keeps_nearly_all_test_images(
    network: Network, dataset: Dataset
) -> None:
    signs = np.random.default_rng(0).integers(0, 256, (20, 784), dtype=np.uint8)
    gauge = novelty.fit(network, dataset, signs=signs)
    tested = dataset.x_test[novelty._choose_rows(len(dataset.x_test), novelty.MOST_TESTED)]
    kept = novelty.strangeness(gauge, network, tested) <= gauge.limit
    assert kept.mean() == pytest.approx(novelty.KEPT, abs=0.001)
    assert gauge.lead.spread > 0


def test_noise_is_refused(dataset: Dataset) -> None:
    plain = by_pixels()
    gauge = novelty.fit(plain, dataset)
    noise = np.random.default_rng(1).integers(0, 256, (20, 784), dtype=np.uint8)
    assert all(novelty.judge(gauge, plain, image).is_refused for image in noise)


def test_weights_that_are_no_numbers_refuse_everything(
    network: Network, dataset: Dataset, gauge: novelty.Gauge
) -> None:
    broken = replace(network.layers[0], kernel=np.full((784, 40), np.nan, np.float32))
    with np.errstate(invalid="ignore"):
        found = novelty.judge(gauge, Network((broken, network.layers[1])), dataset.x_test[0])
    assert found.is_refused


def test_a_larger_set_is_drawn_from_by_lot() -> None:
    rows = novelty._choose_rows(100, 10)
    assert len(set(rows)) == 10
    assert rows.max() > 20
    np.testing.assert_array_equal(rows, novelty._choose_rows(100, 10))
    np.testing.assert_array_equal(novelty._choose_rows(3, 10), [0, 1, 2])


def test_a_wide_layer_is_compared_with_fewer_images(
    network: Network, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layer of 1,024 units would take 49 MB for each reader, and seconds to compute."""
    monkeypatch.setattr(novelty, "MOST_FEATURES", 300 * 40)
    gauge = novelty.fit(network, dataset)
    assert gauge.features.shape == (300, 40)
    refused = [novelty.judge(gauge, network, image).is_refused for image in dataset.x_test[:400]]
    assert np.mean(refused) < 0.03


def test_comparing_many_images_takes_little_memory_at_once() -> None:
    """All cosines of 2,000 and 15,000 images together are 120 MB."""
    rng = np.random.default_rng(0)
    known, seen = (rng.random((count, 4), np.float32) for count in (15_000, 2_000))
    tracemalloc.start()
    novelty._distances(known, seen)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80e6


@pytest.mark.parametrize("with_others", [False, True])
def test_a_fit_in_pieces_gives_the_same_detector(
    network: Network, dataset: Dataset, with_others: bool
) -> None:
    extra, signs = (dataset.x_test[:700], dataset.x_test[700:800]) if with_others else (None, None)
    made: novelty.Fitting | novelty.Gauge = novelty.Fitting()
    pieces = []
    while isinstance(made, novelty.Fitting):
        made = novelty.go_on(made, network, dataset, extra, signs, seconds=0)
        pieces.append(made)
    assert len(pieces) == (9 if with_others else 6)  # blocks of 500: 1,000, 700, 100; and 2,000
    whole = novelty.fit(network, dataset, extra, signs)
    np.testing.assert_array_equal(made.features, whole.features)
    np.testing.assert_array_equal(made.rows, whole.rows)
    assert (made.signs is None) == (signs is None)
    if with_others:
        np.testing.assert_array_equal(made.signs, novelty.features(network, signs))
    typical = [(one.distance, one.evidence, one.lead, one.limit) for one in (made, whole)]
    assert typical[0] == typical[1]

"""The memory that a run is expected to take, and the sentence that refuses one too large."""

from __future__ import annotations

from typing import Any

import pytest

from nncore.digits.starters import starter
from nncore.experiment import Experiment
from nncore.runtime.machine import LEAST_MEMORY, Machine, WorkerPlan
from nncore.runtime.memory import COMPILING, LOADED, estimate_need, refuse

MB = 2**20
LARGE = {"model.units": (1024, 1024, 1024), "fit.optimizer": "adam"}


def large(**changes: Any) -> Experiment:
    names = {"batch": "fit.batch_size", "augment": "fit.augment", "dropout": "model.dropout"}
    return Experiment().updated(LARGE | {names[name]: value for name, value in changes.items()})


def test_the_need_of_a_small_network_is_as_worked_out_by_hand() -> None:
    need = estimate_need(Experiment())  # 784-32-10, RMSprop, batches of 128, all of MNIST
    assert need.program == LOADED + COMPILING
    assert need.parameters == 916_200  # 25,450 numbers of 4 bytes, one slot each, 4.5 copies
    assert need.batch == 544_768  # 128 samples: 784 * 5 bytes, 42 units * 2 numbers * 4 bytes
    assert need.data == 108_881_664  # 70,000 images, and 65,536 rows of 784 + 10 * 4 bytes
    assert need.total == sum(need)


def test_the_need_of_a_large_network_is_as_worked_out_by_hand() -> None:
    need = estimate_need(large(batch=4096))
    assert need.parameters == 157_317_660  # 2,913,290 numbers of 4 bytes, two slots, 4.5 copies
    assert need.batch == 117_047_296  # 4,096 samples: 784 * 5 bytes, 3,082 units * 2 * 4 bytes


@pytest.mark.parametrize(
    ("changes", "bytes_more"),
    [
        ({"fit.optimizer": "sgd"}, -2 * 4.5 * 4 * 2_913_290),
        ({"fit.optimizer": "sgd", "fit.momentum": 0.9}, -1 * 4.5 * 4 * 2_913_290),
        ({"fit.patience": 3}, 2 * 4 * 2_913_290),
        ({"model.dropout": 0.5}, 128 * 3_082 * 2 * 4),
        ({"fit.augment": "affine"}, 128 * 784 * 5 * 4),
        ({"fit.augment": "elastic"}, 128 * 784 * 11 * 4),
        ({"fit.augment": "styles"}, 128 * 784 * 15 * 4),
        ({"data.samples": 1000}, 1024 * 784 - (65_536 - 1024) * (784 + 10 * 4)),
    ],
)
def test_each_setting_adds_what_it_takes(changes: dict[str, Any], bytes_more: float) -> None:
    before = estimate_need(large()).total
    assert estimate_need(large().updated(changes)).total - before == bytes_more


def test_numbers_and_own_drawings_take_little() -> None:
    numbers = Experiment().updated({"data.name": "rounding", "data.samples": 1000})
    assert estimate_need(numbers).data == 1000 * 4 + 1024 * (4 + 2 * 4)
    own = starter("faces")
    count = len(own.images)
    drawn = Experiment().updated({"data.name": "own", "data.drawings": "faces"}).with_drawings(own)
    rows = 1 << max(6, (count - 1).bit_length())
    assert estimate_need(drawn).data == count * 784 + rows * (784 + 2 * 4)


def test_what_fits_is_not_refused() -> None:
    need = estimate_need(large()).total
    assert refuse(large(), need) == ""
    assert refuse(large(), 0) == ""  # not known
    assert refuse(large(), need - 1)


@pytest.mark.parametrize(
    ("experiment", "advice"),
    [
        (large(), "Choose fewer units or fewer layers."),
        (large(batch=8192), "Choose a smaller batch size."),
        (large(batch=8192, augment="elastic"), "Choose a smaller batch size, or no augmentation."),
    ],
)
def test_a_refusal_says_what_it_needs_what_there_is_and_what_to_change(
    experiment: Experiment, advice: str
) -> None:
    need = estimate_need(experiment).total // MB
    assert refuse(experiment, 800 * MB) == (
        f"This run needs about {need:,} MB of memory, but a worker of this lab has 800 MB. {advice}"
    )


def test_a_worker_that_holds_no_network_at_all_says_so() -> None:
    assert refuse(Experiment(), 500 * MB).endswith(
        "No network fits: the lab needs a machine with more memory."
    )


@pytest.mark.parametrize("memory", [LEAST_MEMORY, 1280 * MB, 1536 * MB, 2700 * MB])
def test_a_usual_network_fits_wherever_the_lab_runs(memory: int) -> None:
    assert refuse(Experiment(), WorkerPlan.of(Machine(2, memory)).room) == ""


def test_the_largest_network_is_refused_on_the_smallest_machine_and_fits_a_usual_one() -> None:
    assert refuse(large(), WorkerPlan.of(Machine(2, LEAST_MEMORY)).room)
    assert refuse(large(), WorkerPlan.of(Machine(2, 1536 * MB)).room) == ""

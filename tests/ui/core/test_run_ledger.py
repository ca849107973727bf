"""The ledger of a session's runs: what it holds, and what it lets go first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment, FitConfig
from nncore.runtime import machine
from nncore.runtime.jobs import State
from nncore.runtime.run import Run
from nncore.runtime.runner import Runner
from nncore.runtime.store import Record
from ui.core import catalog, run_csv, run_ledger, run_rows
from ui.core.run_ledger import LedgerEntry, Mark
from ui.core.run_rows import Row

#: Bytes of weights in the checkpoints of these tests.
BYTES = 400


@pytest.fixture
def runner() -> Iterator[Runner]:
    """One that trains nothing: its runs wait until they are stopped."""
    found = Runner()
    yield found
    found.close()


def checkpoint(epoch: int = 5, **more: Any) -> Checkpoint:
    weights = (np.zeros(BYTES // 4, np.float32),)
    return replace(Checkpoint(Experiment(), "f", weights, epoch=epoch), **more)


def stopped(runner: Runner, start: Checkpoint | None = None) -> Run:
    run = runner.submit("a", start or checkpoint())
    run.stop()
    return run


def ledger_of(*runs: Run) -> tuple[LedgerEntry, ...]:
    noted: tuple[LedgerEntry, ...] = ()
    for run in runs:
        noted = run_ledger.add_run(noted, run, "mnist")
    return run_ledger.settle(noted)


def test_runs_are_numbered_in_the_order_in_which_they_began(runner: Runner) -> None:
    noted = run_ledger.add_run((), runner.submit("a", checkpoint()), "mnist")
    noted = run_ledger.add_run(noted, runner.submit("a", checkpoint()), "draw", "sweep")
    assert [(one.number, one.page, one.label) for one in noted] == [
        (1, "mnist", ""),
        (2, "draw", "sweep"),
    ]


def test_a_run_is_shown_as_it_is_now(runner: Runner) -> None:
    run = runner.submit("a", checkpoint(0))
    (one,) = ledger_of(run)
    assert one.progress.state is State.QUEUED
    assert not one.over
    run.stop()
    assert one.progress.state is State.STOPPED
    assert one.over


def test_a_run_that_was_put_away_since_is_held_once(runner: Runner) -> None:
    """Its arrays lie on disk then: those that the ledger has noted would stay in memory."""
    run = stopped(runner)
    noted = ledger_of(run)
    assert run_ledger.settle(noted)[0] is noted[0]
    run.job = replace(run.job, checkpoint=checkpoint(history={"loss": (0.5,)}))
    (one,) = run_ledger.settle(noted)
    assert one.last is not None
    assert one.last.checkpoint is run.job.checkpoint
    dropped = run_ledger.drop_arrays((one,), (one,))
    assert run_ledger.settle(dropped) == dropped


def test_a_full_ledger_lets_the_oldest_go_that_is_over_and_bears_no_mark(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_ledger, "MOST_RUNS", 4)
    moving = runner.submit("a", checkpoint(0))
    noted = ledger_of(moving, *(stopped(runner) for _ in range(3)))
    noted = (noted[0], replace(noted[1], mark=Mark(starred=True)), *noted[2:])
    noted = run_ledger.add_run(noted, stopped(runner), "mnist")
    assert [one.number for one in noted] == [1, 2, 4, 5]


def test_too_much_begins_with_the_oldest_that_can_be_made_again(runner: Runner) -> None:
    half = checkpoint(2)
    branch = checkpoint(5, edits=((3, "fit.learning_rate", 0.1),))
    starts = (half, checkpoint(), checkpoint(), branch)
    noted = ledger_of(*(stopped(runner, start) for start in starts))
    gone = [
        [one.number for one in run_ledger.find_excess(noted, left * BYTES)] for left in (4, 3, 2, 0)
    ]
    assert gone == [[], [2], [2, 3], [2, 3, 1, 4]]


def test_what_bears_a_mark_stays_longest(runner: Runner) -> None:
    first, second = ledger_of(stopped(runner), stopped(runner))
    starred = replace(first, mark=Mark(starred=True))
    assert run_ledger.find_excess((starred, second), BYTES) == (second,)


def test_what_may_still_go_on_is_not_touched(runner: Runner) -> None:
    assert run_ledger.find_excess(ledger_of(runner.submit("a", checkpoint(0))), 0) == ()


def test_the_numbers_outlive_the_arrays(runner: Runner) -> None:
    start = checkpoint(
        slots=(np.int64(99),),
        aside=(np.zeros(10, np.float32),),
        history={"loss": (0.5,) * 5},
        trace=((0.1, 1.0, 0.5),),
        seconds=2.0,
    )
    noted = ledger_of(stopped(runner, start), stopped(runner))
    bare, other = run_ledger.drop_arrays(noted, noted[:1])
    left = bare.progress.checkpoint
    assert run_ledger.size_of(left) == 0
    assert bare.run is None
    assert (bare.updates, left.history, left.seconds) == (99, start.history, 2.0)
    assert other is noted[1]
    assert run_ledger.find_excess((bare,), 0) == ()


def test_only_a_run_by_its_settings_to_its_end_is_plain(runner: Runner) -> None:
    starts = [
        checkpoint(),
        checkpoint(4),
        checkpoint(failure="The loss was no longer finite."),
        checkpoint(edits=((3, "fit.learning_rate", 0.1),)),
    ]
    assert [one.is_plain for one in ledger_of(*(stopped(runner, s) for s in starts))] == [
        True,
        False,
        False,
        False,
    ]


def test_a_checkpoints_size_counts_each_array(runner: Runner) -> None:
    assert FitConfig().epochs == 5  # or the checkpoints above are not finished
    assert run_ledger.size_of(checkpoint(slots=(np.zeros(10, np.float64),))) == BYTES + 80
    assert run_ledger.size_of(checkpoint(aside=(np.zeros(10, np.float64),))) == BYTES + 80


def test_tabs_share_the_memory_for_their_runs() -> None:
    assert run_ledger.bytes_per_tab(0) == run_ledger.bytes_per_tab(1) == run_ledger.MOST_BYTES
    assert 32 * run_ledger.bytes_per_tab(32) == run_ledger.ALL_BYTES
    assert run_ledger.bytes_per_tab(1000) == run_ledger.LEAST_BYTES


def test_tabs_share_a_quarter_of_it_on_a_small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "this_machine", lambda: machine.Machine(2, 2**30))
    assert 32 * run_ledger.bytes_per_tab(32) == run_ledger.ALL_BYTES // 4
    assert run_ledger.bytes_per_tab(1000) == run_ledger.LEAST_BYTES // 4


# Rows


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def record(checkpoint: Checkpoint) -> Record:
    last = {name: column[-1] for name, column in checkpoint.history.items()}
    key = f"{checkpoint.experiment.digest}-{checkpoint.fingerprint}"
    known = (checkpoint.experiment, checkpoint.fingerprint, "data", last, checkpoint.epoch)
    return Record(key, *known, 1.0, NOW, "")


def stored(checkpoint: Checkpoint) -> Row:
    return run_rows.row_of_record(record(checkpoint), "mnist", 10)


def seeded(seed: int, **more: Any) -> Checkpoint:
    return checkpoint(experiment=Experiment(fit=FitConfig(seed=seed)), **more)


def test_what_a_session_has_made_is_not_listed_once_more_from_the_store(runner: Runner) -> None:
    noted = ledger_of(stopped(runner, seeded(1)), stopped(runner, seeded(2, epoch=3)))
    rows = run_rows.list_rows(noted, [stored(seeded(1)), stored(seeded(2)), stored(seeded(3))])
    found = [(row.number, row.experiment.fit.seed) for row in rows]
    assert found == [(2, 2), (1, 1), (0, 2), (0, 3)]  # the second was stopped: it is another one


def test_alike_are_all_seeds_of_an_experiment_that_ended_the_own_first(runner: Runner) -> None:
    other = Experiment(fit=FitConfig(seed=7, batch_size=1))
    starts = (seeded(3), seeded(1), seeded(4, epoch=1), seeded(5, edits=((0, "weights", 1.0),)))
    noted = ledger_of(*(stopped(runner, start) for start in starts))
    rows = run_rows.list_rows(noted, [stored(seeded(2)), stored(checkpoint(experiment=other))])
    rows.append(replace(stored(seeded(6)), fingerprint="elsewhere"))
    found = run_rows.find_seeds(rows, stored(seeded(2)))
    assert [row.experiment.fit.seed for row in found] == [2, 1, 3]


@pytest.mark.parametrize(
    ("settings", "page"),
    [
        ({"data.name": "rounding", "data.samples": 100}, "rounding"),
        (
            {
                "data.name": "five",
                "fit.loss": "mean_squared_error",
                "model.output_activation": "linear",
            },
            "perceptron",
        ),
        ({"model.units": (), "fit.loss": "mean_squared_error"}, "perceptron"),
        ({}, "mnist"),
        ({"data.name": "fashion", "fit.augment": "affine"}, "mnist"),
        ({"fit.augment": "affine"}, "draw"),
    ],
)
def test_each_experiment_has_a_home(settings: dict[str, object], page: str) -> None:
    assert catalog.home_of(Experiment().updated(settings)) == page


def test_the_table_as_csv_has_every_setting_and_gives_experiments_back() -> None:
    row = stored(seeded(3, history={"loss": (0.5, 0.25), "accuracy": (0.8, 0.9)}))
    row = replace(row, mark=Mark('a "name", with a comma', starred=True))
    (line,) = csv.DictReader(io.StringIO(run_csv.write_table_csv([row], {row.key: 0.875})))
    settings = {name: line[name] for name in Experiment().settings()}
    settings["data.scaled"] = settings["data.scaled"].lower()
    assert Experiment.from_query(settings) == (row.experiment, [])
    assert (line["name"], line["starred"]) == ('a "name", with a comma', "True")
    assert (line["loss"], line["val_loss"], line["test_accuracy"]) == ("0.25", "", "0.875")
    assert (line["parameters"], line["updates"]) == (str(32 * 785 + 10 * 33), "10")


def test_histories_as_csv_have_a_row_an_epoch_of_a_run() -> None:
    histories: dict[str, dict[str, tuple[float, ...]]] = {
        "one": {"loss": (0.5, 0.25)},
        "two": {"loss": (1.0,), "val_loss": (2.0,)},
    }
    rows = list(csv.reader(io.StringIO(run_csv.write_history_csv(histories))))
    assert rows == [
        ["run", "epoch", "loss", "val_loss"],
        ["one", "1", "0.5", ""],
        ["one", "2", "0.25", ""],
        ["two", "1", "1.0", "2.0"],
    ]

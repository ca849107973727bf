"""The page "Runs": its table, names and stars, comparison, seeds, and opening a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import load
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.nn.network import Network
from nncore.runtime.jobs import State
from nncore.runtime.lab import Lab
from tests.pages.conftest import PATIENCE, ROOT, OpenPage, late_look, named, run_of, until
from ui.charts.run_comparison import SIGNS
from ui.core import resources, run_ledger, run_rows, server
from ui.core.catalog import LESSONS
from ui.workbench import run_marks, run_names

SMALL = Experiment(
    DataConfig("rounding", 100),
    ModelConfig((2,)),
    FitConfig(loss="sparse_categorical_crossentropy", epochs=2),
)


def train(lab: Lab, *experiments: Experiment) -> None:
    """Train runs in another session, into the store."""
    for experiment in experiments:
        lab.runner.submit("else", Checkpoint(experiment, load(experiment.data).fingerprint))
    until(lambda: len(lab.store.entries()) == len(experiments))


def key_of(experiment: Experiment) -> str:
    return f"{experiment.digest}-{load(experiment.data).fingerprint}"


def tick(app: AppTest, *experiments: Experiment) -> AppTest:
    app.session_state["runs.chosen"] = tuple(map(key_of, experiments))
    return rerun(app)


def rerun(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def texts_of(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning]
    return "\n".join(part.value for part in parts)


def test_without_runs_it_explains_itself_and_leads_to_the_lessons(open_page: OpenPage) -> None:
    app = open_page("runs")
    assert "Every run that you train appears here" in texts_of(app)
    pages = [link.proto.page for link in app.get("page_link")]
    assert pages == [lesson.name for lesson in LESSONS]


def test_all_visitors_share_the_rows_of_the_store(
    open_page: OpenPage, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store may have thousands, and a session keeps those that it has shown."""
    made, make = [], run_rows.row_of_record

    def count(*arguments: Any) -> run_rows.Row:
        made.append(make(*arguments))
        return made[-1]

    monkeypatch.setattr(run_rows, "row_of_record", count)
    train(lab, SMALL, SMALL.updated({"fit.seed": 1}))
    for _ in range(3):
        assert len(open_page("runs").dataframe[0].value) == 2
    assert len(made) == 2


@pytest.mark.parametrize(
    ("started", "words"),
    [((), "not trained anything in this session"), (("sweep",), "your sweep are on the page")],
)
def test_a_session_without_runs_of_its_own_is_told_where_a_sweeps_are(
    open_page: OpenPage, lab: Lab, started: tuple[str, ...], words: str
) -> None:
    train(lab, SMALL)
    app = open_page("runs")
    app.session_state["tab"].values["runs.started"] = started
    app.segmented_control(key="runs.whose").set_value("This session").run()
    assert words in texts_of(app)


def test_a_session_finds_its_runs_its_small_ones_too(open_page: OpenPage) -> None:
    query = {"data.samples": "100", "fit.epochs": "2", "model.units": "2"}
    query |= {"fit.validation": "none"}
    app = open_page("rounding", query)
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.button(key="rounding.train").click().run()
    until(lambda: run_of(app, "rounding").peek().state.over)
    app.segmented_control(key="rounding.tool").set_value("Outside the data").run()
    app.button(key="rounding.seeds.train").click().run()
    until(
        lambda: all(
            run.peek().state.over for run in app.session_state["tab"].values["rounding.seeds"]
        )
    )
    until(lambda: len(server.lab().store.entries()) == 6)
    app.switch_page("pages/runs.py")
    rerun(app)
    rows = app.dataframe[0].value
    assert len(rows) == 6  # and none of them once more from the store
    assert sorted(rows["Seed"]) == [0, 1, 2, 3, 4, 5]
    assert list(rows["State"]) == ["trained · comparison"] * 5 + ["trained"]
    assert set(rows["Updates"]) == {8}  # 100 numbers by 32: 4 an epoch


def test_the_test_accuracy_is_that_of_the_stored_network(lab: Lab, open_page: OpenPage) -> None:
    train(lab, SMALL)
    app = open_page("runs")
    stored, data = resources.stored(SMALL, load(SMALL.data).fingerprint), load(SMALL.data)
    assert stored is not None
    answers = Network.of(SMALL, stored.weights).predict(data.x_test).argmax(axis=1)
    assert app.dataframe[0].value["Test"][0] == pytest.approx(100 * (answers == data.y_test).mean())


def test_filter_and_sort(lab: Lab, open_page: OpenPage) -> None:
    wide, slow = SMALL.updated({"model.units": (8,)}), SMALL.updated({"fit.optimizer": "adam"})
    train(lab, SMALL, wide, slow)
    app = open_page("runs")
    assert len(app.dataframe[0].value) == 3
    app.selectbox(key="runs.sort").select("fewest parameters")
    assert list(rerun(app).dataframe[0].value["Parameters"]) == [10, 10, 34]
    app.text_input(key="runs.words").input("ADAM seconds").run()
    assert "No run matches" in texts_of(app)
    app.text_input(key="runs.words").input("ADAM 1-2").run()
    assert list(app.dataframe[0].value["Optimizer"]) == ["Adam"]
    app.segmented_control(key="runs.whose").set_value("This session").run()
    assert "You have not trained anything in this session yet" in texts_of(app)


def test_filters_and_order_stand_in_the_address(lab: Lab, open_page: OpenPage) -> None:
    wide, slow = SMALL.updated({"model.units": (8,)}), SMALL.updated({"fit.optimizer": "adam"})
    train(lab, SMALL, wide, slow)
    app = open_page("runs")
    app.selectbox(key="runs.sort").select("fewest parameters").run()
    app.text_input(key="runs.words").input("seed 0").run()
    app.selectbox(key="runs.lesson").select("rounding").run()
    app.segmented_control(key="runs.whose").set_value("Everyone's").run()
    assert list(app.dataframe[0].value["Parameters"]) == [10, 10, 34]
    again = open_page("runs", dict(app.query_params))
    assert list(again.dataframe[0].value["Parameters"]) == [10, 10, 34]
    assert again.text_input(key="runs.words").value == "seed 0"
    again.toggle(key="runs.starred").set_value(True).run()
    again.toggle(key="runs.away").set_value(True).run()
    assert again.query_params["runs.starred"] == "yes"
    again.run()  # the browser shows the address
    with late_look(again):
        del again.query_params["runs.archived"]
        again.run()
    assert named(again.toggle, "runs.starred").value
    assert not named(again.toggle, "runs.away").value


def test_two_chosen_runs_say_what_changed_and_how_they_began(lab: Lab, open_page: OpenPage) -> None:
    other = SMALL.updated({"fit.batch_size": 10})
    train(lab, SMALL, other)
    app = tick(open_page("runs"), SMALL, other)
    assert f"from {SIGNS[0]} to {SIGNS[1]}: Batch size 128 → **10**." in texts_of(app)
    assert "the same [weights]" in texts_of(app)
    assert "the same samples in the same order" in texts_of(app)
    assert list(app.dataframe[1].value["difference"])[-2:] == ["+18", "0"]  # updates: 2 and 20


def test_chosen_runs_that_are_not_kept_here_are_counted(lab: Lab, open_page: OpenPage) -> None:
    train(lab, SMALL)
    app = open_page("runs", {"chosen": f"{key_of(SMALL)},elsewhere"})
    assert "1 chosen run cannot be shown" in texts_of(app)


def test_another_seed_is_run_again_with_the_first_ones(lab: Lab, open_page: OpenPage) -> None:
    other = SMALL.updated({"fit.batch_size": 10, "fit.seed": 3})
    train(lab, SMALL, other)
    app = tick(open_page("runs"), SMALL, other)
    assert "seed 0 and seed 3" in texts_of(app)
    app.button(key="runs.twin_run").click().run()
    until(lambda: len(lab.store.entries()) == 3)
    rerun(app).button(key="runs.twin_known").click().run()
    assert not app.exception
    assert "the same [weights]" in texts_of(app)
    assert "Batch size 128 → **10**." in texts_of(app)


def test_is_it_real_runs_the_seeds_that_are_missing(lab: Lab, open_page: OpenPage) -> None:
    other, known = SMALL.updated({"fit.epochs": 1}), SMALL.updated({"fit.seed": 2})
    train(lab, SMALL, other, known)
    app = tick(open_page("runs"), SMALL, other)
    app.slider(key="runs.seed_count").set_value(3).run()
    assert app.button(key="runs.seeds_run").label == "Train 5 runs with other seeds"
    app.button(key="runs.seeds_run").click().run()
    until(lambda: len(lab.store.entries()) == 8)
    app.selectbox(key="runs.measure").select("training loss")
    assert "These seeds are trained" in texts_of(rerun(app))
    losses = [record.last["loss"] for record in lab.store.entries() if record.epochs == 2]
    mean, deviation = np.mean(losses), np.std(losses, ddof=1)
    assert f"{mean:.4g} on average over 4 seeds, ± {deviation:.3g}" in texts_of(app)
    assert "Welch's *t* interval" in texts_of(app)


def test_two_seeds_of_one_experiment_differ_by_noise(lab: Lab, open_page: OpenPage) -> None:
    other = SMALL.updated({"fit.seed": 5})
    train(lab, SMALL, other)
    app = tick(open_page("runs"), SMALL, other)
    assert "differ only in their seed" in texts_of(app)
    assert "on average over 2 seeds" in texts_of(app)
    assert "Welch" not in texts_of(app)
    assert app.button(key="runs.seeds_run").label == "Train 3 runs with other seeds"


def test_a_run_from_the_store_opens_in_its_lesson(lab: Lab, open_page: OpenPage) -> None:
    train(lab, SMALL)
    app = tick(open_page("runs"), SMALL)
    app.button(key="runs.open").click().run()
    assert not app.exception
    assert app.title[0].value == "Round a number"
    assert app.session_state["rounding.experiment"] == SMALL
    assert any("From the store" in bar.text for bar in bars(app))


def bars(app: AppTest) -> list[Any]:
    return [bar.proto for bar in app.get("progress")]


def test_a_run_that_was_stopped_opens_as_it_was(lab: Lab, open_page: OpenPage) -> None:
    long = SMALL.updated({"fit.epochs": 1000})
    app = open_page("runs")
    run = lab.runner.submit("me", Checkpoint(long, load(long.data).fingerprint))
    until(lambda: run.peek().checkpoint.epoch > 0)
    run.stop()
    until(lambda: run.peek().state is State.STOPPED)
    app.session_state["tab"].values["runs.noted"] = run_ledger.add_run((), run, "rounding")
    app.session_state["runs.chosen"] = ("run-1",)
    assert "stopped" in rerun(app).dataframe[0].value["State"][0]
    assert "Network as .keras" in [button.label for button in app.download_button]
    app.button(key="runs.open").click().run()
    assert not app.exception
    assert run_of(app, "rounding") is run
    assert any("Stopped" in bar.text for bar in bars(app))


def test_names_stars_and_what_is_put_away_are_the_sessions_own(
    lab: Lab, open_page: OpenPage
) -> None:
    other = SMALL.updated({"fit.seed": 1})
    train(lab, SMALL, other)
    before = {path: path.read_bytes() for path in lab.store._folder.rglob("*") if path.is_file()}
    app = tick(open_page("runs"), SMALL)
    app.text_input(key=f"runs.name.{key_of(SMALL)}").input("My  <b>best</b>").run()
    app.button(key="runs.star").click().run()
    assert "My <b>best</b>" in list(app.dataframe[0].value["Run"])
    app.toggle(key="runs.starred").set_value(True).run()
    assert list(app.dataframe[0].value["★"]) == ["★"]
    app.button(key="runs.archive").click().run()
    assert "No run matches" in texts_of(app)
    app.toggle(key="runs.away").set_value(True).run()
    assert list(app.dataframe[0].value["Run"]) == ["My <b>best</b>"]
    app = tick(app, SMALL)
    app.button(key="runs.archive").click().run()
    app.toggle(key="runs.away").set_value(False).run()
    assert list(app.dataframe[0].value["Run"]) == ["My <b>best</b>"]
    after = {path: path.read_bytes() for path in lab.store._folder.rglob("*") if path.is_file()}
    assert after == before
    assert "★" not in list(open_page("runs").dataframe[0].value["★"])  # another session


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"x": {"name": "", "starred": True, "away": False}},
        {"a-b": {"name": "", "starred": 1, "away": False}},
        {"a-b": {"name": "n" * 61, "starred": True, "away": False}},
        {"a-b": {"name": "", "starred": True}},
        {"a-b": {"name": "", "starred": True, "away": False, "more": 1}},
        {f"{n:x}-b": {"name": "", "starred": True, "away": False} for n in range(201)},
    ],
)
def test_what_a_browser_brings_is_looked_at(value: object) -> None:
    assert not run_marks.SLOT.shape.matches(value)


def test_good_marks_are_taken() -> None:
    assert run_marks.SLOT.shape.matches({"a1-b2": {"name": "best", "starred": True, "away": False}})


def test_memory_is_bounded_and_what_is_gone_is_measured_first(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE)
    app.session_state["tab"] = server.tabs().open("")
    run = lab.runner.submit("me", Checkpoint(SMALL, load(SMALL.data).fingerprint), keep=False)
    until(lambda: run.peek().state is State.FINISHED)
    app.session_state["tab"].values["runs.noted"] = run_ledger.add_run((), run, "rounding")
    monkeypatch.setattr(run_ledger, "MOST_BYTES", 0)
    (noted,) = rerun(app).session_state["tab"].values["runs.noted"]
    assert (noted.run, noted.progress.checkpoint.weights) == (None, ())
    app.switch_page("pages/runs.py")
    assert 0 <= rerun(app).dataframe[0].value["Test"][0] <= 100


@pytest.mark.parametrize(
    ("page", "words"), [("mnist", "Lesson 3"), ("home", "Neural Network Lab"), ("gone", "gone")]
)
def test_runs_of_any_page_can_be_listed(page: str, words: str) -> None:
    assert run_names.where(page) == words

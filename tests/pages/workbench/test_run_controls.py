"""The row of run buttons: they keep their place and meaning, and throw nothing away."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from nncore.runtime.jobs import State
from tests.pages.conftest import OpenPage, named, run_of, settle, until

ROW = ("train", "pause", "batch", "epoch", "stop")


def press(app: AppTest, name: str) -> Any:
    app.button(key=f"rounding.{name}").click().run()
    assert not app.exception, app.exception
    return run_of(app, "rounding")


def trained(open_page: OpenPage) -> AppTest:
    app = open_page("rounding")
    app.selectbox(key="rounding.speed").select("full speed").run()
    press(app, "train")
    settle(app, "rounding")
    return app


def row(app: AppTest) -> list[str]:
    keys = [str(button.key).removeprefix("rounding.") for button in app.button]
    return [key for key in keys if key in ROW]


def test_the_row_is_the_same_before_during_and_after_a_run(open_page: OpenPage) -> None:
    app = open_page("rounding")
    assert row(app) == list(ROW)
    press(app, "batch")
    assert row(app) == list(ROW)
    assert not any(app.button(key=f"rounding.{name}").disabled for name in ROW)
    app = trained(open_page)
    assert row(app) == list(ROW)
    assert not any(app.button(key=f"rounding.{name}").disabled for name in ROW)


def test_a_step_leaves_a_finished_run_alone(open_page: OpenPage) -> None:
    app = trained(open_page)
    before = run_of(app, "rounding")
    assert press(app, "batch") is before
    assert press(app, "epoch") is before
    assert before.peek().state is State.FINISHED
    assert any("This run is finished" in toast.value for toast in app.toast)


def test_a_second_click_on_step_steps_again(open_page: OpenPage) -> None:
    app = open_page("rounding")
    run = press(app, "batch")
    until(lambda: run.peek().checkpoint.updates == 1)
    assert press(app, "batch") is run
    until(lambda: run.peek().checkpoint.updates == 2)
    assert run.peek().state is State.PAUSED


def test_a_stopped_run_steps_on_from_where_it_is(open_page: OpenPage) -> None:
    app = open_page("rounding")
    run = press(app, "batch")
    until(lambda: run.peek().checkpoint.updates == 1)
    press(app, "stop")
    until(lambda: run.peek().state is State.STOPPED)
    rest = press(app, "batch")
    until(lambda: rest.peek().checkpoint.updates == 2)


def test_train_continues_a_paused_run_and_leaves_one_under_way_alone(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.selectbox(key="rounding.speed").select("1 batch a second").run()
    run = press(app, "batch")
    until(lambda: run.peek().checkpoint.updates == 1)
    app.run()
    assert app.button(key="rounding.train").label == "Continue"
    assert press(app, "train") is run
    assert app.button(key="rounding.train").label == "Training"
    assert press(app, "train") is run
    assert run.peek().state.active
    press(app, "stop")


def test_pause_and_stop_say_so_where_nothing_trains(open_page: OpenPage) -> None:
    app = open_page("rounding")
    for name in ("pause", "stop"):
        app.button(key=f"rounding.{name}").click().run()
        assert any("Nothing is training" in toast.value for toast in app.toast)


def test_the_curves_show_the_chosen_metric(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.selectbox(key="rounding.fit.loss").select("mean_squared_error").run()
    named(app.selectbox, "rounding.fit.metric").select("mean_absolute_error").run()
    app.selectbox(key="rounding.speed").select("full speed").run()
    press(app, "train")
    settle(app, "rounding")
    assert "mean_absolute_error" in run_of(app, "rounding").peek().checkpoint.history


def curves(app: AppTest) -> list[str]:
    """Return the specs of the loss and the metric over the epochs."""
    specs = [chart.proto.spec for chart in app.get("vega_lite_chart")]
    return [spec for spec in specs if "over the epochs" in spec or " epochs: " in spec]


def test_a_click_on_train_keeps_the_charts_of_the_curves(open_page: OpenPage) -> None:
    """With another spec the browser would draw them anew, before it shows the first numbers."""
    app = open_page("rounding")
    app.selectbox(key="rounding.speed").select("1 batch a second").run()
    before = curves(app)
    press(app, "train")
    assert curves(app) == before
    assert len(before) == 2
    press(app, "stop")


def test_finished_curves_are_described_with_their_last_values(open_page: OpenPage) -> None:
    found = curves(trained(open_page))
    assert ["loss after" in found[0], "accuracy after" in found[1]] == [True, True]


def downloads(app: AppTest) -> list[str]:
    """Return the labels of the downloads of the page's run."""
    return [button.proto.label for button in app.get("download_button")]


def test_a_stopped_run_can_be_downloaded(open_page: OpenPage) -> None:
    app = open_page("rounding")
    assert "Network as .keras" not in downloads(app)
    run = press(app, "batch")
    until(lambda: run.peek().checkpoint.updates == 1)
    press(app, "stop")
    settle(app, "rounding")
    assert run.peek().state is State.STOPPED
    assert {"History as CSV", "Network as .keras", "Program as .py"} <= {*downloads(app)}

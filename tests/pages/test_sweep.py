"""The page "Sweep": a small sweep from its link to its best run, and links that make no sweep."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from nncore.data.datasets import load
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.runtime.lab import Lab
from nncore.sweep import Axis, Sweep
from tests.pages.conftest import OpenPage, late_look, named, until
from ui.sweep.draft import LESSONS, homes
from ui.sweep.presets import read_texts
from ui.sweep.ranking import best_of

BASE = Experiment(
    DataConfig("rounding", 60),
    ModelConfig((2,), "linear", "linear"),  # no activation holds it back
    FitConfig("sgd", loss="mean_squared_error", epochs=1, batch_size=6, validation="last"),
)
#: One shape of network, so that little is compiled; the large rate diverges.
SWEEP = Sweep(BASE, (Axis("learning_rate", (0.01, 100.0)), Axis("epochs", (1, 30))))


def link(sweep: Sweep = SWEEP) -> dict[str, str]:
    return dict(pair.split("=") for pair in sweep.to_query().split("&"))


def texts_of(app: AppTest) -> str:
    return "\n".join(text.value for text in (*app.markdown, *app.caption, *app.warning, *app.info))


def trained(app: AppTest) -> AppTest:
    until(lambda: not app.session_state["tab"].values["sweep.training"].progress().under_way)
    until(lambda: not app.session_state["tab"].values["sweep.training"]._runs)
    app.run()
    assert not app.exception, app.exception
    return app


def test_the_axes_of_the_map_are_in_the_address(open_page: OpenPage) -> None:
    axes = (Axis("batch_size", (6, 12)), Axis("epochs", (1, 2)), Axis("learning_rate", (0.01, 0.1)))
    app = open_page("sweep", link(Sweep(BASE, axes)))
    until(lambda: not app.button(key="sweep.start").disabled)
    app.button(key="sweep.start").click().run()
    trained(app)
    assert app.selectbox(key="sweep.across").value == "epochs"
    app.selectbox(key="sweep.across").select("batch_size").run()
    assert app.query_params["map"] == "batch_size,learning_rate"
    app.selectbox(key="sweep.down").select("epochs").run()
    again = open_page("sweep", dict(app.query_params))
    boxes = [again.selectbox(key=f"sweep.{name}").value for name in ("across", "down")]
    assert boxes == ["batch_size", "epochs"]


def test_a_sweep_from_its_link_to_its_best_run(open_page: OpenPage, lab: Lab) -> None:
    app = open_page("sweep", link())
    assert "2 × 2 = **4 runs**" in texts_of(app)
    until(lambda: bool(lab.timings.recent()))
    app.run()
    assert "on this machine" in texts_of(app)
    assert "accuracy**: the share of 6 held-out training samples" in texts_of(app)
    app.button(key="sweep.start").click().run()
    trained(app)
    assert "4 runs** · all trained" in texts_of(app)
    assert ":material/star: **Best: " in texts_of(app)
    table = app.dataframe[0].value
    assert len(table) == 4
    assert table["note"].iloc[-1].startswith("diverged: the loss was no longer finite")
    scores, _ = lab.scores.find(SWEEP.experiments, load(BASE.data).fingerprint)
    best = best_of(scores)

    again = open_page("sweep", link())  # somebody else, or the same after a reload
    assert "4 runs** · all trained" in texts_of(again)
    assert list(lab.runner._table) == []

    app.button(key="sweep.open_best").click().run()
    assert not app.exception, app.exception
    assert app.session_state["rounding.experiment"] == best
    assert app.title[0].value == "Round a number"


def test_back_holds_though_the_browser_polls_with_what_it_showed_before(
    open_page: OpenPage,
) -> None:
    app = open_page("sweep", link() | {"sweep.sample": "7"})
    assert named(app.number_input, "sweep.runs").value == 7
    with late_look(app):
        app.query_params["sweep.sample"] = "20"
        app.run()
    assert named(app.number_input, "sweep.runs").value == 20
    assert app.query_params["sweep.sample"] == "20"


def test_an_invalid_sweep_is_explained_and_cannot_be_started(open_page: OpenPage) -> None:
    app = open_page("sweep", link() | {"sweep.units": "2,zebra", "sweep.lesson": "draw"})
    assert "The link's sweep.units = 'zebra' cannot be used." in texts_of(app)
    assert app.selectbox(key="sweep.lesson").value == "rounding"
    named(app.multiselect, "sweep.axis.units").set_value(["2", "5000"]).run()
    assert named(app.multiselect, "sweep.axis.units").value == ["2"]
    assert "from 1 to 1,024" in app.toast[0].value
    for name in ("units", "learning_rate", "epochs"):
        named(app.multiselect, f"sweep.axis.{name}").set_value([]).run()
    assert "A sweep needs at least one setting to vary." in texts_of(app)
    assert "sweep.start" not in [button.key for button in app.button]
    app.toggle(key="sweep.held_out").set_value(False).run()
    app.multiselect(key="sweep.axis.activation").set_value(["relu", "tanh"]).run()
    assert "Do not choose the best run by it" in texts_of(app)
    assert "**2 runs**" in texts_of(app)


def test_presets_make_sweeps_on_either_data(embedded_only: None) -> None:
    for preset in read_texts().presets:
        draft = preset.draft()
        assert draft.sweep is not None
        assert draft.lesson in LESSONS
        assert draft.lesson in homes(draft.base.data.name)


def test_a_sweep_of_own_drawings_is_refused_in_a_sentence(open_page: OpenPage) -> None:
    app = open_page("sweep", {"v": "2", "data": "own", "drawings": "faces"})
    assert "A sweep cannot start from these data" in " ".join(one.value for one in app.warning)


def test_a_preset_keeps_its_answer_until_its_runs_are_done(open_page: OpenPage) -> None:
    first, second = read_texts().presets[:2]
    app = open_page("sweep")
    assert "shown above" in texts_of(app)
    assert first.question in texts_of(app)
    assert not any(preset.expect in texts_of(app) for preset in (first, second))
    app.button(key=f"sweep.preset.{second.name}").click().run()
    assert app.session_state["sweep.draft"] == second.draft()

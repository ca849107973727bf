"""The tool "One batch" on the pages of lessons 1 and 2, as a learner steps through it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OpenPage, run_of, until

pytestmark = pytest.mark.usefixtures("embedded_only")


def opened(open_page: OpenPage, page: str, **settings: str) -> AppTest:
    """The page with the tool open on its starting weights."""
    names = {name.replace("__", "."): value for name, value in settings.items()}
    app = open_page(page, names)
    app.segmented_control(key=f"{page}.tool").set_value("One batch").run()
    assert any("Press **Train** or **Step one batch**" in info.value for info in app.info)
    app.button(key=f"{page}.scope.start").click().run()
    until(lambda: bool(run_of(app, page).peek().checkpoint.weights))
    return app.run()


def heading(app: AppTest) -> str:
    (found,) = [m.value for m in app.markdown if m.value.startswith("#### Step")]
    return str(found)


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def walk(app: AppTest, page: str) -> list[str]:
    """Every step's heading, by pressing Next to the end."""
    found = [heading(app)]
    while not app.button(key=f"{page}.scope.next").disabled:
        app.button(key=f"{page}.scope.next").click().run()
        assert not app.exception, app.exception
        found.append(heading(app))
    return found


def test_lesson_1_goes_there_and_back_and_updates(open_page: OpenPage) -> None:
    app = opened(open_page, "rounding")
    assert "the random starting weights" in texts(app)
    headings = walk(app, "rounding")
    assert len(headings) == 11
    assert headings[0] == "#### Step 1 of 11: the inputs"
    assert headings[-1] == "#### Step 11 of 11: old weights, new weights"
    assert "The same batch's loss: **" in texts(app)
    app.button(key="rounding.scope.back").click().run()
    assert heading(app).startswith("#### Step 10 of 11")


@pytest.mark.parametrize("units", ["none", "4-3-2"])
def test_lesson_1_with_other_layers(open_page: OpenPage, units: str) -> None:
    app = opened(open_page, "rounding", model__units=units, fit__optimizer="sgd")
    assert len(walk(app, "rounding")) == {"none": 7, "4-3-2": 19}[units]


@pytest.mark.parametrize("size", ["1", "2"])
def test_a_small_batch_is_the_whole_of_the_run_s_next_one(open_page: OpenPage, size: str) -> None:
    app = opened(open_page, "rounding", fit__batch_size=size)
    assert "This is the run's whole next batch" in texts(app)
    assert len(app.table[0].value) == int(size)


def test_own_numbers_are_taken(open_page: OpenPage) -> None:
    app = opened(open_page, "rounding")
    app.segmented_control(key="rounding.scope.own.widget").set_value(True).run()
    app.text_input(key="rounding.scope.numbers.widget").set_value("0.3 0.75").run()
    columns = app.table[0].value
    assert columns["x"].tolist() == ["0.3", "0.75"]
    assert [label[0] for label in columns["label"]] == ["0", "1"]
    app.text_input(key="rounding.scope.numbers.widget").set_value("three").run()
    assert any("Received: 'three'" in warning.value for warning in app.warning)


def test_the_neuron_and_the_sample_of_the_worked_line_are_chosen(open_page: OpenPage) -> None:
    app = opened(open_page, "rounding")
    app.button(key="rounding.scope.next").click().run()
    app.selectbox(key="rounding.scope.unit.1.widget").select(5).run()
    app.selectbox(key="rounding.scope.sample.widget").select(2).run()
    assert "Worked out for unit 5, sample #3" in texts(app)
    app.button(key="rounding.scope.next").click().run()  # what was chosen stays chosen
    assert "Worked out for unit 5, sample #3" in texts(app)


def test_weights_move_on_with_the_run(open_page: OpenPage) -> None:
    app = opened(open_page, "rounding")
    app.button(key="rounding.batch").click().run()
    until(lambda: run_of(app, "rounding").peek().checkpoint.updates == 1)
    app.run()
    assert "the weights after update 1" in texts(app)


def test_lesson_2_goes_there_and_back_and_updates(open_page: OpenPage) -> None:
    app = opened(open_page, "perceptron", data__samples="400")
    headings = walk(app, "perceptron")
    assert headings[0] == "#### Step 1 of 7: the inputs"
    assert headings[-1] == "#### Step 7 of 7: old weights, new weights"


def test_images_are_picked(open_page: OpenPage) -> None:
    app = opened(open_page, "perceptron", data__samples="400")
    app.segmented_control(key="perceptron.scope.own.widget").set_value(True).run()
    assert any("Tick 1 to 8 images" in warning.value for warning in app.warning)
    boxes = [box for box in app.checkbox if (box.key or "").startswith("perceptron.scope.image")]
    assert [box.label for box in boxes] == ["five"] * 8 + ["not five"] * 8
    app.checkbox(key=boxes[0].key).check().run()
    app.checkbox(key=boxes[9].key).check().run()
    labels = [text.replace("\u00a0", " ") for text in app.table[0].value["label"]]
    assert labels == ["1, five", "0, not five"]


def test_a_run_under_way_asks_to_be_paused(open_page: OpenPage) -> None:
    app = open_page("rounding")
    app.segmented_control(key="rounding.tool").set_value("One batch").run()
    app.selectbox(key="rounding.speed").select("1 batch a second").run()
    app.button(key="rounding.train").click().run()
    until(lambda: bool(run_of(app, "rounding").peek().checkpoint.weights))
    app.run()
    assert any("Press **Pause**" in info.value for info in app.info)
    app.button(key="rounding.stop").click().run()
    until(lambda: run_of(app, "rounding").peek().state.over)
    app.run()
    assert heading(app).startswith("#### Step 1 of 11")

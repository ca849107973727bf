"""Lesson 5: own classes and drawings, kept by the browser, trained on, tested, and swapped."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from nncore.digits import starters
from nncore.digits.own_changes import change_class
from nncore.digits.own_files import from_value, to_json, to_value
from nncore.own_drawings import OwnDrawings
from tests.pages.conftest import OpenPage, named, run_of, settle, until, written

#: A run of a moment.
QUICK = {"model.units": "8", "fit.epochs": "2", "fit.augment": "none"}
#: Names that are markup anywhere else.
NAMES = ("**x** :smile:", "<b>$y$</b>")
#: What Markdown makes of them again, without the invisible signs between.
WRITTEN = (r"\*\*x\*\* \:smile\:", r"\<b\>\$y\$\<\/b\>")


def drawn(count: int = 6) -> OwnDrawings:
    """Return so many faces of each class, under names that are markup."""
    faces = starters.starter("faces")
    rows = [row for label in (0, 1) for row in np.flatnonzero(faces.labels == label)[:count]]
    return OwnDrawings(NAMES, tuple(faces.drawings[row] for row in rows))


OpenOwn = Callable[..., AppTest]


@pytest.fixture
def open_own(open_page: OpenPage) -> OpenOwn:
    """Opens the page in a browser that keeps drawings, with the settings of an address."""

    def open_it(own: OwnDrawings | None, **query: str) -> AppTest:
        app = open_page("own", QUICK | query)
        app.session_state["keep.works"] = True
        app.session_state["keep.held"] = {} if own is None else {"own_drawings": to_value(own)}
        return run(app)

    return open_it


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def use_mine(app: AppTest) -> AppTest:
    named(app.segmented_control, "own.choice").set_value("mine")
    return run(app)


def train(app: AppTest) -> AppTest:
    app.button(key="own.train").click()
    return settle(run(app), "own")


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.text, app.warning)
    return "\n".join(str(text.value) for kind in kinds for text in kind).replace("\u2060", "")


def kept(app: AppTest) -> OwnDrawings:
    """Return the drawings that the browser was told to keep."""
    value = app.session_state["keep.held"]["own_drawings"]
    assert written(app)["own_drawings"] is not None
    return from_value(value)


def test_it_opens_on_faces_and_trains_at_once(open_own: OpenOwn) -> None:
    app = train(open_own(None))
    assert run_of(app, "own").experiment.data.drawings == "faces"
    assert "of 14 held-out drawings right" in texts(app)
    assert "smiley" in texts(app)


def test_own_classes_appear_as_they_were_typed(open_own: OpenOwn) -> None:
    app = train(use_mine(open_own(drawn())))
    assert run_of(app, "own").experiment.data.own == drawn()
    for name, escaped in zip(NAMES, WRITTEN, strict=True):
        assert escaped in texts(app)
        assert name not in "\n".join(str(text.value) for text in app.markdown)
    app.button(key="own.curve.run")  # the page is there to its end


def test_an_address_names_own_drawings_and_a_reload_finds_them(open_own: OpenOwn) -> None:
    own = drawn()
    app = open_own(own, **{"data.name": "own", "data.drawings": own.fingerprint})
    assert app.button(key="own.train")
    assert named(app.segmented_control, "own.choice").value == "mine"


def test_an_address_with_drawings_of_somebody_else_asks_for_the_file(open_own: OpenOwn) -> None:
    own = drawn()
    app = open_own(None, **{"data.name": "own", "data.drawings": own.fingerprint})
    assert "are not in this browser" in texts(app)
    assert not any(button.key == "own.train" for button in app.button)
    upload(app, "own.file.mine.0", "drawings.json", to_json(own).encode())
    assert kept(app) == own
    assert app.button(key="own.train")


def test_too_few_drawings_are_asked_for(open_own: OpenOwn) -> None:
    app = use_mine(open_own(drawn(1)))
    assert "Draw at least two of each class" in texts(app)
    named(app.segmented_control, "own.choice").set_value("shapes")
    assert run(app).button(key="own.train")


def upload(app: AppTest, key: str, name: str, data: bytes) -> None:
    app.file_uploader(key=key).set_value((name, data, "application/octet-stream"))
    run(app)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\x00", b"[]", b'{"format": "nncore.own-drawings", "version": 99}', b"[" * 9999],
)
def test_a_hostile_file_gets_a_sentence(open_own: OpenOwn, data: bytes) -> None:
    app = open_own(drawn())
    app.session_state["own.file.box"] = True
    upload(run(app), "own.file.mine.0", "<b>.json", data)
    assert app.text[0].value.endswith(".")
    assert app.session_state["keep.held"]["own_drawings"] == to_value(drawn())


def picture(ink: bool) -> bytes:
    pixels = np.full((120, 120), 255, np.uint8)
    if ink:
        pixels[30:90, 55:65] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, picture(ink=True))
    return file.getvalue()


def test_a_zip_of_pictures_brings_a_class_for_each_folder(open_own: OpenOwn) -> None:
    app = open_own(drawn())
    app.session_state["own.file.box"] = True
    upload(run(app), "own.file.mine.0", "project.zip", zipped("cat/0.png", f"{NAMES[0]}/0.png"))
    assert kept(app).names == (*NAMES, "cat")
    assert kept(app).counts == (7, 6, 1)
    app.button(key="own.undo").click()
    assert kept(run(app)) == drawn()


@pytest.mark.parametrize("data", [b"PK\x03\x04", zipped("a\u202eb/0.png"), zipped()])
def test_a_hostile_zip_gets_a_sentence(open_own: OpenOwn, data: bytes) -> None:
    app = open_own(drawn())
    app.session_state["own.file.box"] = True
    upload(run(app), "own.file.mine.0", "<b>.zip", data)
    assert app.text[0].value.endswith(".")
    assert app.session_state["keep.held"]["own_drawings"] == to_value(drawn())


def test_a_picture_joins_the_chosen_class_and_can_be_undone(open_own: OpenOwn) -> None:
    app = open_own(drawn())
    app.session_state["own.pictures.box"] = True
    upload(run(app), "own.pictures.0", "a.png", picture(ink=True))
    assert kept(app).counts == (7, 6)
    app.button(key="own.undo").click()
    assert kept(run(app)) == drawn()


@pytest.mark.parametrize("data", [b"GIF89a", picture(ink=False)])
def test_a_hostile_picture_gets_a_sentence(open_own: OpenOwn, data: bytes) -> None:
    app = open_own(drawn())
    app.session_state["own.pictures.box"] = True
    upload(run(app), "own.pictures.0", "**a**.png", data)
    assert app.text[0].value.startswith("**a**.png: ")


def test_a_drawing_is_moved_or_thrown_away(open_own: OpenOwn) -> None:
    app = open_own(drawn())
    first = drawn().drawings[0]
    app.session_state["own.chosen"] = (first.pixels, first.label)
    named(run(app).selectbox, "own.move_to.0").set_value(1)
    app.button(key="own.move").click()
    assert kept(run(app)).counts == (5, 7)
    app.session_state["own.chosen"] = (first.pixels, 1)
    run(app).button(key="own.remove_drawing").click()
    assert kept(run(app)).counts == (5, 6)


def test_one_class_is_made_small_and_that_can_be_undone(open_own: OpenOwn) -> None:
    app = open_own(drawn())
    app.session_state["own.size.1"] = True
    run(app).button(key="own.size.change.1.0").click()
    assert kept(run(app)) == change_class(drawn(), 1, 0.5)
    assert named(app.segmented_control, "own.choice").value == "mine"
    app.button(key="own.undo").click()
    assert kept(run(app)) == drawn()


def test_classes_are_renamed_added_and_removed(open_own: OpenOwn) -> None:
    app = open_own(drawn())
    named(app.text_input, "own.name.0").set_value(NAMES[1])
    assert "Two classes have the same name" in texts(run(app))
    named(app.text_input, "own.name.0").set_value("star")
    run(app).button(key="own.add_class").click()
    assert kept(run(app)).names == ("star", NAMES[1], "Class 3")
    app.button(key="own.remove.1").click()
    assert kept(run(app)).names == ("star", "Class 3")


def test_a_neighbours_file_is_read_by_the_network(open_own: OpenOwn) -> None:
    app = train(use_mine(open_own(drawn())))
    theirs = OwnDrawings(("a", "b"), starters.neighbour("faces").drawings)
    upload(app, "own.file.neighbour.0", "theirs.json", to_json(theirs).encode())
    assert "of 20 drawings** of theirs right" in texts(app)
    assert "matched by their order" in texts(app)


def test_the_learning_curve_trains_on_more_and_more_drawings(open_own: OpenOwn) -> None:
    app = open_own(None)
    assert app.button(key="own.curve.run").disabled
    app.segmented_control(key="own.curve.guess").set_value(0)
    run(app).button(key="own.curve.run").click()
    run(app)
    runs = app.session_state["tab"].values["own.curve"]
    assert [one.experiment.data.samples for one in runs] == [2, 4, 10, 20, 40]
    until(lambda: all(one.peek().state.over for one in runs))
    assert "With one drawing of each class it reaches" in texts(run(app))

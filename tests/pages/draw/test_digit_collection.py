"""Lesson 4 with the learner's own digits, and with somebody else's to be repaired."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.digits.collection import Digit, DigitCollection
from nncore.digits.digit_files import FoundDigit
from nncore.digits.preprocess import to_mnist
from nncore.nn.network import Network
from nncore.training import branch
from tests.pages.conftest import late_look, named, until
from tests.pages.draw.conftest import ink_of, png, put_on_canvas, quick
from ui.draw import digit_collection, import_review, prediction_text
from ui.draw.collection_files import read_files
from ui.draw.collection_scores import describe_mistakes


def hand(app: AppTest) -> DigitCollection:
    """Return the digits that this session has the browser keep."""
    held = app.session_state["keep.held"].get(digit_collection.SLOT.name)
    return DigitCollection() if held is None else DigitCollection.from_value(held)


def hold(app: AppTest, digits: list[Digit]) -> None:
    """Have the browser keep digits before the page runs."""
    value = DigitCollection(tuple(digits)).value
    app.session_state["keep.held"] = {digit_collection.SLOT.name: value}


def card(app: AppTest) -> str:
    return next(box.label for box in app.expander if "Your own digits" in box.label)


def says(app: AppTest, words: str) -> bool:
    return any(words in str(text.value) for text in [*app.markdown, *app.caption, *app.info])


def drawn_seven() -> NDArray[np.uint8]:
    image = to_mnist(ink_of(), invert=False).image
    assert image is not None
    return image


def test_a_drawing_joins_the_learners_digits_and_leaves_them_again(
    app: AppTest, checkpoint: Checkpoint
) -> None:
    assert app.button(key="draw.right").disabled
    put_on_canvas(app, ink_of())
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    read = int(network.predict(drawn_seven())[0].argmax())
    app.button(key="draw.right").click().run()
    assert hand(app).labels.tolist() == [read]
    np.testing.assert_array_equal(hand(app).images[0], drawn_seven())
    assert card(app).endswith("1 digit")
    assert says(app, "You have 1 now")  # asked once for each drawing
    app.button(key="draw.confirm.undo").click().run()
    assert hand(app) == DigitCollection()
    app.button_group(key="draw.truth.0").set_value(1)  # no, it is a 1
    with late_look(app):
        app.run()
    assert hand(app).labels.tolist() == [1]
    assert app.session_state["draw.digits.asked"] == 1
    app.button(key="draw.clear").click().run()
    assert hand(app).labels.tolist() == [1]


def test_the_gallery_tells_who_reads_them_and_changes_can_be_taken_back(
    app: AppTest, checkpoint: Checkpoint
) -> None:
    dataset = datasets.load(checkpoint.experiment.data)
    images, labels = dataset.x_test[:20], dataset.y_test[:20]
    digits = [
        Digit.from_image(image, int(label)) for image, label in zip(images, labels, strict=True)
    ]
    app.session_state["keep.held"] = {
        digit_collection.SLOT.name: DigitCollection(tuple(digits)).value
    }
    app.session_state["draw.digits.opened"] = True
    app.run()
    answers = Network.of(checkpoint.experiment, checkpoint.weights).predict(images).argmax(1)
    assert says(app, f"**{(answers == labels).sum()} of 20** right")
    app.selectbox(key="draw.digits.picked").select(2).run()
    assert says(
        app, f"No. 3: **{digit_collection.name_digit(labels[2])}**, read as **{answers[2]}**"
    )
    app.button(key="draw.digits.remove").click().run()
    assert hand(app).digits == (*digits[:2], *digits[3:])
    app.selectbox(key="draw.digits.picked").select(0).run()
    app.button_group(key="draw.digits.label.1").set_value(0)
    with late_look(app):
        app.run()
    assert hand(app).labels[0] == 0
    assert app.session_state["draw.digits.version"] == 2
    app.button(key="draw.digits.empty").click().run()
    assert hand(app) == DigitCollection()
    for _ in range(3):
        app.button(key="draw.digits.undo").click().run()
    assert hand(app).digits == tuple(digits)
    assert not app.exception


def test_a_mistake_of_the_reader_is_repaired_and_does_not_join_the_hand(
    app: AppTest, checkpoint: Checkpoint
) -> None:
    dataset = datasets.load(checkpoint.experiment.data)
    answers = Network.of(checkpoint.experiment, checkpoint.weights).predict(dataset.x_test)
    app.button(key="draw.mistake").click().run()
    foreign = app.session_state["draw.foreign"]
    rows = np.flatnonzero((dataset.x_test == foreign.image).all(axis=(1, 2)))
    read = int(answers[rows[0]].argmax())
    assert read != foreign.label == dataset.y_test[rows[0]]
    assert says(app, f"This **{foreign.label}** was read as **{read}**")
    assert says(app, "does not count as yours")
    good = next(
        row
        for row in np.flatnonzero(dataset.y_test == foreign.label)
        if answers[row].argmax() == foreign.label
    )
    put_on_canvas(app, dataset.x_test[good].repeat(10, 0).repeat(10, 1))
    assert says(app, "after 1 change")
    app.button(key="draw.clear").click().run()
    assert not says(app, "after 1 change")


def test_an_image_from_another_page_is_put_on_the_canvas(app: AppTest) -> None:
    image = datasets.load(quick().data).x_test[5]
    app.session_state["draw.sent"] = {"image": image, "label": 3, "from": "lesson 3"}
    app.run()
    assert "draw.sent" not in app.session_state
    np.testing.assert_array_equal(app.session_state["draw.start"], image)
    assert says(app, "This **3**")
    assert says(app, "(lesson 3)")
    app.session_state["draw.sent"] = {"image": "no image"}
    assert not app.run().exception


# What files bring along


def test_files_bring_digits_and_complaints() -> None:
    one, two = (Digit.from_image(drawn_seven(), label) for label in (7, 1))
    contents = read_files(
        [
            ("mine.JSON", DigitCollection((one, two)).to_json().encode()),
            ("4-001.png", png(ink_of())),
            ("other.json", b"{}"),
            ("n" * 60 + ".png", b"GIF89a"),
        ]
    )
    assert [(digit.label, digit.suggestion) for digit in contents.digits] == [
        (7, None),
        (1, None),
        (None, 4),
    ]
    assert [line.partition(": ")[0] for line in contents.complaints] == [
        "other.json",
        "n" * 37 + "…",
    ]


def test_a_label_is_preselected_only_where_it_is_certain() -> None:
    image = drawn_seven()
    found = [
        FoundDigit(image, "a sheet", label=7),
        FoundDigit(image, "7.png", suggestion=7),
        FoundDigit(image, "1.png", suggestion=1),
        FoundDigit(image, "scan.png"),
    ]
    readings = np.array([7, 7, 7, 7])
    assert import_review.choose_labels(found, readings, {}) == [7, 7, None, None]
    assert import_review.choose_labels(found, readings, {0: None, 3: 2}) == [None, 7, None, 2]
    assert import_review.choose_labels(found, None, {}) == [7, None, None, None]


def test_uploaded_digits_join_when_their_labels_are_confirmed(app: AppTest) -> None:
    app.session_state["draw.digits.opened"] = True
    app.run()
    name = "*a*:red[x].png"
    files = [(name, png(255 - ink_of()), "image/png"), ("a.json", b"[]", "application/json")]
    app.file_uploader(key="draw.digits.files.0").set_value(files).run()
    assert any("a.json: This is not a digit collection" in text.value for text in app.text)
    assert any(text.value.startswith(name) for text in app.text)
    assert not any(name in text.value for text in app.markdown)  # shown as it is
    assert card(app).endswith("none yet")
    assert app.button(key="draw.digits.add").disabled
    app.selectbox(key="draw.digits.choice.1.0").select(7).run()
    app.button(key="draw.digits.add").click().run()
    assert hand(app).labels.tolist() == [7]
    assert not any(button.key == "draw.digits.add" for button in app.button)
    app.button(key="draw.digits.undo").click().run()
    assert hand(app) == DigitCollection()
    assert not app.exception


def test_mistakes_are_told_in_words() -> None:
    labels, answers = np.array([4, 4, 4, 7, 1]), np.array([9, 9, 4, 1, 1])
    assert (
        describe_mistakes(labels, answers)
        == "**a 4** read as **9**, 2 times; **a 7** read as **1**."
    )
    assert describe_mistakes(labels, labels) == "No mistakes."


# Two windows of one browser


def test_what_another_window_has_added_is_not_lost() -> None:
    mine, other = (DigitCollection((Digit.from_image(drawn_seven(), label),)) for label in (7, 1))
    combine = digit_collection.SLOT.combine
    both = DigitCollection.from_value(combine(None, mine.value, other.value))
    assert sorted(both.labels.tolist()) == [1, 7]
    assert DigitCollection.from_value(combine(None, None, other.value)) == other


def test_what_another_window_has_removed_stays_removed() -> None:
    one, seven, nine = (Digit.from_image(drawn_seven(), label) for label in (1, 7, 9))
    base, mine = DigitCollection((one, seven)), DigitCollection((one, seven, nine))
    combine = digit_collection.SLOT.combine
    found = combine(base.value, mine.value, DigitCollection((seven,)).value)
    assert DigitCollection.from_value(found).labels.tolist() == [7, 9]
    assert combine(base.value, base.value, None) is None


def test_undoing_brings_back_nothing_that_another_window_has_removed(app: AppTest) -> None:
    def collect(*digits: Digit) -> DigitCollection:
        return DigitCollection(digits)

    one, seven, nine = (Digit.from_image(drawn_seven(), label) for label in (1, 7, 9))
    change = digit_collection.Change("removed a 9", collect(one, seven, nine), collect(one, seven))
    app.session_state["draw.digits.changes"] = (change,)
    app.session_state["draw.digits.opened"] = True
    hold(app, [seven])
    app.run()
    app.button(key="draw.digits.undo").click().run()
    assert sorted(hand(app).labels.tolist()) == [7, 9]


# Training on


def test_training_goes_on_with_the_learners_digits_and_can_be_dropped(
    app: AppTest, checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branch, "EPOCHS", 2)
    dataset = datasets.load(checkpoint.experiment.data)
    digits = [
        Digit.from_image(np.ascontiguousarray(dataset.x_test[row][::-1]), int(dataset.y_test[row]))
        for row in range(24)
    ]
    app.session_state["keep.held"] = {
        digit_collection.SLOT.name: DigitCollection(tuple(digits)).value
    }
    app.session_state["draw.digits.opened"] = True
    app.run()
    app.button(key="draw.tune").click().run()
    assert "draw" in app.session_state["tab"].values["runs.started"]  # lost, the page says so

    def over() -> bool:
        app.run()
        return bool(app.session_state["tab"].values["draw.tuning"].is_over)

    until(over)
    app.run()
    tuning = app.session_state["tab"].values["draw.tuning"]
    assert not tuning.failure
    assert says(app, f"**{tuning.branch.held.sum()} held out**")
    app.button(key="draw.tune.read").click().run()
    assert named(app.selectbox, "draw.reader").value.endswith("-branch")
    put_on_canvas(app, ink_of())
    outputs = tuning.branch.network.predict(drawn_seven())[0]
    assert app.header[0].value == prediction_text.describe_prediction(outputs, "0123456789")
    app.button(key="draw.tune.drop").click().run()
    assert len(named(app.selectbox, "draw.reader").options) == 1
    assert hand(app).digits == tuple(digits)
    assert not app.exception

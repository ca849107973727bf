"""The start page: its cards, and the way to all of MNIST."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from nncore.data import download
from nncore.data.download import DownloadState
from tests.pages.conftest import OpenPage, written
from ui.content.lesson import FOLDER, Lesson, load
from ui.content.toml_file import LessonError
from ui.core import resources
from ui.core.catalog import LESSONS
from ui.workbench import lesson_progress, predictions


class Fetched:
    """A download in the state that a test gives it."""

    def __init__(self, *state: Any) -> None:
        self.state = DownloadState(*state)
        self.started = False
        self.attempts = 0

    def start(self) -> bool:
        self.started = True
        self.attempts += 1
        return True


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch, embedded_only: None) -> Fetched:
    """A download that has not begun, in a lab that has only the sample and may use the network."""
    monkeypatch.setenv("NNCORE_OFFLINE", "0")
    found = Fetched()
    monkeypatch.setattr(resources, "download", lambda name: found)
    return found


def text_of(app: AppTest) -> str:
    return "\n".join(
        part.value
        for kind in (app.title, app.header, app.markdown, app.caption, app.success)
        for part in kind
    )


def offers_download(app: AppTest) -> bool:
    return any(button.key == "data.download.digits" for button in app.button)


def test_each_lesson_has_a_card_with_its_link_in_order(open_page: OpenPage) -> None:
    app = open_page("home")
    assert [heading.value for heading in app.header] == [
        f"{number} {page.title}" for number, page in enumerate(LESSONS, 1)
    ]
    links = [link.proto.page for link in app.get("page_link")]
    assert links == [page.name for page in LESSONS]


def test_each_card_asks_a_question_and_says_how_long_it_takes(open_page: OpenPage) -> None:
    app = open_page("home")
    questions = [text.value for text in app.markdown if "**" in text.value and "?" in text.value]
    assert len(questions) == len(LESSONS)
    assert sum("minutes" in caption.value for caption in app.caption) == len(LESSONS)


def test_it_says_what_is_done_what_is_next_and_how_long_it_takes(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("home")
    assert "**5 lessons**, about 80 minutes in all" in text_of(app)
    first, second = (load(lesson.name) for lesson in LESSONS[:2])
    answered = {first.name: dict.fromkeys((q.name for q in first.questions), True)}
    answered[second.name] = {second.questions[0].name: False}
    monkeypatch.setattr(predictions, "answers", lambda lesson: answered.get(lesson.name, {}))
    app.run()
    assert "**1 of 5 lessons done.** About 67 minutes are left." in text_of(app)  # 15 x 3/4 + 55
    assert ":material/check_circle: done" in text_of(app)
    assert f"1 of {len(second.questions)} questions answered" in text_of(app)
    labels = [link.proto.label for link in app.get("page_link")]
    assert labels[0] == f"**Next: {LESSONS[1].label}**"


def test_when_all_is_done_it_leads_to_the_notebook(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_answers(lesson: Lesson) -> dict[str, bool]:
        return {question.name: True for question in lesson.questions}

    monkeypatch.setattr(predictions, "answers", all_answers)
    app = open_page("home")
    assert "**All 5 lessons done.**" in text_of(app)
    assert [link.proto.page for link in app.get("page_link")] == [page.name for page in LESSONS]


def test_a_broken_lesson_is_named_on_its_card(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> Lesson:
        if name == LESSONS[0].name:
            raise LessonError("lessons/rounding.toml, line 3: this is not TOML.")
        return load(name)

    monkeypatch.setattr(lesson_progress, "load", broken)
    app = open_page("home")
    assert "line 3: this is not TOML" in text_of(app)
    assert len(app.header) == len(LESSONS)


def test_each_card_has_a_picture(open_page: OpenPage) -> None:
    pictures = [image.value[0] for image in open_page("home").image]
    assert len(pictures) == len(LESSONS)
    for address in pictures:
        svg = base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).decode()
        assert ET.fromstring(svg).tag.endswith("svg")
        assert "currentColor" not in svg  # an image has no text colour to take over


def test_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("pictures/*.svg")) < 50_000


def test_with_all_of_mnist_nothing_is_offered(open_page: OpenPage, full_mnist: object) -> None:
    app = open_page("home")
    assert "60,000 training images" in text_of(app)
    assert not offers_download(app)


def test_without_network_it_says_where_to_put_mnist(
    open_page: OpenPage, embedded_only: None
) -> None:
    app = open_page("home")
    assert "4,000 training images" in text_of(app)
    assert "NNCORE_DATA_DIR" in text_of(app)
    assert not offers_download(app)


def test_a_click_starts_the_download(open_page: OpenPage, fetched: Fetched) -> None:
    app = open_page("home")
    before = fetched.attempts
    app.button(key="data.download.digits").click().run()
    assert fetched.attempts == before + 1


def test_a_download_shows_how_far_it_is(open_page: OpenPage, fetched: Fetched) -> None:
    fetched.state = DownloadState("running", 0.4)
    app = open_page("home")
    assert "40%" in app.get("progress")[0].proto.text
    assert not offers_download(app)


def test_a_download_that_failed_says_why_and_can_be_tried_again(
    open_page: OpenPage, fetched: Fetched
) -> None:
    st.cache_resource.clear()  # the lab's own attempt
    app = open_page("home")
    fetched.state = DownloadState("failed", sentence="The host could not be reached.")
    app.run()
    assert [warning.value for warning in app.warning] == ["The host could not be reached."]
    app.button(key="data.download.digits").click().run()
    assert fetched.attempts == 2
    assert [warning.value for warning in app.warning] == ["The host could not be reached."]
    st.cache_resource.clear()


def test_nobody_sees_that_the_download_of_another_visitor_failed(
    open_page: OpenPage, fetched: Fetched
) -> None:
    st.cache_resource.clear()
    other = open_page("home")
    fetched.state = DownloadState("failed", sentence="The host could not be reached.")
    fetched.attempts = 2  # the first one was the lab's own
    other.run()
    assert not other.warning
    st.cache_resource.clear()


@pytest.mark.usefixtures("embedded_only")
def test_all_of_mnist_is_fetched_in_the_background_where_a_network_may_be(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, cache_dir: Path
) -> None:
    asked: list[str] = []

    def fetch(name: str, progress: object) -> Path:
        asked.append(name)
        raise download.DownloadError("MNIST could not be fetched: there is no network.")

    monkeypatch.setattr(download, "download", fetch)
    monkeypatch.delenv("NNCORE_OFFLINE")
    st.cache_resource.clear()
    app = open_page("home")
    app.run()
    assert asked == ["digits"]
    assert not app.exception
    st.cache_resource.clear()


def test_the_tour_has_six_steps_is_kept_as_seen_and_can_be_seen_again(open_page: OpenPage) -> None:
    app = open_page("home")
    for step in range(1, 7):
        assert f"Tour, {step} of 6" in text_of(app)
        app.button(key="home.tour_next").click().run()
    assert "Tour, " not in text_of(app)
    assert written(app)["tour"] == "true"
    app.button(key="home.tour_again").click().run()
    assert "Tour, 1 of 6" in text_of(app)
    app.button(key="home.tour_close").click().run()
    assert "Tour, " not in text_of(app)


def test_the_tour_can_go_back_and_never_before_its_first_step(open_page: OpenPage) -> None:
    app = open_page("home")
    app.button(key="home.tour_next").click().run()
    app.button(key="home.tour_back").click().run()
    app.button(key="home.tour_back").click().run()
    assert "Tour, 1 of 6" in text_of(app)

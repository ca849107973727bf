"""The page *Class* and a member's place on other pages."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from nncore.runtime.lab import Lab
from tests.pages.conftest import PATIENCE, OpenPage, settle, until
from ui.class_store import codes
from ui.class_store.access import ClassAccess
from ui.class_store.errors import StoreUnavailable
from ui.class_store.values import MemberKey, TeacherKey
from ui.membership import feed, sharing


@pytest.fixture
def board(open_page: OpenPage, classes: ClassAccess) -> AppTest:
    """The board of a class that was just started."""
    app = open_page("classroom")
    app.button(key="classroom.start").click().run()
    assert not app.exception, app.exception
    return app


def text_of(app: AppTest) -> str:
    parts = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption]
    return "\n".join(part.value for part in parts)


def key_of(app: AppTest) -> TeacherKey:
    ((code, secret),) = app.session_state["keep.held"]["class.taught"].items()
    return TeacherKey(code, secret)


def test_a_started_class_shows_its_code(board: AppTest) -> None:
    assert key_of(board).code in [title.value for title in board.title]
    assert "Nobody is here yet" in text_of(board)


def test_a_question_is_asked_and_its_answers_are_shown(
    board: AppTest, classes: ClassAccess
) -> None:
    key = key_of(board)
    board.session_state["classroom.part"] = "Predictions"
    board.run()
    board.button(key="classroom.question.ask").click().run()
    asked = classes.store.view_class(key).question
    assert asked is not None
    assert asked.name == "rounding/After one epoch"
    board.button(key="classroom.question.show").click().run()
    assert not board.exception
    shown = classes.store.view_class(key).question
    assert shown is not None
    assert shown.is_shown


def test_the_run_that_decides_a_question_is_the_teachers_own(
    board: AppTest, classes: ClassAccess, lab: Lab
) -> None:
    board.session_state["classroom.part"] = "Predictions"
    board.run()
    for button in ("ask", "show", "run"):
        board.button(key=f"classroom.question.{button}").click().run()
    (run,) = board.session_state["tab"].values["classroom.question.runs"]
    assert lab.runner.open_runs_of("lab") == []
    until(lambda: run.peek().state.over)
    board.run()
    assert not board.exception, board.exception
    asked = classes.store.view_class(key_of(board)).question
    assert asked is not None
    assert asked.outcome


def test_a_question_whose_run_was_stopped_can_be_run_again(board: AppTest) -> None:
    board.session_state["classroom.part"] = "Predictions"
    board.run()
    for button in ("ask", "show", "run"):
        board.button(key=f"classroom.question.{button}").click().run()
    (run,) = board.session_state["tab"].values["classroom.question.runs"]
    run.stop()
    until(lambda: run.peek().state.over)
    board.run()
    assert "The run was stopped." in [warning.value for warning in board.warning]
    assert not board.button(key="classroom.question.run").disabled


@pytest.mark.parametrize("part", ["Runs", "Progress", "Our handwriting", "Classes to draw", "Send"])
def test_each_part_of_an_empty_class_says_what_will_be_there(board: AppTest, part: str) -> None:
    board.session_state["classroom.part"] = part
    board.run()
    assert not board.exception, board.exception
    assert len(text_of(board)) > 100


def test_the_end_deletes_the_class(board: AppTest, classes: ClassAccess) -> None:
    board.button(key="classroom.end").click().run()
    assert "classroom.start" in [button.key for button in board.button]
    assert not board.session_state["keep.held"]["class.taught"]


def test_a_typed_code_leads_into_the_lesson(open_page: OpenPage, classes: ClassAccess) -> None:
    key = classes.store.create_class("rounding", "", "Form 9b")
    app = open_page("home")
    app.text_input(key="class.code").set_value(key.code.lower())
    app.button(key="class.join").click().run()
    assert not app.exception, app.exception
    assert classes.store.view_class(key).members == 1
    assert "Form 9b" in text_of(app.run())


def draw_membership() -> None:
    """Draw what the frame of each page shows of a class, in its order."""
    from ui.membership import class_bar, sidebar

    class_bar.show_bar()
    sidebar.show_class()


def join(classes: ClassAccess) -> tuple[TeacherKey, dict[str, dict[str, str]]]:
    """Have a learner join a new class; return the teacher's key, and what the browser keeps."""
    teacher = classes.store.create_class("rounding", "", "Form 9b")
    key = classes.store.join(teacher.code, codes.make_token(), "192.0.2.1")
    return teacher, {"class.member": {"code": key.code, "token": key.token}}


@pytest.fixture
def member(classes: ClassAccess) -> AppTest:
    """A page of a learner who has joined a class, not run yet."""
    _, kept = join(classes)
    app = AppTest.from_function(draw_membership, default_timeout=PATIENCE)
    app.session_state["keep.held"] = kept
    return app


def draw_members_lesson() -> None:
    """Draw lesson 1 as the frame does for a member of a class."""
    import runpy

    from ui.core import state
    from ui.membership import class_bar, sharing

    state.mark_framed()
    class_bar.show_bar()
    sharing.share_runs()
    runpy.run_path("pages/rounding.py")


def test_a_run_is_sent_though_the_page_was_ended_meanwhile(
    lab: Lab, classes: ClassAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, kept = join(classes)
    app = AppTest.from_function(draw_members_lesson, default_timeout=PATIENCE)
    app.session_state["keep.held"] = kept
    app.session_state["tab.known"] = True
    app.run().button(key="rounding.train").click().run()
    with monkeypatch.context() as patch:
        patch.setattr(sharing, "_describe_run", lambda entry: st.stop())  # as Streamlit does
        settle(app, "rounding")
    app.run()
    until(lambda: len(classes.store.list_runs(teacher)) == 1)


def test_runs_of_a_tab_are_not_shared_before_it_is_known_which_tab_it_is(
    lab: Lab, classes: ClassAccess
) -> None:
    teacher, kept = join(classes)
    app = AppTest.from_function(draw_members_lesson, default_timeout=PATIENCE)
    app.run().button(key="rounding.train").click().run()  # before another tab joins the class
    app.session_state["keep.held"] = kept
    settle(app, "rounding")
    app.session_state["tab.known"] = True
    app.run()
    assert app.session_state["tab"].values["class.joined"] == (teacher.code, 1)
    assert classes.store.list_runs(teacher) == []


def test_a_page_goes_on_looking_for_a_class_that_is_busy(
    member: AppTest, classes: ClassAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes.store, "version", raise_unavailable)
    member.run()
    assert not member.exception, member.exception
    assert "The class cannot be reached" in text_of(member)
    assert any("class.bar.clock" in part.proto.id for part in member.get("bidi_component"))


def test_a_bar_that_finds_the_class_late_has_the_whole_page_show_it(
    member: AppTest, classes: ClassAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, read_version = [StoreUnavailable("busy")], classes.store.version

    def fail_once(key: MemberKey) -> int:
        if looks:
            raise looks.pop()
        return read_version(key)

    monkeypatch.setattr(feed, "PAUSE", 0.0)
    monkeypatch.setattr(classes.store, "version", fail_once)
    member.run()
    assert not member.exception, member.exception
    assert "Form 9b" in text_of(member)
    assert "You are" in text_of(member)


def raise_unavailable(key: MemberKey) -> int:
    raise StoreUnavailable("busy")


def test_a_wrong_code_is_refused_in_a_sentence(open_page: OpenPage, classes: ClassAccess) -> None:
    app = open_page("home")
    app.text_input(key="class.code").set_value(codes.make_code())
    app.button(key="class.join").click().run()
    assert [error.value for error in app.error]

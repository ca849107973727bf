"""Lesson 5 in a class: classes are handed out, drawn, shared, collected and trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from streamlit.testing.v1 import AppTest

from nncore.digits import starters
from nncore.digits.own_files import from_value, to_value
from nncore.own_drawings import OwnDrawings
from tests.pages.conftest import OpenPage, named, run_of, settle
from ui.class_store import codes, sketches
from ui.class_store.access import ClassAccess
from ui.class_store.sketch import Sketch
from ui.class_store.values import MemberKey, TeacherKey, new_event

#: Classes that are markup anywhere else, and what Markdown makes of them again.
NAMES = ("**x** :smile:", "<b>$y$</b>")
WRITTEN = (r"\*\*x\*\* \:smile\:", r"\<b\>\$y\$\<\/b\>")
FACES = starters.starter("faces")
#: A run of a moment.
QUICK = {"model.units": "8", "fit.epochs": "2", "fit.augment": "none"}


def draw(names: tuple[str, ...], first: int = 0, last: int = 6) -> OwnDrawings:
    """Return some faces of each class under other names."""
    by_class = ([one for one in FACES.drawings if one.label == label] for label in (0, 1))
    chosen = [drawing for drawings in by_class for drawing in drawings[first:last]]
    return OwnDrawings(names, tuple(chosen))


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.text, app.warning)
    return "\n".join(str(text.value) for kind in kinds for text in kind).replace("\u2060", "")


def buttons(app: AppTest) -> list[str | None]:
    return [button.key for button in app.button]


def kept(app: AppTest) -> OwnDrawings:
    return from_value(app.session_state["keep.held"]["own_drawings"])


@pytest.fixture
def teacher(classes: ClassAccess) -> TeacherKey:
    return classes.store.create_class("own", "", "Form 9b")


OpenMember = Callable[..., tuple[AppTest, MemberKey]]


@pytest.fixture
def open_member(open_page: OpenPage, classes: ClassAccess, teacher: TeacherKey) -> OpenMember:
    """Opens lesson 5 for a learner who has joined the class, and keeps some drawings."""

    def open_it(
        own: OwnDrawings | None = None, names: Sequence[str] = ()
    ) -> tuple[AppTest, MemberKey]:
        key = classes.store.join(teacher.code, codes.make_token(), "192.0.2.1")
        app = open_page("own", QUICK)
        held = {"class.member": {"code": key.code, "token": key.token}}
        app.session_state["keep.works"] = True
        app.session_state["keep.held"] = (
            held
            if own is None
            else {
                **held,
                "own_drawings": to_value(own),
            }
        )
        if names:
            app.query_params["class"] = list(names)
        return run(app), key

    return open_it


def test_an_address_gives_its_classes_to_one_who_has_drawn_nothing(open_member: OpenMember) -> None:
    app, _ = open_member(names=NAMES)
    assert kept(app).names == NAMES
    assert "class" not in app.query_params


def test_an_address_takes_no_drawing_away_unasked(open_member: OpenMember) -> None:
    app, _ = open_member(draw(("sun", "moon")), NAMES)
    assert kept(app) == draw(("sun", "moon"))
    assert all(name in texts(app) for name in WRITTEN)
    app.button(key="own.handed_out.add").click()
    assert kept(run(app)).names == ("sun", "moon", *NAMES)
    assert len(kept(app)) == 12
    app.button(key="own.undo").click()
    assert kept(run(app)) == draw(("sun", "moon"))


def test_classes_without_a_drawing_give_way(open_member: OpenMember) -> None:
    app, _ = open_member(draw(("sun", "moon", "empty")), NAMES)
    app.button(key="own.handed_out.add").click()
    assert kept(run(app)).names == ("sun", "moon", *NAMES)


def test_a_learner_may_start_with_only_these_and_undo_it(open_member: OpenMember) -> None:
    app, _ = open_member(draw(("sun", NAMES[1])), NAMES)
    app.button(key="own.handed_out.only").click()
    assert kept(run(app)).counts == (0, 6)
    assert kept(app).names == NAMES
    app.button(key="own.undo").click()
    assert kept(run(app)) == draw(("sun", NAMES[1]))


def test_another_setting_leaves_all_classes_in_the_address(open_member: OpenMember) -> None:
    app, _ = open_member(draw(("sun", "moon")), NAMES)
    named(app.segmented_control, "own.choice").set_value("shapes")
    assert run(app).query_params["class"] == list(NAMES)
    assert all(name in texts(app) for name in WRITTEN)


def test_a_learner_may_put_the_classes_away(open_member: OpenMember) -> None:
    app, _ = open_member(draw(("sun", "moon")), NAMES)
    app.button(key="own.handed_out.dismiss").click()
    assert "own.handed_out.dismiss" not in buttons(run(app))
    assert kept(app) == draw(("sun", "moon"))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a"], "2 to 10 classes"),
        (["a", "a"], "same name"),
        (["x" * 500, "b"], "24 characters"),
        (list("abcdefghijk"), "2 to 10 classes"),
        (["a\u202eb", "b"], "not shown"),
    ],
)
def test_names_that_cannot_be_used_get_a_sentence(
    open_member: OpenMember, names: list[str], words: str
) -> None:
    app, _ = open_member(draw(("sun", "moon")), names)
    assert words in app.text[0].value
    assert kept(app) == draw(("sun", "moon"))


def test_nothing_is_shared_before_share_and_all_can_be_taken_back(
    open_member: OpenMember, classes: ClassAccess, teacher: TeacherKey
) -> None:
    classes.store.send(teacher, sketches.hand_out(NAMES))
    app, key = open_member(draw((*NAMES, "mine")))
    assert "only after you press" in texts(app)
    assert classes.store.list_sketches(teacher) == []
    app.button(key="own.class.share").click()
    assert "12 drawings shared" in texts(run(app))
    assert len(classes.store.list_sketches(teacher)) == 12
    assert app.button(key="own.class.share").disabled
    app.button(key="own.class.back").click()
    assert "only after you press" in texts(run(app))
    assert classes.store.list_sketches(teacher) == []
    app.button(key="own.class.share").click()  # and shared again
    run(app)
    assert len(classes.store.view_member(key).sketches) == 12


def test_sharing_again_follows_what_has_changed(
    open_member: OpenMember, classes: ClassAccess, teacher: TeacherKey
) -> None:
    classes.store.send(teacher, sketches.hand_out(NAMES))
    app, _ = open_member(draw(NAMES))
    app.button(key="own.class.share").click()
    first = kept(run(app)).drawings[0]
    app.session_state["own.chosen"] = (first.pixels, first.label)
    named(run(app).selectbox, "own.move_to.0").set_value(1)
    app.button(key="own.move").click()
    assert len(classes.store.list_sketches(teacher)) == 12
    run(app).button(key="own.class.share").click()
    run(app)
    found = sketches.collect(NAMES, classes.store.list_sketches(teacher))
    assert found.own.counts == (5, 7)


def share_all(classes: ClassAccess, teacher: TeacherKey, *parts: OwnDrawings) -> None:
    """Have a new member for each part share it."""
    for part in parts:
        key = classes.store.join(teacher.code, codes.make_token(), "192.0.2.1")
        for one in part.drawings:
            classes.store.share_sketch(key, Sketch(part.names[one.label], one.pixels), new_event())


def test_a_member_trains_on_the_drawings_of_all_once_they_are_offered(
    open_member: OpenMember, classes: ClassAccess, teacher: TeacherKey
) -> None:
    classes.store.send(teacher, sketches.hand_out(NAMES))
    share_all(classes, teacher, draw(NAMES, 0, 6), draw(NAMES, 6, 12), draw(NAMES, 12, 18))
    app, _ = open_member(draw(NAMES, 18, 20))
    assert "own.class.open" not in buttons(app)
    classes.store.send(teacher, sketches.offer(NAMES))
    run(app).button(key="own.class.open").click()
    app = run(app)
    assert named(app.segmented_control, "own.choice").value == "class"
    assert "36 drawings by 3 people" in texts(app)
    app.button(key="own.train").click()
    settle(run(app), "own")
    experiment = run_of(app, "own").experiment
    assert experiment.data.own is not None
    assert experiment.data.own.counts == (18, 18)
    assert "Who is read well?" in texts(app)
    assert kept(app) == draw(NAMES, 18, 20)


def test_somebody_who_is_left_out_is_the_neighbour(
    open_member: OpenMember, classes: ClassAccess, teacher: TeacherKey
) -> None:
    classes.store.send(teacher, sketches.hand_out(NAMES))
    share_all(classes, teacher, draw(NAMES, 0, 6), draw(NAMES, 6, 10), draw(("moon", NAMES[1])))
    classes.store.send(teacher, sketches.offer(NAMES))
    app, _ = open_member()
    app.button(key="own.class.open").click()
    named(run(app).selectbox, "own.class.left_out").set_value("Person 2")
    app.button(key="own.train").click()
    settle(run(app), "own")
    assert "of 8 drawings** of theirs right" in texts(app)
    assert "whom you left out" in texts(app)
    named(app.segmented_control, "own.choice").set_value("faces")
    assert run_of(run(app), "own").experiment.data.own is not None  # the run is still there


@pytest.fixture
def board(open_page: OpenPage, classes: ClassAccess, teacher: TeacherKey) -> AppTest:
    """The board's part with the classes to draw."""
    app = open_page("classroom")
    app.session_state["keep.works"] = True
    app.session_state["keep.held"] = {"class.taught": {teacher.code: teacher.secret}}
    run(app).button(key=f"classroom.other.{teacher.code}").click()
    run(app)
    app.session_state["classroom.part"] = "Classes to draw"
    return run(app)


def test_the_teacher_hands_out_collects_and_trains(
    board: AppTest, classes: ClassAccess, teacher: TeacherKey
) -> None:
    typed = f"\n {NAMES[0]} \n{NAMES[1]}"
    board.text_area(key="classroom.classes.names").set_value(typed)
    board.button(key="classroom.classes.send").click()
    run(board)
    assert all(name in texts(board) for name in WRITTEN)
    (card,) = classes.store.receive(teacher)
    assert sketches.read_names(card) == NAMES
    share_all(classes, teacher, draw(NAMES, 0, 6), draw(NAMES, 6, 10))
    assert "20 drawings by 2 learners" in texts(run(board))
    board.button(key="classroom.classes.offer").click()
    assert "Offered to all" in texts(run(board))
    assert board.button(key="classroom.classes.offer").disabled
    board.button(key="classroom.classes.open").click()
    run(board)
    assert named(board.segmented_control, "own.choice").value == "class"
    assert "20 drawings by 2 people" in texts(board)


def test_a_hidden_drawing_is_not_trained_on(
    board: AppTest, classes: ClassAccess, teacher: TeacherKey
) -> None:
    classes.store.send(teacher, sketches.hand_out(NAMES))
    share_all(classes, teacher, draw(NAMES, 0, 1))
    board.session_state["classroom.classes.chosen"] = classes.store.list_sketches(teacher)[0].number
    run(board).button(key="classroom.classes.hide").click()
    assert "1 drawing by 1 learner" in texts(run(board))
    assert board.button(key="classroom.classes.open").disabled


@pytest.mark.parametrize("typed", ["", "one", "a\na", "x" * 25 + "\nb", "\n".join("abcdefghijk")])
def test_classes_that_cannot_be_handed_out_get_a_sentence(
    board: AppTest, classes: ClassAccess, teacher: TeacherKey, typed: str
) -> None:
    board.text_area(key="classroom.classes.names").set_value(typed)
    board.button(key="classroom.classes.send").click()
    run(board)
    assert board.toast
    assert classes.store.receive(teacher) == []
    assert board.text_area(key="classroom.classes.names").value == typed


def test_the_end_of_the_class_takes_its_drawings_along(
    open_member: OpenMember, classes: ClassAccess, teacher: TeacherKey
) -> None:
    classes.store.send(teacher, sketches.hand_out(NAMES))
    share_all(classes, teacher, draw(NAMES))
    classes.store.send(teacher, sketches.offer(NAMES))
    app, _ = open_member()
    app.button(key="own.class.open").click()
    run(app)
    classes.store.end(teacher)
    run(app)
    assert "own.class.share" not in buttons(run(app))
    assert "class" not in named(app.segmented_control, "own.choice").options

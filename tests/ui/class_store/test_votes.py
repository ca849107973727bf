"""Votes on a question: who sees what, and what counts."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from ui.class_store.errors import AnswersClosed, NotAllowed
from ui.class_store.store import ClassStore
from ui.class_store.values import Answer, MemberKey, TeacherKey, new_event

Join: TypeAlias = Callable[[], MemberKey]


def test_the_last_answer_of_each_member_counts(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.open_question(teacher, "why")
    one, two = join(), join()
    for key, value in ((one, 0), (two, 1), (one, 1)):
        store.answer(key, Answer("why", value))
    assert store.tally(teacher, "why").counts == {1: 2}


def test_a_tally_says_how_many_of_the_members_answered(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.open_question(teacher, "why")
    one, _, gone = join(), join(), join()
    store.answer(one, Answer("why", 0.25))
    store.leave(gone)
    tally = store.tally(teacher, "why")
    assert (tally.answered, tally.members, tally.counts) == (1, 2, {0.25: 1})


def test_members_see_the_spread_once_it_is_shown(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.open_question(teacher, "why")
    member = join()
    store.answer(member, Answer("why", 2))
    before = store.tally(member, "why")
    store.show_answers(teacher)
    assert (before.answered, before.counts) == (1, {})
    assert store.tally(member, "why").counts == {2: 1}


def test_the_spread_of_the_first_vote_is_hidden_from_members_during_the_second(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.open_question(teacher, "why")
    member = join()
    store.answer(member, Answer("why", 2))
    store.show_answers(teacher)
    store.open_question(teacher, "why", 2)
    assert store.tally(member, "why", 1).counts == {}
    store.show_answers(teacher)
    assert store.tally(member, "why", 1).counts == {2: 1}


def test_the_second_vote_is_counted_beside_the_first(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member = join()
    for number, value in ((1, 0), (2, 3)):
        store.open_question(teacher, "why", number)
        store.answer(member, Answer("why", value, number))
    assert store.tally(teacher, "why", 1).counts == {0: 1}
    assert store.tally(teacher, "why", 2).counts == {3: 1}


def test_an_answer_that_is_sent_again_counts_once(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.open_question(teacher, "why")
    member, identity = join(), new_event()
    store.answer(member, Answer("why", 2), identity)
    before = store.version(teacher)
    store.answer(member, Answer("why", 2), identity)
    assert store.version(teacher) == before


def test_an_answer_that_is_sent_again_does_not_undo_a_newer_one(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    store.open_question(teacher, "why")
    member, identity = join(), new_event()
    store.answer(member, Answer("why", 0), identity)
    store.answer(member, Answer("why", 1))
    store.answer(member, Answer("why", 0), identity)
    assert store.tally(teacher, "why").counts == {1: 1}


@pytest.fixture(params=["none", "other", "shown", "earlier vote", "closed"])
def closed(request: pytest.FixtureRequest, store: ClassStore, teacher: TeacherKey) -> None:
    """Bring the class to where "why" takes no answers to its first vote."""
    if request.param != "none":
        store.open_question(teacher, "what" if request.param == "other" else "why")
    if request.param == "shown":
        store.show_answers(teacher)
    elif request.param == "earlier vote":
        store.open_question(teacher, "why", 2)
    elif request.param == "closed":
        store.close_question(teacher)


@pytest.mark.usefixtures("closed")
def test_a_question_that_is_not_open_takes_no_answers(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member = join()
    with pytest.raises(AnswersClosed):
        store.answer(member, Answer("why", 2))
    assert store.tally(teacher, "why").answered == 0


@pytest.mark.parametrize(
    "act",
    [
        lambda store, teacher: store.open_question(teacher, "why"),
        lambda store, teacher: store.show_answers(teacher),
        lambda store, teacher: store.show_outcome(teacher, "93%"),
        lambda store, teacher: store.close_question(teacher),
        lambda store, teacher: store.lock(teacher),
    ],
    ids=["open", "show", "outcome", "close", "lock"],
)
def test_a_second_click_on_a_button_changes_nothing(
    store: ClassStore, teacher: TeacherKey, act: Callable[[ClassStore, TeacherKey], None]
) -> None:
    act(store, teacher)
    before = store.version(teacher)
    act(store, teacher)
    assert store.version(teacher) == before


def test_members_see_the_question_and_its_outcome(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member = join()
    store.open_question(teacher, "why", 2)
    store.show_answers(teacher)
    store.show_outcome(teacher, "93%")
    question = store.view_class(member).question
    assert (question.name, question.round, question.is_shown) == ("why", 2, True)
    assert question.outcome == "93%"


def test_members_do_not_lead(store: ClassStore, join: Join) -> None:
    with pytest.raises(NotAllowed):
        store.open_question(join(), "why")  # type: ignore[arg-type]


@pytest.mark.parametrize(("question", "number"), [("", 1), ("x" * 81, 1), ("why", 0), ("why", 10)])
def test_a_vote_has_bounds(
    store: ClassStore, teacher: TeacherKey, question: str, number: int
) -> None:
    with pytest.raises(ValueError, match=r"no such vote|at most 80"):
        store.open_question(teacher, question, number)

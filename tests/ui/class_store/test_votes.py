"""Votes on a question: who sees what, and what counts."""

from pathlib import Path

import pytest

from ui.class_store import codes
from ui.class_store.errors import AnswersClosed
from ui.class_store.store import ClassStore
from ui.class_store.values import Answer, MemberKey, new_event


def join(store: ClassStore, code: str) -> MemberKey:
    return store.join(code, codes.make_token(), "192.0.2.1")


@pytest.fixture
def store(tmp_path: Path) -> ClassStore:
    return ClassStore(f"sqlite:///{tmp_path / 'classes.sqlite'}")


def test_the_last_answer_of_each_member_counts(store: ClassStore) -> None:
    teacher = store.create_class("mnist")
    store.open_question(teacher, "why")
    one, two = join(store, teacher.code), join(store, teacher.code)
    for key, value in ((one, 0), (two, 1), (one, 1)):
        store.answer(key, Answer("why", value))
    assert store.tally(teacher, "why").counts == {1: 2}


def test_members_see_the_spread_once_it_is_shown(store: ClassStore) -> None:
    teacher = store.create_class("mnist")
    store.open_question(teacher, "why")
    member = join(store, teacher.code)
    store.answer(member, Answer("why", 2))
    before = store.tally(member, "why")
    store.show_answers(teacher)
    assert (before.answered, before.counts) == (1, {})
    assert store.tally(member, "why").counts == {2: 1}


def test_an_answer_that_is_sent_again_counts_once(store: ClassStore) -> None:
    teacher = store.create_class("mnist")
    store.open_question(teacher, "why")
    member, identity = join(store, teacher.code), new_event()
    store.answer(member, Answer("why", 2), identity)
    before = store.version(teacher)
    store.answer(member, Answer("why", 2), identity)
    assert store.version(teacher) == before


def test_a_shown_question_takes_no_more_answers(store: ClassStore) -> None:
    teacher = store.create_class("mnist")
    store.open_question(teacher, "why")
    store.show_answers(teacher)
    member = join(store, teacher.code)
    with pytest.raises(AnswersClosed):
        store.answer(member, Answer("why", 2))


def test_the_second_vote_is_counted_beside_the_first(store: ClassStore) -> None:
    teacher = store.create_class("mnist")
    member = join(store, teacher.code)
    for number, value in ((1, 0), (2, 3)):
        store.open_question(teacher, "why", number)
        store.answer(member, Answer("why", value, number))
    assert store.tally(teacher, "why", 1).counts == {0: 1}
    assert store.tally(teacher, "why", 2).counts == {3: 1}

"""Members of a class: who joins, what each of them sees, and who leaves."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest

from nncore.digits.collection import Digit
from nncore.experiment import Experiment
from tests.ui.class_store.conftest import Clock
from ui.class_store import codes, limits, members
from ui.class_store.errors import (
    ClassIsLocked,
    ClassNotFound,
    LimitReached,
    NotAllowed,
    TooManyTries,
)
from ui.class_store.store import ClassStore
from ui.class_store.values import (
    Answer,
    Drawing,
    Hand,
    MemberKey,
    Progress,
    RunResult,
    TeacherKey,
    new_event,
)

Join: TypeAlias = Callable[[], MemberKey]
ADDRESS = "192.0.2.1"
DIGIT = Digit.from_image(np.eye(28, dtype=np.uint8), 3)


def test_a_member_who_joins_again_keeps_the_name(store: ClassStore, teacher: TeacherKey) -> None:
    token = codes.make_token()
    one = store.join(teacher.code, token, ADDRESS)
    other = store.join(teacher.code, token, ADDRESS)
    assert one == other
    assert len(store.list_members(teacher)) == 1


def test_a_code_may_be_typed_in_small_letters_with_blanks(
    store: ClassStore, teacher: TeacherKey
) -> None:
    typed = f" {teacher.code[:3].lower()}-{teacher.code[3:].lower()} "
    assert store.join(typed, codes.make_token(), ADDRESS).code == teacher.code


def test_no_two_members_have_the_same_name(store: ClassStore, join: Join) -> None:
    names = [store.view_member(join()).name for _ in range(30)]
    assert len(set(names)) == 30


def test_a_member_sees_the_class_and_nothing_of_other_members(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    me, other = join(), join()
    store.open_question(teacher, "why")
    store.answer(me, Answer("why", 1))
    store.answer(other, Answer("why", 2))
    store.share_drawing(other, Drawing(DIGIT), new_event())
    store.record_run(other, RunResult(Experiment(), "mnist", 0.9, 1.0, 3))
    store.raise_hand(other)
    view = store.view_member(me)
    assert view.answers == {("why", 1): 1.0}
    assert (view.runs, view.drawings, view.hand_raised) == (0, (), False)
    assert (view.classroom.members, view.classroom.page) == (2, "mnist")
    assert view.classroom.task == "fit.epochs=5"


def test_a_member_sees_what_the_teacher_has_of_them(store: ClassStore, join: Join) -> None:
    me, drawing = join(), new_event()
    store.share_drawing(me, Drawing(DIGIT), drawing)
    store.record_run(me, RunResult(Experiment(), "mnist", 0.9, 1.0, 3))
    store.raise_hand(me)
    view = store.view_member(me)
    assert (view.runs, view.drawings, view.hand_raised) == (1, (drawing,), True)


@pytest.mark.parametrize(
    "look",
    [
        ClassStore.list_members,
        ClassStore.list_runs,
        ClassStore.list_drawings,
        ClassStore.count_readings,
        ClassStore.export_json,
        ClassStore.export_csv,
        ClassStore.end,
        ClassStore.lock,
    ],
)
@pytest.mark.parametrize("wrong", ["member", "secret"])
def test_the_board_is_for_the_teacher_only(
    store: ClassStore,
    teacher: TeacherKey,
    join: Join,
    look: Callable[[ClassStore, object], object],
    wrong: str,
) -> None:
    key = join() if wrong == "member" else TeacherKey(teacher.code, codes.make_secret())
    with pytest.raises(NotAllowed):
        look(store, key)


def test_only_members_share(store: ClassStore, teacher: TeacherKey) -> None:
    with pytest.raises(NotAllowed):
        store.raise_hand(teacher)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        store.raise_hand(MemberKey(teacher.code, codes.make_token()))


def test_the_board_lists_members_with_step_and_idle_time(
    store: ClassStore, teacher: TeacherKey, join: Join, clock: Clock
) -> None:
    one, _ = join(), join()
    clock.now += 10
    store.record_progress(one, Progress("mnist", 3, "validation"))
    clock.now += 5
    first, second = store.list_members(teacher)
    assert (first.page, first.step, first.stage, first.idle) == ("mnist", 3, "validation", 5)
    assert (second.page, second.step, second.idle) == ("", 0, 15)


def test_a_raised_hand_keeps_its_turn_and_goes_down(
    store: ClassStore, teacher: TeacherKey, join: Join, clock: Clock
) -> None:
    member = join()
    store.raise_hand(member)
    clock.now += 60
    store.raise_hand(member)
    assert store.list_members(teacher)[0].hand_raised_for == 60
    store.raise_hand(member, False)
    assert store.list_members(teacher)[0].hand_raised_for is None


def test_a_hand_that_is_sent_again_does_not_go_up_again(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member, identity = join(), new_event()
    store.record(member, Hand(True), identity)
    store.record(member, Hand(False))
    store.record(member, Hand(True), identity)
    assert store.list_members(teacher)[0].hand_raised_for is None


def test_a_locked_class_keeps_its_members_and_takes_no_others(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member = join()
    store.lock(teacher)
    assert store.join(teacher.code, member.token, ADDRESS) == member
    with pytest.raises(ClassIsLocked):
        join()
    store.lock(teacher, False)
    assert join()


def test_a_full_class_takes_no_more_members(
    store: ClassStore, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MOST_MEMBERS", 2)
    join(), join()
    with pytest.raises(LimitReached, match="full"):
        join()


def test_a_member_hears_of_what_the_member_can_see_and_of_nothing_else(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    mine, other = join(), join()
    versions = [store.version(mine)]

    def look() -> int:
        versions.append(store.version(mine))
        return versions[-1] - versions[-2]

    store.record_run(other, RunResult(Experiment(), "mnist", 0.9, 1.0, 3))
    store.share_drawing(other, Drawing(DIGIT), new_event())
    assert look() == 0
    store.record_run(mine, RunResult(Experiment(), "mnist", 0.9, 1.0, 3))
    assert look() != 0
    store.open_question(teacher, "why")
    assert look() != 0
    store.answer(other, Answer("why", 1))
    assert look() == 0
    store.show_answers(teacher)
    assert look() != 0
    store.leave(other)
    assert look() != 0
    assert len(set(versions)) == 5
    assert versions[1] == versions[0]


def test_what_a_member_shared_stays_when_the_member_leaves(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member = join()
    store.record_run(member, RunResult(Experiment(), "mnist", 0.9, 1.0, 3))
    store.leave(member)
    assert store.view_class(teacher).members == 0
    assert store.list_members(teacher)[0].has_left
    assert len(store.list_runs(teacher)) == 1
    with pytest.raises(NotAllowed):
        store.version(member)


def test_all_of_a_member_who_wants_to_be_forgotten_is_deleted(
    store: ClassStore, teacher: TeacherKey, join: Join
) -> None:
    member = join()
    store.record_run(member, RunResult(Experiment(), "mnist", 0.9, 1.0, 3))
    store.share_drawing(member, Drawing(DIGIT), new_event())
    store.leave(member, forgets=True)
    assert store.list_members(teacher) == []
    assert store.list_runs(teacher) == []
    assert store.count_readings(teacher).sum() == 0
    assert "accuracy" not in store.export_json(teacher)


def test_a_member_who_left_may_come_back_under_the_same_name(store: ClassStore, join: Join) -> None:
    member = join()
    name = store.view_member(member).name
    store.leave(member)
    store.join(member.code, member.token, ADDRESS)
    assert store.view_member(member).name == name


def test_a_class_whose_code_nobody_has_is_not_found(store: ClassStore) -> None:
    for code in ("BBBBBB", "", "no code", "BBBBBBB"):
        with pytest.raises(ClassNotFound):
            store.join(code, codes.make_token(), ADDRESS)


def test_a_token_has_a_form(store: ClassStore, teacher: TeacherKey) -> None:
    with pytest.raises(ValueError, match="32 hexadecimal"):
        store.join(teacher.code, "me", ADDRESS)


def test_an_address_that_tries_wrong_codes_has_to_wait(
    store: ClassStore, teacher: TeacherKey, clock: Clock
) -> None:
    for _ in range(limits.TRIES_OF_ADDRESS):
        with pytest.raises(ClassNotFound):
            store.join("BBBBBB", codes.make_token(), ADDRESS)
    with pytest.raises(TooManyTries):
        store.join(teacher.code, codes.make_token(), ADDRESS)
    assert store.join(teacher.code, codes.make_token(), "192.0.2.2")
    clock.now += limits.WINDOW
    assert store.join(teacher.code, codes.make_token(), ADDRESS)


def test_a_whole_class_joins_from_one_address(store: ClassStore, join: Join) -> None:
    assert len({join() for _ in range(3 * limits.TRIES_OF_ADDRESS)}) == 60


def test_a_class_takes_only_so_many_new_members_at_once(
    url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.class_store.store.JOINS_OF_CLASS", 2)
    store = ClassStore(url, clock)
    code = store.create_class("mnist").code
    first = store.join(code, codes.make_token(), ADDRESS)
    store.join(code, codes.make_token(), ADDRESS)
    with pytest.raises(TooManyTries):
        store.join(code, codes.make_token(), ADDRESS)
    assert store.join(code, first.token, ADDRESS) == first
    clock.now += limits.WINDOW
    assert store.join(code, codes.make_token(), ADDRESS)
    store.close()


def test_neither_secret_nor_token_is_in_the_database(sqlite_url: str, tmp_path: Path) -> None:
    store = ClassStore(sqlite_url)
    teacher = store.create_class("mnist")
    member = store.join(teacher.code, codes.make_token(), ADDRESS)
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert teacher.code.encode() in written
    assert teacher.secret.encode() not in written
    assert member.token.encode() not in written
    store.close()


def test_a_key_does_not_print_its_secret(teacher: TeacherKey, join: Join) -> None:
    member = join()
    assert teacher.secret not in repr(teacher)
    assert member.token not in repr(member)

"""A teacher hands out classes to draw, the class shares drawings, and all are trained on."""

from __future__ import annotations

import json

import pytest

from nncore.data import datasets
from nncore.digits.starters import starter
from nncore.experiment import Experiment
from nncore.own_drawings import Drawing, DrawingError
from ui.class_store import sketches
from ui.class_store.errors import NotAllowed
from ui.class_store.sketch import Sketch
from ui.class_store.store import ClassStore
from ui.class_store.values import Card, MemberKey, TeacherKey, new_event

NAMES = ("sun & moon", "😀?")
FACES = starter("faces")


def join(store: ClassStore, teacher: TeacherKey) -> MemberKey:
    return store.join(teacher.code, new_event(), "192.0.2.1")


def pixels(number: int) -> bytes:
    return number.to_bytes(2) + bytes(782)


def test_a_card_brings_names_as_they_were_typed(store: ClassStore, teacher: TeacherKey) -> None:
    store.send(teacher, sketches.hand_out(NAMES))
    member = join(store, teacher)
    assert [sketches.read_names(card) for card in store.receive(member)] == [NAMES]
    assert sketches.read_names(Card("Look", "/own")) == ()


def test_names_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(DrawingError, match="same name"):
        sketches.hand_out(["a", "a"])
    with pytest.raises(DrawingError, match="28 × 28"):
        Sketch("a", b"")


def test_the_longest_names_fit_on_a_card() -> None:
    names = tuple("😀" * 23 + str(number) for number in range(10))
    assert sketches.read_names(sketches.hand_out(names)) == names


def test_what_a_class_draws_is_trained_on(store: ClassStore, teacher: TeacherKey) -> None:
    members = [join(store, teacher) for _ in range(3)]
    for place, drawing in enumerate(FACES.drawings):
        sketch = Sketch(NAMES[drawing.label], drawing.pixels)
        store.share_sketch(members[place % 3], sketch, new_event())
    own = sketches.collect(NAMES, store.list_sketches(teacher)).own
    assert (own.names, own.counts) == (NAMES, FACES.counts)
    experiment = Experiment().with_drawings(own)
    assert len(datasets.load(experiment.data).x_train) == 40


def test_a_drawing_that_was_taken_back_or_hidden_is_not_trained_on(
    store: ClassStore, teacher: TeacherKey
) -> None:
    member, events = join(store, teacher), [new_event() for _ in range(3)]
    for number, event in enumerate(events):
        store.share_sketch(member, Sketch(NAMES[0], pixels(number)), event)
    assert store.view_member(member).drawings == tuple(events)
    store.unshare(member, events[0])
    store.hide(teacher, store.list_sketches(teacher)[0].number)
    assert [row.sketch.pixels for row in store.list_sketches(teacher)] == [pixels(2)]
    exported = store.export_json(teacher)
    assert json.dumps(pixels(0).decode("latin-1")) not in exported
    assert exported.count(json.dumps(NAMES[0])) == 2


def share(store: ClassStore, member: MemberKey, name: str, *numbers: int) -> None:
    for number in numbers:
        store.share_sketch(member, Sketch(name, pixels(number)), new_event())


def test_each_drawing_has_its_author(store: ClassStore, teacher: TeacherKey) -> None:
    first, second = join(store, teacher), join(store, teacher)
    share(store, first, NAMES[0], 1, 2)
    share(store, second, NAMES[1], 3)
    share(store, second, NAMES[0], 1)  # the same picture counts once, for the one who was first
    names = [row.name for row in store.list_members(teacher)]
    found = sketches.collect(NAMES, store.list_sketches(teacher))
    assert found.counts == {names[0]: (2, 0), names[1]: (0, 1)}
    assert found.only(names[1]).drawings == (Drawing(pixels(3), 1),)
    assert found.parts[names[1]].drawings == (Drawing(pixels(1), 0), Drawing(pixels(2), 0))


def test_one_who_draws_a_lot_leaves_room_for_others(store: ClassStore, teacher: TeacherKey) -> None:
    quiet, busy = join(store, teacher), join(store, teacher)
    share(store, quiet, NAMES[0], 1000, 1001)
    share(store, busy, NAMES[0], *range(110))
    found = sketches.collect(NAMES, store.list_sketches(teacher))
    assert sorted(counts[0] for counts in found.counts.values()) == [2, 98]
    assert found.own.drawings[-1] == Drawing(pixels(109), 0)


def test_members_get_the_drawings_only_once_they_are_offered(
    store: ClassStore, teacher: TeacherKey
) -> None:
    member = join(store, teacher)
    store.send(teacher, sketches.hand_out(NAMES))
    share(store, member, NAMES[0], 1)
    with pytest.raises(NotAllowed, match="has not offered"):
        store.list_offered_sketches(member)
    store.send(teacher, sketches.offer(NAMES))
    assert [row.member for row in store.list_offered_sketches(member)] == ["Person 1"]
    last = sketches.find_handed_out(store.receive(member))
    assert last is not None
    assert sketches.read_names(last) == NAMES
    store.send(teacher, sketches.hand_out(("a", "b")))  # other classes: not offered yet
    with pytest.raises(NotAllowed, match="has not offered"):
        store.list_offered_sketches(member)


def test_a_member_sees_what_the_member_shares(store: ClassStore, teacher: TeacherKey) -> None:
    member, other, event = join(store, teacher), join(store, teacher), new_event()
    store.share_sketch(member, Sketch(NAMES[0], pixels(1)), event)
    assert store.view_member(member).sketches == {event: Sketch(NAMES[0], pixels(1))}
    assert store.view_member(other).sketches == {}
    store.unshare(member, event)
    assert store.view_member(member).sketches == {}


def test_each_class_has_its_part_of_the_room(store: ClassStore, teacher: TeacherKey) -> None:
    member = join(store, teacher)
    for number in range(103):
        store.share_sketch(member, Sketch(NAMES[0], pixels(number)), new_event())
    store.share_sketch(member, Sketch("another", pixels(0)), new_event())
    own = sketches.collect(NAMES, store.list_sketches(teacher)).own
    assert own.counts == (100, 0)
    assert own.drawings[-1] == Drawing(pixels(102), 0)

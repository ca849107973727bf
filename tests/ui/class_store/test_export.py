"""All of a class as JSON and CSV."""

import csv
import io
import json
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest

from nncore.digits.collection import Digit
from nncore.experiment import Experiment
from ui.class_store.sketch import Sketch
from ui.class_store.store import ClassStore
from ui.class_store.values import (
    Answer,
    Card,
    Drawing,
    MemberKey,
    Progress,
    RunResult,
    TeacherKey,
    new_event,
)

Join: TypeAlias = Callable[[], MemberKey]
DIGIT = Digit.from_image(np.eye(28, dtype=np.uint8), 3)


@pytest.fixture
def member(store: ClassStore, teacher: TeacherKey, join: Join) -> MemberKey:
    """Hold a small lesson: each kind of event once."""
    member = join()
    store.open_question(teacher, "why")
    store.answer(member, Answer("why", 2))
    store.record_run(member, RunResult(Experiment(), "mnist", 0.9, 1.5, 3))
    store.record_progress(member, Progress("mnist", 3, "validation"))
    store.raise_hand(member)
    store.share_drawing(member, Drawing(DIGIT, 8, 0.75), new_event())
    store.share_sketch(member, Sketch("=sun", bytes(784)), new_event())
    store.send(teacher, Card("=1+1", "/mnist"))
    store.hide(teacher, store.list_runs(teacher)[0].number)
    return member


def read_csv(store: ClassStore, teacher: TeacherKey) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(store.export_csv(teacher)))
    return {row["kind"]: row for row in rows}


def test_the_csv_has_a_row_for_each_event(
    store: ClassStore, teacher: TeacherKey, member: MemberKey
) -> None:
    rows = read_csv(store, teacher)
    name = store.view_member(member).name
    assert {row["member"] for row in rows.values()} == {"teacher", name}
    assert (rows["answer"]["question"], rows["answer"]["answer"]) == ("why", "2.0")
    assert (rows["run"]["accuracy"], rows["run"]["hidden"]) == ("0.9", "True")
    assert (rows["drawing"]["label"], rows["drawing"]["reading"]) == ("3", "8")
    assert rows["sketch"]["class"] == "'=sun"
    assert (rows["progress"]["step"], rows["progress"]["stage"]) == ("3", "validation")
    assert rows["hand"]["raised"] == "True"
    assert rows["answer"]["time"] == "2027-01-15T08:00:00+00:00"


def test_the_settings_of_a_run_in_the_csv_give_its_experiment(
    store: ClassStore, teacher: TeacherKey, member: MemberKey
) -> None:
    experiment, complaints = Experiment.from_query(read_csv(store, teacher)["run"]["settings"])
    assert (experiment, complaints) == (Experiment(), [])


def test_a_spreadsheet_computes_nothing_from_a_text(
    store: ClassStore, teacher: TeacherKey, member: MemberKey
) -> None:
    assert read_csv(store, teacher)["card"]["title"] == "'=1+1"


def test_the_json_has_the_class_its_members_and_its_events(
    store: ClassStore, teacher: TeacherKey, member: MemberKey
) -> None:
    value = json.loads(store.export_json(teacher))
    assert (value["format"], value["version"]) == ("nncore.class", 1)
    assert value["class"]["code"] == teacher.code
    assert [one["name"] for one in value["members"]] == [store.view_member(member).name]
    assert [event["number"] for event in value["events"]] == sorted(
        event["number"] for event in value["events"]
    )
    (drawing,) = [event for event in value["events"] if event["kind"] == "drawing"]
    packed = {"label": 3, "when": DIGIT.when.isoformat(), "pixels": drawing["pixels"]}
    assert Digit.from_value(packed) == DIGIT


def test_an_export_has_no_key(store: ClassStore, teacher: TeacherKey, member: MemberKey) -> None:
    for text in (store.export_json(teacher), store.export_csv(teacher)):
        assert teacher.secret not in text
        assert member.token not in text
        assert "hash" not in text

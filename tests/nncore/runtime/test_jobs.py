"""The table of open jobs: its counts agree with the jobs, whatever happens to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.job_table import JobTable
from nncore.runtime.jobs import Job, State, owner_of

START = Checkpoint(Experiment(), "data")
SESSIONS = ("ann", "ann/sweep", "ben", "anna/sweep")


def job(number: int, session: str = "ann", **changes: Any) -> Job:
    return replace(Job(number, session, START), **changes)


def table_of(*jobs: Job) -> JobTable:
    table = JobTable()
    for one in jobs:
        table.put(one)
    return table


jobs = st.builds(
    Job,
    number=st.integers(1, 6),
    session=st.just("ann"),
    checkpoint=st.just(START),
    state=st.sampled_from(State),
    in_line=st.booleans(),
    in_flight=st.booleans(),
    first_slice=st.sampled_from([None, (1, 0.5)]),
    due=st.sampled_from([0.0, 3.0]),
).map(lambda one: replace(one, session=SESSIONS[one.number % len(SESSIONS)]))


@given(st.lists(jobs, max_size=30))
def test_counts_agree_with_the_jobs(changes: list[Job]) -> None:
    table = table_of(*changes)
    busy = [one for one in table if one.is_busy]
    assert table.busy_count == len(busy)
    for session in SESSIONS:
        here = [one for one in busy if one.session == session]
        assert {one.number for one in table.busy_in(session)} == {one.number for one in here}
        owner = owner_of(session)
        assert table.other_busy_owners(owner) == len({one.owner for one in busy} - {owner})
    delayed = {one.number for one in table if one.due}
    assert {one.number for one in table.delayed()} == delayed


@given(st.lists(jobs, max_size=30))
def test_nothing_is_left_of_jobs_that_are_removed(changes: list[Job]) -> None:
    table = table_of(*changes)
    for one in list(table):
        table.remove(one)
    assert table.busy_count == 0
    assert not table.sessions
    assert not any((table._busy, table._owners, table._delayed))


def test_a_job_in_line_counts_once_it_has_begun() -> None:
    waiting = job(1, "ann/sweep", in_line=True)
    assert table_of(waiting).busy_count == 0
    assert table_of(replace(waiting, first_slice=(1, 0.1))).busy_count == 1


def test_an_owner_has_its_own_background_work_only() -> None:
    table = table_of(job(1), job(2, "ann/sweep"), job(3, "anna"), job(4, "anna/sweep"))
    assert [one.number for one in table.of_owner("ann")] == [1, 2]

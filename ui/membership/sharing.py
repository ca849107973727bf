"""What a member shares with the class by itself: finished runs, progress, predictions.

The frame calls `share_runs` before it draws a page, so that a run is on the board as soon as on the
learner's screen, and `share_place` after it. They read what the pages note in any case: the
ledger of runs, the questions' answers, the learner's place (`ui/core/learner_place.py`). Events go
through the store's outbox, so a page never waits for the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress

from nncore.runtime.jobs import State
from ui.class_store.errors import ClassError
from ui.class_store.values import (
    MOST_NAME,
    Answer,
    MemberEvent,
    MemberKey,
    Progress,
    RunResult,
)
from ui.components import tab
from ui.content.lesson import Lesson, load
from ui.content.toml_file import LessonError
from ui.core import learner_place, page_runs, run_ledger, run_rows, state
from ui.core.catalog import find_lesson
from ui.core.keys import Key
from ui.core.run_ledger import LedgerEntry
from ui.membership import feed, kept_keys
from ui.membership.feed import Feed
from ui.membership.votes import name_question
from ui.workbench import predictions, run_history

#: The class and the last run of the ledger that was begun before the learner joined it.
_JOINED = Key[tuple[str, int]]("class.joined", ("", 0), "tab")
#: Numbers in the ledger of the runs that were shared.
_SHARED = Key[frozenset[int]]("class.shared", frozenset(), "tab")
#: The last progress that was sent, and the last vote.
_PROGRESS = Key[Progress | None]("class.progress", None)
_VOTE = Key[Answer | None]("class.vote", None)


def note_last_run(key: MemberKey) -> None:
    """Note which run is the last of those that the class does not get: the learner joins now."""
    ledger = page_runs.get_ledger()
    state.put(_JOINED, (key.code, ledger[-1].number if ledger else 0))


def share_runs() -> None:
    """Send the runs that have ended since the last time; nothing for one who is in no class."""
    key = kept_keys.find_member_key()
    if key is not None and state.get(_JOINED)[0] != key.code and tab.is_known():
        note_last_run(key)  # the learner has joined in another tab of this browser
    found = feed.read_feed()
    if found is not None:
        _post(found, _list_runs(found))


def share_place(page: str) -> None:
    """Send the learner's place and prediction if they are new; nothing for one who is in no class.

    Args:
        page: The page that was drawn.
    """
    found = feed.read_feed()
    if found is not None:
        _post(found, _list_places(found, page))


def _post(found: Feed, events: Iterator[tuple[MemberEvent, str]]) -> None:
    for event, identity in events:
        with suppress(ClassError):  # what waits has its bounds; the lesson goes on
            feed.open_classes().outbox.post(found.key, event, identity)


def _list_places(found: Feed, page: str) -> Iterator[tuple[MemberEvent, str]]:
    lesson = _load(page)
    if lesson is None:
        return
    vote = _find_vote(found, lesson)
    if vote is not None and vote != state.get(_VOTE):
        yield vote, ""
        state.put(_VOTE, vote)
    progress = find_progress(lesson)
    if progress != state.get(_PROGRESS):
        yield progress, ""
        state.put(_PROGRESS, progress)


def _load(page: str) -> Lesson | None:
    try:
        return load(page) if find_lesson(page) is not None else None
    except LessonError:  # its page says what is wrong
        return None


# Runs


def _list_runs(found: Feed) -> Iterator[tuple[MemberEvent, str]]:
    code, last = state.get(_JOINED)
    if code != found.key.code:
        return
    for entry in run_ledger.settle(page_runs.get_ledger()):
        is_new = entry.number > last and entry.number not in state.get(_SHARED)
        if is_new and entry.over and not entry.label:
            result = _describe_run(entry)
            if result is not None:
                yield result, _identify(found.key.code, entry)
            # Only now: Streamlit may end this run of the page at any look at its state, for a
            # newer one. A run that is then sent twice counts once.
            state.put(_SHARED, state.get(_SHARED) | {entry.number})


def _describe_run(entry: LedgerEntry) -> RunResult | None:
    """Return a run as the board shows it; None for one that is not finished."""
    progress = entry.progress
    checkpoint = progress.checkpoint
    if progress.state is not State.FINISHED or checkpoint.edits:
        return None
    accuracy = None
    if not checkpoint.failure:
        with suppress(LookupError):
            accuracy = run_history.accuracy(run_rows.row_of_entry(entry))
    seconds, failure = checkpoint.seconds, checkpoint.failure
    experiment = entry.experiment.without_drawings()  # own drawings stay the learner's
    return RunResult(
        experiment, entry.page, accuracy, seconds, checkpoint.epoch, failure[:MOST_NAME]
    )


def _identify(code: str, entry: LedgerEntry) -> str:
    """Return an identity that the same run has again after a reload."""
    text = f"{code}-{page_runs.get_owner()}-{entry.number}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# Predictions and progress


def _find_vote(found: Feed, lesson: Lesson) -> Answer | None:
    """Return the learner's prediction in the lesson, if it answers the class's open question."""
    asked = found.view.classroom.question
    given = state.get(predictions.PREDICTION.on(lesson.name))
    if asked is None or given is None or asked.is_shown:
        return None
    if name_question(lesson.name, given.question) != asked.name:
        return None
    if (asked.name, asked.round) in found.view.answers:
        return None
    return Answer(asked.name, given.answer, asked.round)


def find_progress(lesson: Lesson) -> Progress:
    """Return where the learner is in a lesson: the step by the run, and the place in words."""
    run = page_runs.get_run(lesson.name)
    answers = predictions.answers(lesson)
    stage = learner_place.get_stage(lesson.name)
    if not stage and lesson.questions:
        stage = f"{len(answers)} of {len(lesson.questions)} questions"
    prediction = state.get(predictions.PREDICTION.on(lesson.name))
    has_verdict = prediction is not None and prediction.verdict is not None
    step = 1
    if has_verdict:
        step = 5
    elif run is not None:
        step = 4 if run.peek().state.over else 3
    elif learner_place.has_changed_settings(lesson.name):
        step = 2
    return Progress(lesson.name, step, stage[:MOST_NAME])

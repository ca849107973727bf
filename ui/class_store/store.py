"""The class store: every call that pages make on a class.

A teacher makes a class and gets a `TeacherKey`; learners join by its code and get a `MemberKey`.
Every other call takes one of these keys. Every call may raise `StoreUnavailable` within about two
seconds; the page shows its sentence and goes on.

Pages of learners write through `outbox.Outbox`, which keeps what could not be sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ui.class_store import codes, members, retirement, rows, teaching
from ui.class_store.encoding import Columns
from ui.class_store.errors import ClassNotFound, LimitReached, TooManyTries
from ui.class_store.limits import (
    CLASSES_OF_ADDRESS,
    JOINS_OF_CLASS,
    LIFETIME,
    MOST_READER_BYTES,
    Limiter,
    Tries,
    group_address,
)
from ui.class_store.sketch import Sketch
from ui.class_store.store_views import StoreViews
from ui.class_store.values import (
    MOST_ADDRESS,
    MOST_NAME,
    MOST_ROUNDS,
    Answer,
    Card,
    Drawing,
    Hand,
    MemberEvent,
    MemberKey,
    Progress,
    RunResult,
    TeacherKey,
    Withdrawal,
    check_event,
    check_text,
    new_event,
)

#: Seconds between two purges of classes that are over, at least.
PURGE_EVERY = 60.0


class ClassStore(StoreViews):
    """The classes of one lab, in one database. Its methods may be called from any thread.

    Args:
        url: The database's address in SQLAlchemy's form: SQLite or PostgreSQL.
        now: The clock, in seconds since 1970.
    """

    def __init__(self, url: str, now: Callable[[], float] = time.time) -> None:
        super().__init__(url, now)
        self._tries = Tries(now)
        self._joins = Limiter(JOINS_OF_CLASS, now=now)
        self._creations = Limiter(CLASSES_OF_ADDRESS, window=LIFETIME, now=now)
        self._purged = -PURGE_EVERY

    # Start and end

    def create_class(
        self, page: str, task: str = "", name: str = "", address: str = ""
    ) -> TeacherKey:
        """Make a class.

        Args:
            page: The page of its lesson, such as `"mnist"`.
            task: The query string of its settings and its assignment.
            name: Its name; a generated one by default.
            address: The IP address that asks, for the limit on classes of one address.

        Returns:
            The teacher's key; the store cannot tell it again.

        Raises:
            LimitReached: If the lab has 100 classes.
            TooManyTries: If the address has made 40 classes in a day.
        """
        check_text("page", page, MOST_NAME)
        check_text("name", name, MOST_NAME)
        check_text("task", task, MOST_ADDRESS)
        origin = group_address(address)
        if self._creations.is_full(origin):
            raise TooManyTries("Too many classes were made from this address. Try again tomorrow.")
        self.purge()
        with self._database.writing() as connection:
            name = name or codes.choose_name(())
            key = teaching.create(connection, name, page, task, self._now())
        self._creations.add(origin)
        return key

    def join(self, code: str, token: str, address: str) -> MemberKey:
        """Join a class; who joins again with the same token is the same member.

        Args:
            code: The code as it was typed.
            token: 32 hexadecimal digits that the browser keeps (`codes.make_token`).
            address: The IP address that asks, for the limit on wrong codes.

        Raises:
            ClassNotFound: If no class has this code.
            ClassIsLocked: If it takes no new members.
            LimitReached: If it has 200 members.
            TooManyTries: If the address has tried too many codes, or too many people join.
        """
        if not codes.is_token(token):
            raise ValueError("token must be 32 hexadecimal digits.")
        if self._tries.are_used_up(address):
            raise TooManyTries("Too many wrong codes. Wait ten minutes, then try again.")
        key = MemberKey(codes.read_code(code), token)
        try:
            self._join(key)
        except ClassNotFound:
            self._tries.add(address)
            raise
        return key

    def _join(self, key: MemberKey) -> None:
        with self._database.writing() as connection:
            classroom = rows.find_class(connection, key.code, self._now(), locks=True)
            is_new = rows.find_member(connection, classroom.id, key) is None
            if is_new and self._joins.is_full(key.code):
                raise TooManyTries("Too many people are joining. Try again in ten minutes.")
            members.join(connection, classroom, key, self._now())
        if is_new:
            self._joins.add(key.code)

    def leave(self, key: MemberKey, forgets: bool = False) -> None:
        """Leave a class.

        Args:
            key: The member's key.
            forgets: True to delete all that the member shared as well.
        """
        with self._writing(key, MemberKey) as (connection, place):
            members.leave(connection, place, forgets, self._now())
        if forgets:
            self._database.scrub()

    def end(self, key: TeacherKey) -> None:
        """Delete a class and everything in it."""
        with self._writing(key, TeacherKey) as (connection, place):
            retirement.delete_classes(connection, [place.id])
        self._database.scrub()

    def purge(self) -> int:
        """Delete classes whose last event was 24 hours ago; return how many.

        Addresses that no limit needs any more are forgotten. Within a minute of the last time it
        does nothing.
        """
        if self._now() < self._purged + PURGE_EVERY:
            return 0
        for limiter in (self._tries, self._joins, self._creations):
            limiter.forget()
        with self._database.writing() as connection:
            count = retirement.delete_old_classes(connection, self._now())
            dropped = retirement.drop_old_tables(connection, self._now())
        self._purged = self._now()
        if count or dropped:
            self._database.scrub()
        return count

    # Events of members

    def record(self, key: MemberKey, event: MemberEvent, identity: str = "") -> None:
        """Append a member's event.

        Args:
            key: The member's key.
            event: The event.
            identity: Its identity, from `new_event`: an event sent again under it counts once.

        Raises:
            AnswersClosed: If it is an answer to a question that is not open.
            LimitReached: If the member has written too many events.
        """
        identity = check_event(identity or new_event())
        with self._writing(key, MemberKey) as (connection, place):
            members.record(connection, place, event, identity, self._now())

    def answer(self, key: MemberKey, answer: Answer, identity: str = "") -> None:
        """Answer the open question; a second answer to the same vote replaces the first."""
        self.record(key, answer, identity)

    def record_run(self, key: MemberKey, run: RunResult, identity: str = "") -> None:
        """Put a finished run on the board."""
        self.record(key, run, identity)

    def record_progress(self, key: MemberKey, progress: Progress, identity: str = "") -> None:
        """Say where the member is in the lesson."""
        self.record(key, progress, identity)

    def raise_hand(self, key: MemberKey, raised: bool = True, identity: str = "") -> None:
        """Ask for help, or no longer."""
        self.record(key, Hand(raised), identity)

    def share_drawing(self, key: MemberKey, drawing: Drawing, identity: str) -> None:
        """Share a drawing with the class; `identity` is its name for `unshare`."""
        self.record(key, drawing, identity)

    def share_sketch(self, key: MemberKey, sketch: Sketch, identity: str) -> None:
        """Share a drawing of a handed-out class; `identity` is its name for `unshare`."""
        self.record(key, sketch, identity)

    def unshare(self, key: MemberKey, drawing: str, identity: str = "") -> None:
        """Take a shared drawing back: its pixels and its label are deleted."""
        self.record(key, Withdrawal(drawing), identity)

    # Acts of the teacher

    def open_question(self, key: TeacherKey, question: str, round: int = 1) -> None:
        """Open a vote on a question; the one before takes no more answers.

        Args:
            key: The teacher's key.
            question: The question's name.
            round: 1 for the first vote, 2 for the one after the discussion, ...
        """
        check_text("question", question, MOST_NAME)
        if not question or not 1 <= round <= MOST_ROUNDS:
            raise ValueError(f"There is no such vote: {question!r:.50}, {round!r:.20}")
        act = Columns("open", question, round)
        new = {"question": question, "round": round}
        self._change(key, act, **new, is_shown=False, outcome="")

    def show_answers(self, key: TeacherKey) -> None:
        """Show the spread of answers to all; the vote takes no more answers."""
        self._change(key, Columns("show"), is_shown=True)

    def show_outcome(self, key: TeacherKey, outcome: str) -> None:
        """Show what happened when the question was run.

        Args:
            key: The teacher's key.
            outcome: What the teacher's page wrote, in Markdown, at most 3,000 characters.
        """
        lines = outcome.split("\n")
        for line in lines:
            check_text("outcome", line, MOST_ADDRESS // len(lines))
        self._change(key, Columns("outcome"), outcome=outcome)

    def close_question(self, key: TeacherKey) -> None:
        """Close the question, so that none is open."""
        self._change(key, Columns("close"), question="", round=0, is_shown=False, outcome="")

    def lock(self, key: TeacherKey, locked: bool = True) -> None:
        """Lock a class against new members, or open it again."""
        self._change(key, Columns("lock" if locked else "unlock"), is_locked=locked)

    def hide(self, key: TeacherKey, number: int, hidden: bool = True) -> None:
        """Hide a run or a drawing from the board, or show it again.

        Args:
            key: The teacher's key.
            number: The number of its row.
            hidden: False to show it again.
        """
        with self._writing(key, TeacherKey) as (connection, place):
            teaching.hide(connection, place, number, hidden, self._now())

    def send(self, key: TeacherKey, card: Card, identity: str = "") -> None:
        """Send a card to all members; a card sent again under its identity arrives once."""
        identity = check_event(identity or new_event())
        with self._writing(key, TeacherKey) as (connection, place):
            teaching.send(connection, place, card, identity, self._now())

    def offer_reader(self, key: TeacherKey, data: bytes) -> None:
        """Offer a reader, trained on the class's digits, to all members.

        Args:
            key: The teacher's key.
            data: The reader as bytes, at most 4 MiB. Members' pages must
                check them like an upload.

        Raises:
            LimitReached: If it is too large.
        """
        if len(data) > MOST_READER_BYTES:
            raise LimitReached("The class's reader is too large to be shared.")
        with self._writing(key, TeacherKey) as (connection, place):
            teaching.put_reader(connection, place, data, self._now())

    def _change(self, key: TeacherKey, act: Columns, **columns: Any) -> None:
        with self._writing(key, TeacherKey) as (connection, place):
            teaching.change(connection, place, act, self._now(), **columns)

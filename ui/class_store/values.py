"""Values that go into the class store and come out of it.

A page keeps a key. A member's page writes events: `Answer`, `RunResult`, `Progress`, `Hand`,
`Drawing`, `Sketch`, `Withdrawal`. Boards and pages read the views: `ClassView`, `MemberView`,
`Tally`, ...
All values check themselves when they are made: a text has a bounded length, a number is finite.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from nncore.digits.collection import CLASSES, Digit
from nncore.experiment import Experiment
from ui.class_store.sketch import Sketch

#: The most characters of a name or a short text, of a sentence, and of an address within the lab.
MOST_NAME, MOST_TEXT, MOST_ADDRESS = 80, 400, 3000
#: The most times that a class votes on one question, and the largest number of an event.
MOST_ROUNDS, MOST_NUMBER = 9, 10**9
#: What a card can bring: an address, settings, a question, classes to draw, or the drawings of all.
CARD_KINDS = ("link", "settings", "question", "classes", "drawings")
#: Those of them that are about classes to draw: the last one says which, and whether all may see.
HANDED_OUT = ("classes", "drawings")
_EVENT = re.compile(r"[0-9a-f]{32}")
#: An address within the lab: a page's path, a query, or both. Never another host.
_ADDRESS = re.compile(r"(/[\w-]*)?(\?[\x21-\x7e]*)?", re.ASCII)


def new_event() -> str:
    """Return the identity of a new event. Keep it: an event sent again under it counts once."""
    return secrets.token_hex(16)


def check_event(event: str) -> str:
    """Return an event's identity.

    Raises:
        ValueError: If it is anything but 32 hexadecimal digits.
    """
    if not _EVENT.fullmatch(event):
        raise ValueError(f"event must be 32 hexadecimal digits. Received: {event!r:.50}")
    return event


def check_text(name: str, text: str, most: int) -> None:
    """Raise a ValueError unless a text is one printable line of bounded length."""
    if len(text) > most or not text.isprintable():
        raise ValueError(
            f"{name} must be one printable line of at most {most} characters. "
            f"Received: {text!r:.50}"
        )


def _check_range(name: str, number: float | None, low: float, high: float) -> None:
    if number is not None and not low <= number <= high:  # NaN is in no range
        raise ValueError(f"{name} must be from {low} to {high}. Received: {number!r:.50}")


def _check_address(name: str, address: str) -> None:
    if len(address) > MOST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise ValueError(f"{name} must be an address in the lab. Received: {address!r:.50}")


# Keys


@dataclass(frozen=True)
class TeacherKey:
    """The right to lead a class. Anyone who has it sees and deletes everything in the class.

    Args:
        code: The class's code.
        secret: The teacher's secret; the store keeps only its hash.
    """

    code: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class MemberKey:
    """The right of one member to write to a class and to read what is shown to members.

    Args:
        code: The class's code.
        token: 32 hexadecimal digits that the member's browser keeps; the store keeps their hash.
    """

    code: str
    token: str = field(repr=False)


Key: TypeAlias = "TeacherKey | MemberKey"


# Events of members


@dataclass(frozen=True)
class Answer:
    """A member's answer to the question that is open.

    Args:
        question: The question's name.
        value: The number that was given, or the index of the chosen answer.
        round: Which vote on the question it is, from 1.
    """

    question: str
    value: float
    round: int = 1

    def __post_init__(self) -> None:
        check_text("question", self.question, MOST_NAME)
        _check_range("value", self.value, -MOST_NUMBER, MOST_NUMBER)
        _check_range("round", self.round, 1, MOST_ROUNDS)


@dataclass(frozen=True)
class RunResult:
    """A finished run of a member.

    Args:
        experiment: The experiment that was trained.
        page: The page that opens it, such as `"mnist"`.
        accuracy: The accuracy that runs are compared by, 0 to 1; None if the run diverged.
        seconds: The training time in seconds.
        epochs: The number of epochs trained.
        failure: Empty, or why the run ended before its last epoch.
    """

    experiment: Experiment
    page: str
    accuracy: float | None
    seconds: float
    epochs: int
    failure: str = ""

    def __post_init__(self) -> None:
        check_text("page", self.page, MOST_NAME)
        check_text("failure", self.failure, MOST_TEXT)
        _check_range("accuracy", self.accuracy, 0, 1)
        _check_range("seconds", self.seconds, 0, MOST_NUMBER)
        _check_range("epochs", self.epochs, 0, MOST_NUMBER)


@dataclass(frozen=True)
class Progress:
    """The place in the lesson that a member has reached.

    Args:
        page: The page, such as `"mnist"`.
        step: The step of the page, 1 to 5; 0 for none.
        stage: The rung or stage in words; may be empty.
    """

    page: str
    step: int = 0
    stage: str = ""

    def __post_init__(self) -> None:
        check_text("page", self.page, MOST_NAME)
        check_text("stage", self.stage, MOST_NAME)
        _check_range("step", self.step, 0, MOST_NUMBER)


@dataclass(frozen=True)
class Hand:
    """A member asks for help, or no longer does.

    Args:
        raised: True for a raised hand.
    """

    raised: bool = True


@dataclass(frozen=True)
class Drawing:
    """A drawing that a member shares with the class.

    Args:
        digit: 28 x 28 pixels with the label that the member gave.
        reading: The digit that the network read, 0 to 9; None if it refused to read.
        confidence: The network's confidence in its reading, 0 to 1.
    """

    digit: Digit
    reading: int | None = None
    confidence: float = 0.0

    def __post_init__(self) -> None:
        _check_range("reading", self.reading, 0, CLASSES - 1)
        _check_range("confidence", self.confidence, 0, 1)


@dataclass(frozen=True)
class Withdrawal:
    """A member takes a shared drawing back; its pixels are deleted.

    Args:
        drawing: The identity of the event that shared it.
    """

    drawing: str

    def __post_init__(self) -> None:
        check_event(self.drawing)


MemberEvent: TypeAlias = "Answer | RunResult | Progress | Hand | Drawing | Sketch | Withdrawal"


# What the teacher sends


@dataclass(frozen=True)
class Card:
    """Something that the teacher sends to all members; a member opens it by a click.

    Args:
        title: One line of plain text.
        address: The address within the lab that a click opens, such as `"/mnist?fit.epochs=5"`.
        kind: `"link"`, `"settings"`, `"question"`, `"classes"` (see `sketches.hand_out`) or
            `"drawings"` (see `sketches.offer`).
        number: Its number in the class, by which `receive` goes on; the store gives it.
        at: When it was sent, in seconds since 1970; the store sets it.
    """

    title: str
    address: str
    kind: str = "link"
    number: int = 0
    at: float = 0.0

    def __post_init__(self) -> None:
        check_text("title", self.title, MOST_TEXT)
        _check_address("address", self.address)
        if self.kind not in CARD_KINDS:
            known = ", ".join(CARD_KINDS)
            raise ValueError(f"kind must be one of {known}. Received: {self.kind!r:.50}")


# Views


@dataclass(frozen=True)
class QuestionView:
    """The question that the class works on.

    Args:
        name: The question's name.
        round: Which vote it is, from 1.
        is_shown: True once the teacher has shown the spread; then no more answers are taken.
        outcome: What happened when it was run, as the teacher's page wrote it; may be empty.
    """

    name: str
    round: int
    is_shown: bool
    outcome: str


@dataclass(frozen=True)
class ClassView:
    """A class as teacher and members see it.

    Args:
        code: Its code.
        name: Its name.
        page: The page of its lesson, such as `"mnist"`.
        task: The query string of its settings and its assignment; may be empty.
        version: A number that grows with each event.
        is_locked: True if nobody can join any more.
        members: How many members there are, without those who left.
        question: The question that is open or shown; None if there is none.
        ends: When its rows are deleted if nothing happens, in seconds since 1970.
        has_reader: True if a reader trained on the class's digits is offered.
    """

    code: str
    name: str
    page: str
    task: str
    version: int
    is_locked: bool
    members: int
    question: QuestionView | None
    ends: float
    has_reader: bool


@dataclass(frozen=True)
class MemberView:
    """A class as one of its members sees it.

    Args:
        classroom: The class.
        name: The member's generated name, such as "Blue Heron".
        hand_raised: True if the member asks for help.
        answers: The member's own answers, by question and round.
        runs: How many of the member's runs the teacher sees.
        drawings: The identities of the drawings that the member shares.
        sketches: Those among them that are of handed-out classes, by their identities.
    """

    classroom: ClassView
    name: str
    hand_raised: bool
    answers: Mapping[tuple[str, int], float]
    runs: int
    drawings: tuple[str, ...]
    sketches: Mapping[str, Sketch] = field(default_factory=dict)


@dataclass(frozen=True)
class Tally:
    """The answers to one vote on a question; each member's last answer counts.

    Args:
        question: The question's name.
        round: Which vote it is, from 1.
        answered: How many members have answered.
        members: How many members there are, without those who left.
        counts: How often each answer was given, by value; empty if the reader must not see it yet.
    """

    question: str
    round: int
    answered: int
    members: int
    counts: Mapping[float, int]


@dataclass(frozen=True)
class MemberRow:
    """A member on the board.

    Args:
        name: The generated name.
        page: The page that the member is on; empty if unknown.
        step: The step of the page, 1 to 5; 0 if unknown.
        stage: The rung or stage in words.
        idle: Seconds since the member's last event.
        hand_raised_for: Seconds since the hand was raised; None if it is down.
        has_left: True for a member who left and whose events stay.
        runs: How many runs the member has finished.
    """

    name: str
    page: str
    step: int
    stage: str
    idle: float
    hand_raised_for: float | None
    has_left: bool
    runs: int


@dataclass(frozen=True)
class RunRow:
    """A finished run on the board.

    Args:
        number: Its number in the class, for `hide`.
        member: The member's generated name.
        at: When it was recorded, in seconds since 1970.
        result: The run.
        is_hidden: True if the teacher has hidden it.
    """

    number: int
    member: str
    at: float
    result: RunResult
    is_hidden: bool


@dataclass(frozen=True)
class DrawingRow:
    """A shared drawing on the wall.

    Args:
        number: Its number in the class, for `hide`.
        member: The member's generated name.
        at: When it was shared, in seconds since 1970.
        drawing: The drawing and how it is read.
        is_hidden: True if the teacher has hidden it.
    """

    number: int
    member: str
    at: float
    drawing: Drawing
    is_hidden: bool

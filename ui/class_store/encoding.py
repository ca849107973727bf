"""Events as columns of the table of events, and back."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from nncore.digits.collection import Digit, pack_pixels, unpack_pixels
from nncore.experiment import Experiment
from ui.class_store.sketch import Sketch
from ui.class_store.values import (
    Answer,
    Card,
    Drawing,
    Hand,
    MemberEvent,
    Progress,
    RunResult,
    Withdrawal,
)

ANSWER, RUN, DRAWING, SKETCH, CARD = "answer", "run", "drawing", "sketch", "card"
#: The kinds of events that are a member's drawings: they can be hidden and taken back.
DRAWN = (DRAWING, SKETCH)
PROGRESS, HAND, WITHDRAWAL = "progress", "hand", "withdrawal"


class Columns(NamedTuple):
    """The columns of an event that depend on its kind; `tables.EVENTS` says what they mean."""

    kind: str
    subject: str = ""
    place: int = 0
    value: float | None = None
    body: str = ""


def encode(event: MemberEvent) -> Columns:
    """Return a member's event as columns."""
    match event:
        case Answer(question, value, number):
            return Columns(ANSWER, question, number, float(value))
        case RunResult():
            return _encode_run(event)
        case Progress(page, step, stage):
            return Columns(PROGRESS, page, step, body=stage)
        case Hand(raised):
            return Columns(HAND, place=int(raised))
        case Drawing(digit, reading, confidence):
            body = _write(confidence=round(confidence, 4), digit=digit.value)
            return Columns(DRAWING, place=digit.label, value=reading, body=body)
        case Sketch(name, pixels):
            return Columns(SKETCH, name, body=_write(pixels=pack_pixels(pixels)))
        case Withdrawal(drawing):
            return Columns(WITHDRAWAL, drawing)


def _encode_run(run: RunResult) -> Columns:
    query = run.experiment.to_query()
    body = _write(seconds=round(run.seconds, 3), failure=run.failure, query=query)
    return Columns(RUN, run.page, run.epochs, run.accuracy, body)


def decode_run(row: Any) -> RunResult:
    """Return the run of an event's row."""
    body = json.loads(row.body)
    experiment = read_experiment(body["query"])
    return RunResult(
        experiment, row.subject, row.value, body["seconds"], row.place, body["failure"]
    )


@lru_cache(maxsize=1024)
def read_experiment(query: str) -> Experiment:
    """Return the experiment of a query string: a board reads those of all runs again and again."""
    return Experiment.from_query(query)[0]


def decode_drawing(row: Any) -> Drawing:
    """Return the drawing of an event's row."""
    body = json.loads(row.body)
    reading = None if row.value is None else int(row.value)
    return Drawing(Digit.from_value(body["digit"]), reading, body["confidence"])


def decode_sketch(row: Any) -> Sketch:
    """Return the drawing of a handed-out class of an event's row."""
    return Sketch(row.subject, unpack_pixels(json.loads(row.body)["pixels"]))


def encode_card(card: Card) -> Columns:
    """Return a card as columns."""
    return Columns(CARD, card.kind, body=_write(title=card.title, address=card.address))


def decode_card(row: Any) -> Card:
    """Return the card of an event's row."""
    body = json.loads(row.body)
    return Card(body["title"], body["address"], row.subject, row.number, row.at)


def _write(**values: object) -> str:
    return json.dumps(values, separators=(",", ":"))

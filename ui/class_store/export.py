"""All of a class as a file: JSON, or CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from ui.class_store import encoding
from ui.class_store.rows import TEACHER, Place
from ui.class_store.tables import EVENTS, MEMBERS

#: The name and the version that the JSON carries.
FORMAT, VERSION = "nncore.class", 1
#: The columns of the CSV; an event has values in those of its kind.
COLUMNS = (
    *("number", "time", "member", "kind", "hidden"),
    *("question", "round", "answer"),
    *("page", "step", "stage", "raised"),
    *("accuracy", "epochs", "seconds", "failure", "settings"),
    *("label", "class", "reading", "confidence", "pixels"),
    *("title", "address"),
)
#: A cell that begins so is a formula for a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_json(connection: Connection, place: Place) -> str:
    """Return a class with its members and all its events as JSON."""
    classroom = place.classroom
    value = {
        "format": FORMAT,
        "version": VERSION,
        "class": {
            "code": classroom.code,
            "name": classroom.name,
            "page": classroom.page,
            "task": classroom.task,
            "created": _write_time(classroom.created),
        },
        "members": list(_list_members(connection, place)),
        "events": list(_list_events(connection, place)),
    }
    return json.dumps(value, indent=1)


def export_csv(connection: Connection, place: Place) -> str:
    """Return the events of a class as CSV: one row an event, in the order of time."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for event in _list_events(connection, place):
        writer.writerow({name: _guard(value) for name, value in event.items()})
    return text.getvalue()


def _list_members(connection: Connection, place: Place) -> Iterator[dict[str, Any]]:
    query = select(MEMBERS).where(MEMBERS.c.class_id == place.id).order_by(MEMBERS.c.id)
    for row in connection.execute(query):
        times = {"joined": _write_time(row.joined), "active": _write_time(row.active)}
        yield {"name": row.name, **times, "has_left": row.has_left}


def _list_events(connection: Connection, place: Place) -> Iterator[dict[str, Any]]:
    query = select(EVENTS, MEMBERS.c.name.label("member"))
    query = query.outerjoin(MEMBERS, MEMBERS.c.id == EVENTS.c.member_id)
    query = query.where(EVENTS.c.class_id == place.id).order_by(EVENTS.c.number)
    for row in connection.execute(query):
        member = "teacher" if row.member_id == TEACHER else row.member
        facts = {"number": row.number, "time": _write_time(row.at), "member": member}
        yield {**facts, "kind": row.kind, **_describe(row)}


def _describe(row: Any) -> dict[str, Any]:
    """Return what an event says, by the names of the CSV's columns."""
    match row.kind:
        case encoding.ANSWER:
            return {"question": row.subject, "round": row.place, "answer": row.value}
        case encoding.PROGRESS:
            return {"page": row.subject, "step": row.place, "stage": row.body}
        case encoding.HAND:
            return {"raised": bool(row.place)}
        case encoding.RUN:
            return _describe_run(row)
        case encoding.DRAWING:
            return _describe_drawing(row)
        case encoding.SKETCH:
            return {"class": row.subject, **json.loads(row.body), "hidden": row.is_hidden}
        case encoding.CARD:
            return json.loads(row.body)
        case "open":
            return {"question": row.subject, "round": row.place}
    return {}


def _describe_run(row: Any) -> dict[str, Any]:
    body = json.loads(row.body)
    facts = {"page": row.subject, "accuracy": row.value, "epochs": row.place}
    texts = {"failure": body["failure"], "settings": body["query"]}
    return {**facts, "seconds": body["seconds"], **texts, "hidden": row.is_hidden}


def _describe_drawing(row: Any) -> dict[str, Any]:
    body = json.loads(row.body)
    reading = None if row.value is None else int(row.value)
    facts = {"label": row.place, "reading": reading, "confidence": body["confidence"]}
    return {**facts, "pixels": body["digit"]["pixels"], "hidden": row.is_hidden}


def _write_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _guard(value: object) -> object:
    """Return a value of a cell; a text that a spreadsheet would compute gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value

"""The tables of the class store.

Their names carry the version of the schema: another version has other tables, and servers of both
versions can share a database while a lab is updated. `retirement.py` says what becomes of the old
ones.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

#: Raise it with any change of a table below.
VERSION = 1
#: Every table of every version is called `lab_class_v<version>_<name>`.
PREFIX = "lab_class_v"

METADATA = MetaData()


def _name(table: str) -> str:
    return f"{PREFIX}{VERSION}_{table}"


#: One row a class. `version` is the number of its last event, `acts` counts the teacher's,
#: `bytes` is about what all events take. In every version of the schema this table has
#: `last_event`: it says when old tables can go.
CLASSES = Table(
    _name("classes"),
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("code", String(6), nullable=False, unique=True),
    Column("secret_hash", String(64), nullable=False),
    Column("name", String(80), nullable=False),
    Column("page", String(80), nullable=False),
    Column("task", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("last_event", Float, nullable=False, index=True),
    Column("version", Integer, nullable=False, default=0),
    Column("acts", Integer, nullable=False, default=0),
    Column("bytes", Integer, nullable=False, default=0),
    Column("is_locked", Boolean, nullable=False, default=False),
    Column("question", String(80), nullable=False, default=""),
    Column("round", Integer, nullable=False, default=0),
    Column("is_shown", Boolean, nullable=False, default=False),
    Column("outcome", Text, nullable=False, default=""),
)

#: One row a member, with what the board shows of the present moment. `events` counts all that the
#: member ever wrote, so that withdrawn drawings do not make room for more.
MEMBERS = Table(
    _name("members"),
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("class_id", Integer, nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("name", String(80), nullable=False),
    Column("joined", Float, nullable=False),
    Column("active", Float, nullable=False),
    Column("page", String(80), nullable=False, default=""),
    Column("step", Integer, nullable=False, default=0),
    Column("stage", String(80), nullable=False, default=""),
    Column("hand_raised", Float),
    Column("has_left", Boolean, nullable=False, default=False),
    Column("events", Integer, nullable=False, default=0),
    UniqueConstraint("class_id", "token_hash"),
    UniqueConstraint("class_id", "name"),
)

#: One row an event, appended. By kind, the columns mean:
#:
#:     kind        subject     place   number           body
#:     answer      question    round   value
#:     run         page        epochs  accuracy         seconds, failure, experiment's query (JSON)
#:     progress    page        step                     stage
#:     hand                    0 or 1
#:     drawing                 label   reading or null  confidence, digit (JSON)
#:     sketch      class's name                         pixels (JSON)
#:     withdrawal  drawing
#:     card        kind                                 title, address (JSON)
#:     others are acts of the teacher, kept so that an export tells the lesson's course
#:
#: `member_id` is 0 for the teacher. A drawing that is taken back loses its body and label.
EVENTS = Table(
    _name("events"),
    METADATA,
    Column("class_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("member_id", Integer, nullable=False),
    Column("event", String(32), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("subject", String(80), nullable=False, default=""),
    Column("place", Integer, nullable=False, default=0),
    Column("value", Float),
    Column("body", Text, nullable=False, default=""),
    Column("at", Float, nullable=False),
    Column("is_hidden", Boolean, nullable=False, default=False),
    UniqueConstraint("class_id", "member_id", "event"),
    # For counts of answers and readings; for lists of what came after a number; for one member.
    Index(_name("events_by_kind"), "class_id", "kind", "subject", "place", "member_id", "number"),
    Index(_name("events_by_number"), "class_id", "kind", "number"),
    Index(_name("events_by_member"), "class_id", "member_id", "number"),
)

#: The reader that was trained on a class's digits: one a class, as bytes that the pages write.
READERS = Table(
    _name("readers"),
    METADATA,
    Column("class_id", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

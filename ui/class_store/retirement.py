"""The end of old rows: classes that are over, and tables of older versions of the schema.

The rule for a new version of the schema, in place of migrations: it has tables of its own, and the
old ones are set aside. Rows live a day, so nothing is carried over; a lab that is updated during a
lesson starts the class anew. Old tables are dropped when their last class is over. A server that
still runs the older version goes on with them until then. Tables of a newer version are left alone.
"""

from __future__ import annotations

import re

from sqlalchemy import (
    ColumnClause,
    Connection,
    Float,
    MetaData,
    Table,
    column,
    delete,
    func,
    inspect,
    select,
    table,
)

from ui.class_store.limits import LIFETIME
from ui.class_store.tables import CLASSES, EVENTS, MEMBERS, PREFIX, READERS, VERSION

_TABLE = re.compile(rf"{PREFIX}(\d+)_\w+")


def delete_classes(connection: Connection, ids: list[int]) -> None:
    """Delete everything of some classes."""
    for rows in (EVENTS, MEMBERS, READERS):
        connection.execute(delete(rows).where(rows.c.class_id.in_(ids)))
    connection.execute(delete(CLASSES).where(CLASSES.c.id.in_(ids)))


def delete_old_classes(connection: Connection, now: float) -> int:
    """Delete the classes that are over; return how many."""
    query = select(CLASSES.c.id).where(CLASSES.c.last_event <= now - LIFETIME)
    ids = [int(number) for number in connection.execute(query).scalars()]
    if ids:
        delete_classes(connection, ids)
    return len(ids)


def drop_old_tables(connection: Connection, now: float) -> tuple[int, ...]:
    """Drop the tables of older versions whose classes are all over; return the versions."""
    names: dict[int, list[str]] = {}
    for name in inspect(connection).get_table_names():
        if match := _TABLE.fullmatch(name):
            names.setdefault(int(match[1]), []).append(name)
    over = [v for v in sorted(names) if v < VERSION and _is_over(connection, v, names[v], now)]
    for version in over:
        for name in names[version]:
            Table(name, MetaData()).drop(connection)
    return tuple(over)


def _is_over(connection: Connection, version: int, names: list[str], now: float) -> bool:
    classes = f"{PREFIX}{version}_classes"
    if classes not in names:
        return True
    last: ColumnClause[float] = column("last_event", Float)
    newest = connection.execute(select(func.max(last)).select_from(table(classes, last))).scalar()
    return newest is None or newest <= now - LIFETIME

"""The tables that a step of the microscope shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from numpy.typing import NDArray

from ui.tools.microscope.batch_trace import BatchTrace, Focus
from ui.tools.microscope.formula_terms import strongest_places, write_all

Array: TypeAlias = NDArray[Any]


class Table(NamedTuple):
    """A small table: its title, and its columns of texts by name."""

    title: str
    columns: dict[str, list[str]]


class Explanation(NamedTuple):
    """The tables of a step, and its worked lines in Markdown."""

    tables: list[Table]
    lines: list[str]


def note_shown_rows(rows: Sequence[int], total: int) -> str:
    """Return the note of a table that shows only its strongest rows; empty if it shows all."""
    return f" · {len(rows)} of {total:,}, the strongest" if len(rows) < total else ""


def bold_at(texts: list[str], place: int) -> list[str]:
    """Return the texts with the one at `place` in bold."""
    return [f"**{text}**" if i == place else text for i, text in enumerate(texts)]


def sample_names(trace: BatchTrace) -> list[str]:
    """Return the name of each sample: `#1`, `#2`, ..."""
    return [f"#{i + 1}" for i in range(trace.count)]


def label_names(trace: BatchTrace) -> list[str]:
    """Return each sample's class number, with the class's name if that is another word."""
    names = trace.names
    return [names[y] if names[y] == str(y) else f"{y}, {names[y]}" for y in trace.labels]


def table_by_unit(
    title: str,
    values: Array,
    layer: int,
    trace: BatchTrace,
    focus: Focus,
    extra_columns: Callable[[list[int]], dict[str, list[str]]] = lambda rows: {},
) -> Table:
    """Return a table with a row for each unit and a column for each sample.

    Args:
        title: The table's title.
        values: (samples, units).
        layer: The layer whose units these are.
        trace: The batch.
        focus: The learner's choice; its sample and unit are in bold.
        extra_columns: Returns further columns for these rows; they come first.
    """
    rows = strongest_places(values[focus.sample], focus.unit)
    columns = {
        "of": bold_at([trace.neuron_name(layer, unit) for unit in rows], rows.index(focus.unit))
    }
    columns |= extra_columns(rows)
    for i, sample in enumerate(sample_names(trace)):
        texts = write_all(values[i, rows])
        columns[sample] = bold_at(texts, rows.index(focus.unit)) if i == focus.sample else texts
    return Table(title + note_shown_rows(rows, values.shape[1]), columns)


def choose_source_rows(gradients: Array, chosen: int) -> list[int]:
    """Return the rows to show of a unit's weights: the strongest, the chosen one and the bias."""
    rows = strongest_places(gradients[:-1], min(chosen, len(gradients) - 2))
    return [*rows, len(gradients) - 1]

"""Sorting the table of runs, and text that Markdown leaves as it is."""

from __future__ import annotations

from dataclasses import replace

from tests.ui.runs.test_measures import ROW
from ui.runs.selection import escape_markdown
from ui.runs.table import sort_rows


def test_rows_without_the_number_come_last_in_their_order() -> None:
    rows = [replace(ROW, key=key) for key in "abcd"]
    ordered = sort_rows(rows, {"b": 0.5, "d": 0.9}, "best on the test set")
    assert [row.key for row in ordered] == ["d", "b", "a", "c"]


def test_markdown_in_a_name_is_escaped() -> None:
    assert escape_markdown("a_b $x$") == "a\\_b \\$x\\$"

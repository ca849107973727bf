"""The numbers that a learner types into the table of test numbers: cells and edits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Empty rows below the test numbers. Their number is fixed: only so do edits stay in place while
#: the predictions beside them change.
EMPTY_ROWS = 4
#: The largest number that a network can take in.
LARGEST = float(np.finfo(np.float32).max)


class TypedNumbers(NamedTuple):
    """The first column of the table, read as numbers.

    Attributes:
        cells: What is written in the cells; empty where there is nothing.
        values: `(n,)` float64; NaN for a cell that is empty or cannot be read.
    """

    cells: tuple[str, ...]
    values: NDArray[np.float64]

    @property
    def readable(self) -> NDArray[np.bool_]:
        """The cells that hold a number, `(n,)`."""
        return np.isfinite(self.values)

    @property
    def unreadable(self) -> list[str]:
        """The texts that are not numbers."""
        pairs = zip(self.cells, self.readable, strict=True)
        return [cell for cell, is_number in pairs if cell and not is_number]


def write_cells(values: NDArray[Any]) -> tuple[str, ...]:
    """Return numbers, and some empty cells, as the texts that the table shows at first."""
    return (*(f"{value:.7g}" for value in values), *[""] * EMPTY_ROWS)


def apply_edits(start: Sequence[str], edits: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells with the learner's edits.

    Args:
        start: The cells at first.
        edits: As Streamlit keeps them: `{"edited_rows": {0: {"x": "7.5"}}, ...}`. Rows that the
            table does not have are ignored.
    """
    cells = list(start)
    for row, edit in edits.get("edited_rows", {}).items():
        if int(row) < len(cells) and "x" in edit:
            cells[int(row)] = str(edit["x"] if edit["x"] is not None else "").strip()
    return tuple(cells)


def read_cells(cells: Sequence[str]) -> TypedNumbers:
    """Read cells as numbers that a float32 can hold."""
    return TypedNumbers(tuple(cells), np.array([_read_cell(cell) for cell in cells], np.float64))


def _read_cell(cell: str) -> float:
    try:
        value = float(cell.replace("−", "-"))
    except ValueError:
        return math.nan
    return value if abs(value) <= LARGEST else math.nan

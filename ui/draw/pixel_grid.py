"""The grid on which the keyboard draws, in place of lesson 4's canvas."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

import streamlit as st

from nncore.digits.ink import Pixels
from nncore.digits.strokes import render_strokes
from ui.core import state
from ui.core.keys import Key

Cell: TypeAlias = tuple[int, int]

ROWS, COLUMNS = 9, 7
#: The filled columns of a row, one key for each row.
ROW = Key[list[int]]("draw.row", [])


def clear() -> None:
    """Empty the grid."""
    for row in range(ROWS):
        state.put(ROW.of(row), [])


def show_grid(side: int, width: int) -> Pixels | None:
    """Draw the grid and return the ink of its filled cells.

    Args:
        side: The canvas's side in pixels.
        width: The pen's width in pixels.
    """
    st.caption("Tab to a row, arrow keys along it, Space to fill a cell.")
    cells: set[Cell] = set()
    with st.container(gap=None):
        for row in range(ROWS):
            columns = st.segmented_control(
                f"Row {row + 1} of {ROWS}",
                range(COLUMNS),
                selection_mode="multi",
                format_func=lambda column: f":small[:gray[{column + 1}]]",
                key=ROW.of(row).name,
                label_visibility="collapsed",
                wrap=False,
                persist_state="session",
            )
            cells |= {(row, column) for column in columns}
    return render_strokes(connect(cells, side), side, width) if cells else None


def connect(cells: Collection[Cell], side: int) -> list[list[list[float]]]:
    """Return pen strokes that connect filled cells with their filled neighbours.

    Args:
        cells: Filled cells, (row, column). Diagonal neighbours are connected only where no filled
            cell next to both connects them already.
        side: The canvas's side in pixels.

    Returns:
        A dot for each cell and a line for each connection, in pixels of the canvas.
    """
    strokes = [[_centre(cell, side)] for cell in sorted(cells)]
    for row, column in sorted(cells):
        for other in ((row, column + 1), (row + 1, column)):
            if other in cells:
                strokes.append([_centre((row, column), side), _centre(other, side)])
        for step in (-1, 1):
            between = {(row, column + step), (row + 1, column)}
            if (row + 1, column + step) in cells and not between & set(cells):
                ends = (row, column), (row + 1, column + step)
                strokes.append([_centre(end, side) for end in ends])
    return strokes


def _centre(cell: Cell, side: int) -> list[float]:
    pitch = side / (ROWS + 1)
    row, column = cell
    return [side / 2 + (column - (COLUMNS - 1) / 2) * pitch, (row + 1) * pitch]

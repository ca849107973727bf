"""The grid of lesson 4 on which the keyboard draws, in the canvas's place."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

import streamlit as st

from nncore.digits.ink import Pixels
from nncore.digits.strokes import render_strokes
from ui.core import state

Cell: TypeAlias = tuple[int, int]

ROWS, COLUMNS = 9, 7


def clear() -> None:
    """Empties it."""
    for row in range(ROWS):
        state.put(f"draw.row.{row}", [])


def grid(side: int, width: int) -> Pixels | None:
    """Draws the grid; gives back the ink of what is filled in.

    Args:
        side: Pixels of the canvas that it stands for.
        width: The pen's width.
    """
    st.caption("Tab to a row, arrow keys along it, Space to fill a cell.")
    cells: set[Cell] = set()
    with st.container(gap=None):
        for row in range(ROWS):
            chosen = st.segmented_control(
                f"Row {row + 1} of {ROWS}",
                range(COLUMNS),
                selection_mode="multi",
                format_func=lambda column: f":small[:gray[{column + 1}]]",
                key=f"draw.row.{row}",
                label_visibility="collapsed",
                wrap=False,
                persist_state="session",
            )
            cells |= {(row, column) for column in chosen}
    return render_strokes(strokes(cells, side), side, width) if cells else None


def strokes(cells: Collection[Cell], side: int) -> list[list[list[float]]]:
    """Pen strokes that connect filled cells with their filled neighbours.

    Args:
        cells: Filled cells, (row, column). Neighbours at a corner are connected where no filled
            cell beside both of them does it.
        side: Pixels of the canvas.

    Returns:
        A dot for each cell, and a line for each connection, in pixels of the canvas.
    """
    drawn = [[_centre(cell, side)] for cell in sorted(cells)]
    for row, column in sorted(cells):
        for other in ((row, column + 1), (row + 1, column)):
            if other in cells:
                drawn.append([_centre((row, column), side), _centre(other, side)])
        for step in (-1, 1):
            beside = {(row, column + step), (row + 1, column)}
            if (row + 1, column + step) in cells and not beside & set(cells):
                ends = (row, column), (row + 1, column + step)
                drawn.append([_centre(end, side) for end in ends])
    return drawn


def _centre(cell: Cell, side: int) -> list[float]:
    pitch = side / (ROWS + 1)
    row, column = cell
    return [side / 2 + (column - (COLUMNS - 1) / 2) * pitch, (row + 1) * pitch]

"""Numbers and formulas in few digits, so that a learner can check them by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ui.core.wording import not_finite, raised

Array: TypeAlias = NDArray[Any]

#: Longer tables show only this many rows, and longer lines this many terms: the strongest.
ROWS, TERMS = 10, 5


def write_digits(value: float, digits: int = 4) -> str:
    """Write a number in a few significant digits: `0.731`, `-28.61`, `0.0000123`, `1.2 × 10⁻⁹`."""
    if not math.isfinite(value):
        return not_finite(value)
    mantissa, _, power = f"{abs(value):.{digits - 1}e}".partition("e")
    places = digits - 1 - int(power)
    sign = "−" if value < 0 else ""
    if value == 0:
        return "0"
    if -7 < int(power) < 7:
        text = f"{abs(value):.{max(0, places)}f}"
        return sign + (text.rstrip("0").rstrip(".") if "." in text else text)
    return f"{sign}{mantissa.rstrip('0').rstrip('.')} × 10{raised(int(power))}"


def write_weight(value: float) -> str:
    """Write a weight, in enough digits to see a small step."""
    return write_digits(round(value, 8), 6)


def write_term(value: float, digits: int = 4) -> str:
    """Write a number for use in a formula: negative ones in brackets."""
    text = write_digits(value, digits)
    return f"({text})" if text.startswith("−") or "×" in text else text


def write_all(values: Iterable[float], form: Callable[[float], str] = write_digits) -> list[str]:
    """Write several numbers, each in this form."""
    return [form(float(value)) for value in values]


def worked_line(
    label: str, formula: str, value: float, form: Callable[[float], str] = write_digits
) -> str:
    """Return a line that can be checked by hand, in Markdown: `z = 0.5 × (-2) + 0.25 = **-0.75**`.

    Args:
        label: The quantity.
        formula: How it is worked out, with its numbers; empty if there is nothing to work out.
        value: The result, before rounding.
        form: Writes the result.
    """
    parts = [label, *filter(None, [formula]), f"**{form(value)}**"]
    return " = ".join(parts)


def strongest_places(strengths: Array, chosen: int, most: int = ROWS) -> list[int]:
    """Return the places with the largest sizes, and the chosen one, in their order.

    Args:
        strengths: One number for each place; NaN counts as large.
        chosen: A place that is always included.
        most: How many places at most.
    """
    if len(strengths) <= most:
        return list(range(len(strengths)))
    sizes = np.nan_to_num(np.abs(strengths), nan=np.inf)
    sizes[chosen] = np.inf
    return sorted(np.argsort(-sizes, kind="stable")[:most].tolist())


def write_dot_product(a: Array, b: Array) -> str:
    """Write `a1 × b1 + a2 × b2 + ...`; of many terms the strongest, and the sum of the others."""
    products = a * b
    rows = (
        strongest_places(products, int(np.abs(products).argmax()), TERMS) if len(a) > ROWS else None
    )
    shown = range(len(a)) if rows is None else rows
    parts = [f"{write_term(float(a[i]))} × {write_term(float(b[i]))}" for i in shown]
    if rows is not None:
        rest = float(np.delete(products, rows).sum())
        parts.append(f"{write_term(rest)} [the {len(a) - len(rows):,} others]")
    return " + ".join(parts)

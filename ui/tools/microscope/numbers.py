"""Numbers and formulas as they are written: so few digits that they can be worked again by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

#: Rows that a table shows of more, and terms that a line shows of more: the strongest.
ROWS, TERMS = 10, 5


def plain(value: float, digits: int = 4) -> str:
    """A number in some digits that count: `0.731`, `-28.61`, `0.0000123`, `1.2 × 10⁻⁹`."""
    if not math.isfinite(value):
        return "no number" if math.isnan(value) else f"{'−' if value < 0 else ''}infinite"
    mantissa, _, power = f"{abs(value):.{digits - 1}e}".partition("e")
    places = digits - 1 - int(power)
    sign = "−" if value < 0 else ""
    if value == 0:
        return "0"
    if -7 < int(power) < 7:
        text = f"{abs(value):.{max(0, places)}f}"
        return sign + (text.rstrip("0").rstrip(".") if "." in text else text)
    return f"{sign}{mantissa.rstrip('0').rstrip('.')} × 10{raised(int(power))}"


def raised(power: int) -> str:
    """A power as it is written above the line."""
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def weight(value: float) -> str:
    """A weight, in enough digits to see a small step."""
    return plain(round(value, 8), 6)


def within(value: float, digits: int = 4) -> str:
    """A number within a formula: negative ones in brackets."""
    text = plain(value, digits)
    return f"({text})" if text.startswith("−") or "×" in text else text


def written(values: Iterable[float], form: Callable[[float], str] = plain) -> list[str]:
    """Several numbers as texts, each in this form."""
    return [form(float(value)) for value in values]


def equals(label: str, formula: str, value: float, form: Callable[[float], str] = plain) -> str:
    """A line that can be worked again, in Markdown: `z = 0.5 × (-2) + 0.25 = **-0.75**`.

    Args:
        label: What is worked out.
        formula: How, with the numbers in it; empty where there is nothing to work out.
        value: What it comes to, before any rounding.
        form: How that is written.
    """
    parts = [label, *filter(None, [formula]), f"**{form(value)}**"]
    return " = ".join(parts)


def strongest(strengths: Array, chosen: int, most: int = ROWS) -> list[int]:
    """Of many places those with the largest sizes, and the chosen one, in their order.

    Args:
        strengths: A number for each place; those not finite count as large.
        chosen: A place that is always among them.
        most: How many at most.
    """
    if len(strengths) <= most:
        return list(range(len(strengths)))
    sizes = np.nan_to_num(np.abs(strengths), nan=np.inf)
    sizes[chosen] = np.inf
    return sorted(np.argsort(-sizes, kind="stable")[:most].tolist())


def dot(a: Array, b: Array) -> str:
    """`a1 × b1 + a2 × b2 + ...`; of many the strongest, and what the others come to."""
    products = a * b
    rows = strongest(products, int(np.abs(products).argmax()), TERMS) if len(a) > ROWS else None
    shown = range(len(a)) if rows is None else rows
    parts = [f"{within(float(a[i]))} × {within(float(b[i]))}" for i in shown]
    if rows is not None:
        rest = float(np.delete(products, rows).sum())
        parts.append(f"{within(rest)} [the {len(a) - len(rows):,} others]")
    return " + ".join(parts)

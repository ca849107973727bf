"""Numbers as people read them: a few digits, and one wording for what is not a finite number."""

from __future__ import annotations

import math


def write_number(value: float) -> str:
    """Return a number in a few digits: `-28.6`, `0.57`, `2.5e21`, `NaN`, `−infinity`."""
    if not math.isfinite(value):
        return write_non_finite(value)
    size = abs(value)
    if size < 0.005:
        return "0"
    if size < 10:
        return f"{value:.2f}"
    return f"{value:,.1f}" if size < 1e5 else f"{value:.1e}".replace("e+", "e")


def write_small_number(value: float) -> str:
    """Return a number in a few digits, even one near 0: `-28.6`, `0.00001`, `40`."""
    if isinstance(value, int):
        return f"{value:,}"
    if 0 < abs(value) < 0.01:
        return f"{float(f'{value:.2g}'):.7f}".rstrip("0")
    return write_number(value)


def write_share(share: float) -> str:
    """Return a share from 0 to 1 in per cent, `93.4%`; `NaN` if it is not a number."""
    return f"{share:.1%}" if math.isfinite(share) else write_non_finite(share)


def write_non_finite(value: float) -> str:
    """Return the word for a number that is not finite: `NaN`, `infinity`, `−infinity`."""
    if math.isnan(value):
        return "NaN"
    return "infinity" if value > 0 else "\u2212infinity"

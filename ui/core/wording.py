"""Numbers, plurals and lists as learners read them, the same way on every page.

This file imports nothing of the lab.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

#: The words for NaN and infinity, which a network that diverged leaves behind.
NOT_A_NUMBER, INFINITY = "NaN", "infinity"
#: Read "eleven", "eighteen"; the other numbers that take "an" begin with 8.
_AN_NUMBERS = ("11", "18")
#: Signs that Markdown may take for markup: all of ASCII's.
_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")
#: An invisible sign that keeps its neighbours apart: Streamlit makes icons of `:material/home:` and
#: arrows of `->`, and a backslash does not hold it back.
_JOINER = "\u2060"


def count(number: int, thing: str, things: str = "") -> str:
    """Return a number of things: `"1 unit"`, `"2 units"`, `"60,000 images"`, `"3 classes"`.

    Args:
        number: How many.
        thing: One of them.
        things: Several of them; by default `thing` with an "s".
    """
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def describe_seconds(seconds: float) -> str:
    """Return a time in words, rounded: `"8 seconds"`, `"3 minutes"`, `"2 hours"`."""
    if seconds < 55:
        return count(max(1, round(seconds)), "second")
    if seconds < 3300:
        return count(max(1, round(seconds / 60)), "minute")
    return count(max(1, round(seconds / 3600)), "hour")


def describe_duration(low: float, high: float) -> str:
    """Return a range of seconds in words, rounded to what an estimate can support."""
    if high < 5:
        return "A few seconds"
    for unit, seconds in (("hour", 3600.0), ("minute", 60.0), ("second", 1.0)):
        if high >= 1.5 * seconds or unit == "second":
            break
    least, most = _round_duration(low / seconds), _round_duration(high / seconds)
    if least == most:
        return f"About {most:g} {unit}{'' if most == 1 else 's'}"
    return f"About {least:g} to {most:g} {unit}s"


def _round_duration(value: float) -> float:
    """Round to halves below 3, to whole numbers below 10, then to fives."""
    if value < 3:
        return max(0.5, round(value * 2) / 2)  # 0.5 minutes, not 0
    return float(round(value) if value < 10 else 5 * round(value / 5))


def with_article(word: object) -> str:
    """Return a word or a whole number with "a" or "an": `"an 8"`, `"a 7"`, `"an ankle boot"`."""
    text = str(word)
    leading = text.partition(",")[0]
    is_number = leading.isdigit()
    begins_with_vowel = (
        leading in _AN_NUMBERS or leading.startswith("8")
        if is_number
        else text[:1].lower() in "aeiou"
    )
    return f"{'an' if begins_with_vowel else 'a'} {text}"


def as_typed(name: str) -> str:
    """Return a text that a learner has typed for Markdown: it appears letter by letter.

    Args:
        name: Any text, such as a class's name: `**x**`, `<b>`, `$x$`, `:smile:`.
    """
    return _SIGNS.sub(rf"\\\1{_JOINER}", " ".join(name.split()))


def listing(words: Sequence[str], last: str = "and") -> str:
    """Return words as a list in a sentence: `"a, b and c"`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def lower_first(text: str) -> str:
    """Return a label as it reads within a sentence: `"batch size"`, but `"L2 penalty"`."""
    return (
        text
        if text[1:2] != text[1:2].lower() or text[1:2].isdigit()
        else text[:1].lower() + text[1:]
    )


def percent(share: float, decimals: int = 1) -> str:
    """Return a share as a percentage: `"97.6%"`.

    Args:
        share: From 0 to 1; NaN and infinity are named in words.
        decimals: Digits after the point.
    """
    return f"{share:.{decimals}%}" if math.isfinite(share) else not_finite(share)


def number(value: float, digits: int = 3) -> str:
    """Return a number with few significant digits: `"0.00001"`, `"28.6"`, `"2.5 × 10²¹"`.

    Args:
        value: NaN and infinity are named in words. The part before the point is never rounded, but
            in numbers of a billion and more.
        digits: Significant digits; zeros at the end are left out.
    """
    if not math.isfinite(value):
        return not_finite(value)
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    power = int(exponent)
    if not -10 < power < 9:
        return f"{_without_zeros(mantissa)} × 10{raised(power)}"
    return _without_zeros(f"{value:,.{max(0, digits - 1 - power)}f}")


def fixed(value: float, decimals: int, *, is_signed: bool = False) -> str:
    """Return a number with a fixed number of decimals, for columns and sums: `"0.310"`.

    Args:
        value: NaN and infinity are named in words.
        decimals: Digits after the point.
        is_signed: True to write the sign of positive numbers, too.
    """
    if not math.isfinite(value):
        return not_finite(value)
    return f"{value:{'+' if is_signed else ''}.{decimals}f}"


def number_range(low: float, high: float) -> str:
    """Return `"-28.6 to 12.1"`; where either end is NaN, that alone."""
    if math.isnan(low) or math.isnan(high):
        return NOT_A_NUMBER
    return f"{number(low)} to {number(high)}"


def not_finite(value: float) -> str:
    """Return the word for a number that is not finite: `NaN`, `infinity`, `−infinity`."""
    if math.isnan(value):
        return NOT_A_NUMBER
    return INFINITY if value > 0 else f"\u2212{INFINITY}"


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def raised(power: int) -> str:
    """Return a power in raised digits: `"⁻⁹"`."""
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))

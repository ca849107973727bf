"""Values of any type in the query string of a link: written exactly, read from anybody.

Whatever a link holds, reading it gives values of the right type and one plain sentence for each
thing that cannot be used. This file knows no setting: the caller says which there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

#: A number in a link. Python's own `float` would also accept other scripts' digits, and spaces.
_FRACTION = re.compile(r"-?([0-9]{1,24}(\.[0-9]{0,24})?|\.[0-9]{1,24})(e[+-]?[0-9]{1,3})?", re.I)
#: Markdown that works even between quotation marks: emphasis, and addresses that become links.
_MARKDOWN = re.compile(r"(?<![^\W_])_|_(?![^\W_])|(?<=www)\.", re.IGNORECASE)
#: Characters of a link's text that are quoted in a sentence.
_MOST_QUOTED = 40
#: Digits of a whole number in a link.
_MOST_DIGITS = 12


def parse_query(query: str | Mapping[str, str]) -> dict[str, str]:
    """Return a query string's pairs, the last one for each name; a mapping is copied."""
    return dict(parse_qsl(query, keep_blank_values=True) if isinstance(query, str) else query)


def write_value(value: Any) -> str:
    """Return a setting's value as a link writes it: `true`, `64-32`, `none`, `0.001`, `relu`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "-".join(str(item) for item in value) or "none"
    return repr(value) if isinstance(value, float) else str(value)


def read_value(text: str, example: Any) -> Any:
    """Return the value that a link's text means.

    Args:
        text: As `write_value` writes it.
        example: Any value of the setting; the result has its type.

    Raises:
        ValueError: If the text means no value of that type.
    """
    if isinstance(example, bool):
        if text not in ("true", "false"):
            raise ValueError(text)
        return text == "true"
    if isinstance(example, tuple):
        return () if text == "none" else tuple(read_whole(part) for part in text.split("-"))
    if isinstance(example, int):
        return read_whole(text)
    return read_fraction(text) if isinstance(example, float) else text


def read_whole(text: str) -> int:
    """Return the whole number that plain decimal digits mean; raise ValueError for other text."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise ValueError(text)
    return int(text)


def read_fraction(text: str) -> float:
    """Return the number that a plain decimal means; raise ValueError for any other text."""
    if not (text.isascii() and _FRACTION.fullmatch(text)):
        raise ValueError(text)
    return float(text)


def describe_unusable(name: str, text: str, replacement: Any = None) -> str:
    """Return the sentence for a value of a link that cannot be used.

    Args:
        name: The setting's dotted name.
        text: The value's text in the link.
        replacement: The value used instead, if there is one.
    """
    given = quote(text)
    sentence = f"The link's {name} = {given} cannot be used"
    if replacement is None:
        return f"{sentence}."
    used = quote(write_value(replacement))
    if _drop_blanks(given) == _drop_blanks(used):
        return f"The link's {name} is not written as a link writes it; {used} is used."
    return f"{sentence}; {used} is used instead."


def _drop_blanks(quoted: str) -> str:
    """Return a quoted text without the blanks that a reader does not see."""
    return quoted.replace(" ", "")


def quote(text: str) -> str:
    """Return a link's text in quotation marks: of bounded length, with nothing Markdown acts on."""
    kept = "".join(c if c.isalnum() or c in "._-, " else "?" for c in text)
    kept = _MARKDOWN.sub("?", kept)
    return f"'{kept[:_MOST_QUOTED]}...'" if len(kept) > _MOST_QUOTED else f"'{kept}'"

"""A teacher's TOML file: every fault in it becomes one sentence with the file and the line.

It reads tables, texts, numbers and settings, and knows their lines. It does not know lessons.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from nncore.experiment import Experiment
from nncore.validation import SettingError
from ui.components.glossary import anchor

FOLDER = Path(__file__).resolve().parents[2] / "lessons"
#: Where something stands: names of tables and keys, and which one of a list of tables.
Place: TypeAlias = tuple[str | int, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_PARTS = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_PARTS})\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(rf"\s*({_PARTS})\s*=")
_TOKEN = re.compile(r'''"""|\'\'\'|"(?:[^"\\]|\\.)*"|'[^']*'|#.*''')
_ENDS = {'"""': re.compile(r'(?:[^\\]|\\.)*?"""'), "'''": re.compile(r".*?'''")}
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)")
#: A word of the glossary in a text: `[[epoch]]`, or `[[epochs|epoch]]` to show another form of it.
_MARK = re.compile(r"\[\[([^\[\]|]+)(?:\|([^\[\]|]+))?\]\]")
#: What stands under these keys is shown where no link can stand, such as on a button.
_LABELS = ("title", "name", "answer")


class LessonError(ValueError):
    """Raised if a lesson's file cannot be used: one sentence with the file and the line."""


@dataclass(frozen=True)
class Table:
    """A table of a file that knows its place in the file.

    Args:
        file: What the file is called in sentences.
        values: What TOML makes of it.
        lines: The line of each table and key of the whole file.
        place: Where in the file this table stands.
    """

    file: str
    values: Mapping[str, Any]
    lines: Mapping[Place, int]
    place: Place = ()

    def error(self, sentence: str, *inside: str | int) -> LessonError:
        """Return an error with the file, the line and a sentence.

        Args:
            sentence: What was expected, and what was received.
            *inside: Which key, and what within it, is at fault; nothing for the table itself.
        """
        return LessonError(f"{self.file}, line {self._line(inside)}: {sentence}")

    def only(self, *known: str) -> None:
        """Check that the table has no other keys than these.

        Raises:
            LessonError: If it has; it names the key and what could be meant.
        """
        for name in self.values:
            if name not in known:
                raise self.error(f"{name!r} is not known here. {meant(name, known)}", name)

    def has(self, name: str) -> bool:
        """Return True if the table has this key."""
        return name in self.values

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default it is required.

        Raises:
            LessonError: If it is missing, or no text.
        """
        return str(self._value(name, str, "a text in quotation marks", default))

    def number(self, name: str, default: float | None = None) -> float:
        """Return a number; without a default it is required.

        Raises:
            LessonError: If it is missing, or no number.
        """
        return float(self._value(name, (int, float), "a number", default))

    def flag(self, name: str) -> bool:
        """Return True or False; False if it is missing.

        Raises:
            LessonError: If it is neither.
        """
        return bool(self._value(name, bool, "true or false", False))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; empty if it is missing.

        Raises:
            LessonError: If it is something else.
        """
        found = self._value(name, list, "a list of texts", [])
        if not all(isinstance(text, str) for text in found):
            raise self.error(f"{name!r} must be a list of texts. Received: {found!r}", name)
        return tuple(found)

    def table(self, name: str) -> Table:
        """Return a table within this one; empty if it is missing.

        Raises:
            LessonError: If it is something else.
        """
        found = self._value(name, dict, "a table", {})
        return replace(self, values=found, place=(*self.place, name))

    def tables(self, name: str) -> tuple[Table, ...]:
        """Return the tables `[[name]]` within this one; empty if there are none.

        Raises:
            LessonError: If it is something else.
        """
        found = self._value(name, list, f"tables [[{name}]]", [])
        if not all(isinstance(item, dict) for item in found):
            raise self.error(f"{name!r} must be tables [[{name}]]. Received: {found!r}", name)
        return tuple(
            replace(self, values=item, place=(*self.place, name, i)) for i, item in enumerate(found)
        )

    def settings(self, name: str) -> dict[str, Any]:
        """Return a table of settings by dotted name, with lists turned into tuples.

        Raises:
            LessonError: If one of them is no setting.
        """
        known = Experiment().settings()
        found = dict(_flat(self.table(name).values))
        for setting in found:
            if setting not in known:
                said = f"{setting!r} is not a setting. {meant(setting, list(known))}"
                raise self.error(said, name, setting)
        return {key: tuple(v) if isinstance(v, list) else v for key, v in found.items()}

    def updated(self, base: Experiment, *names: str) -> Experiment:
        """Return an experiment with the settings of some tables in this one, applied in order.

        Args:
            base: What it is without them.
            *names: Keys of tables of settings; those that are missing change nothing.

        Raises:
            LessonError: If a setting is unknown or out of bounds, or does not go with the others.
        """
        for name in names:
            try:
                base = base.updated(self.settings(name))
            except SettingError as error:
                raise self.error(f"{error}", name, error.name) from error
        return base

    def linked(self, glossary: Callable[[], Mapping[str, str]]) -> Table:
        """Return the table with each marked word, such as `[[epoch]]`, linked to its definition.

        Args:
            glossary: Gives the definitions by their words.

        Raises:
            LessonError: If a marked word is not in the glossary.
        """
        return replace(self, values=self._linked(self.values, (), glossary))

    def _linked(self, value: Any, inside: Place, glossary: Callable[[], Mapping[str, str]]) -> Any:
        if isinstance(value, Mapping):
            return {k: self._linked(v, (*inside, k), glossary) for k, v in value.items()}
        if isinstance(value, list):
            return [self._linked(v, (*inside, i), glossary) for i, v in enumerate(value)]
        if not isinstance(value, str) or not _MARK.search(value):
            return value
        return _MARK.sub(lambda mark: self._link(mark, inside, glossary()), value)

    def _link(self, mark: re.Match[str], inside: Place, glossary: Mapping[str, str]) -> str:
        shown, word = mark[1].strip(), (mark[2] or mark[1]).strip()
        if word not in glossary:
            said = f"{word!r} is not in the glossary. {meant(word, list(glossary))}"
            raise self.error(said, *inside)
        return shown if inside[-1] in _LABELS else f"[{shown}](#{anchor(word)})"

    def _value(self, name: str, kind: Any, expected: str, default: Any) -> Any:
        if name not in self.values and default is None:
            raise self.error(f"{name!r} is missing: {expected} is expected.")
        found = self.values.get(name, default)
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            raise self.error(f"{name!r} must be {expected}. Received: {found!r}", name)
        return found

    def _line(self, inside: Place) -> int:
        """Return the line of a place, else of the nearest place around it that has a line."""
        for end in range(len(inside), -1, -1):
            named = inside[:end]
            apart = tuple(part for name in named for part in _dotted(name))  # fit.epochs = 3
            for place in ((*self.place, *named), (*self.place, *named, 0), (*self.place, *apart)):
                if place in self.lines:
                    return self.lines[place]
        return 1


def unique(tables: Sequence[Table], what: str) -> None:
    """Check that no two tables share a name: a learner's answers are kept under it.

    Args:
        tables: Each with a name.
        what: What they are, in the plural.

    Raises:
        LessonError: If two have.
    """
    seen: set[str] = set()
    for table in tables:
        name = table.text("name")
        if name in seen:
            raise table.error(f"There are two {what} named {name!r}.", "name")
        seen.add(name)


def read(path: Path) -> Table:
    """Read a file; an unchanged file is read once.

    Raises:
        LessonError: If it is missing or not TOML.
    """
    return _read(path, stamp(path))


def stamp(path: Path) -> int:
    """Return the time of a file's last change; 0 if there is no file."""
    return path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=32)
def _read(path: Path, changed: int) -> Table:
    file = f"lessons/{path.name}"
    if not changed:
        raise LessonError(f"{file} is missing.")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
        return Table(file, tomllib.loads(text), lines_of(text))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise LessonError(f"{file}, line {line}: this is not UTF-8 text.") from error
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        at = _AT_LINE.search(said)
        line = int(at[1]) if at else text.count("\n") + 1
        sentence = _AT_LINE.sub("", said).replace(" (at end of document)", ", but the file ends")
        raise LessonError(f"{file}, line {line}: this is not TOML: {sentence}.") from error


def lines_of(text: str) -> dict[Place, int]:
    """Return the line of each table and key of a TOML text that begins a line."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    closing = ""  # what ends the text of several lines that a line is in
    for number, line in enumerate(text.split("\n"), 1):
        rest = line
        if closing:
            end = _ENDS[closing].match(line)
            if end is None:
                continue
            rest = line[end.end() :]
        elif header := _HEADER.match(line):
            table = _opened(_names(header[2]), header[1] == "[[", counts)
            found[table] = number
        elif key := _KEY.match(line):
            found.setdefault((*table, *_names(key[1])), number)
        closing = _left_open(rest)
    return found


def _opened(names: Sequence[str], one_of_many: bool, counts: dict[Place, int]) -> Place:
    """Return the place of a table that a header opens; `counts` has the last index of each."""
    place: Place = ()
    for name in names[:-1]:
        place += (name, counts[(*place, name)]) if (*place, name) in counts else (name,)
    place += (names[-1],)
    if one_of_many:
        counts[place] = counts.get(place, -1) + 1
        place += (counts[place],)
    return place


def _left_open(line: str) -> str:
    """Return the quotation marks of a text that goes on in the next line, else ''."""
    at = 0
    while token := _TOKEN.search(line, at):
        at = token.end()
        if token[0] in _ENDS:
            end = _ENDS[token[0]].match(line, at)
            if end is None:
                return token[0]
            at = end.end()
    return ""


def _names(parts: str) -> list[str]:
    """Return the names in `a."b.c".d`."""
    return [part.strip("\"'") for part in re.findall(_PART, parts)]


def _dotted(name: str | int) -> Sequence[str | int]:
    return name.split(".") if isinstance(name, str) else [name]


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield settings by dotted name, written `"fit.epochs" = 3` or `fit.epochs = 3`."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def meant(name: str, known: Sequence[str]) -> str:
    """Return a hint at the names that an unknown name may stand for."""
    near = difflib.get_close_matches(name, known, 1, 0.7)
    if near:
        return f"Is {near[0]!r} meant?"
    return f"Expected one of: {', '.join(known)}." if len(known) <= 12 else "Is it misspelt?"

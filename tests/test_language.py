"""Plain English, as far as a machine can tell: reading level, worn-out words, docstrings' openings.

The reading level is that of Flesch and Kincaid (Kincaid et al. 1975): a school grade, from words a
sentence and syllables a word.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import textstat

ROOT = Path(__file__).parents[1]
LESSONS = sorted(path.name for path in (ROOT / "lessons").glob("*.toml"))

#: Grade that a lesson as a whole, and any of its texts, may have at most.
LESSON_GRADE, TEXT_GRADE = 8.0, 11.0
#: A shorter text has no meaningful grade: one long word would decide it.
FEWEST_WORDS = 12
#: Keys of a lesson's file that hold settings and no text.
SETTINGS = ("default", "sample_default", "settings", "sample_settings", "vary", "lesson")

#: Words of the old style that have no plain meaning here, and what to write instead.
WORN_OUT = {
    r"mend(s|ed|ing)?": "fix",
    r"by heart": "memorise",
    r"whoever": "anyone who",
    r"nobody's": "say what happens to it",
    r"nobody else's": "only yours",
    r"at a stand": "say what is stopped",
}
#: Any of them: most texts have none, and are looked at once.
ANY_WORN_OUT = re.compile(rf"\b(?:{'|'.join(WORN_OUT)})\b", re.IGNORECASE)
#: A token of its own from Python 3.12 on; before, the whole f-string is a string.
TEXT_OF_F_STRING = getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)
#: Openings of a docstring that ask a question instead of saying what the thing does.
QUESTIONS = re.compile(r"(What|Whether|How|Which|Where|Why)\b")


def source_files() -> dict[str, list[Path]]:
    """Return the Python files of each room: of a package each folder, of other folders all."""
    found: dict[str, list[Path]] = {}
    for top in ("nncore", "ui", "pages", "tests", "benchmarks", "scripts"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            deep = top in ("nncore", "ui", "tests") and len(parts) > 2
            found.setdefault("/".join(parts[:2]) if deep else top, []).append(path)
    return found


ROOMS = source_files()


def each(names: Iterable[str]) -> pytest.MarkDecorator:
    """Run a test for each name."""
    return pytest.mark.parametrize("name", list(names))


# Reading level


def texts(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield the texts of a lesson's file, each with its place, such as `"preset.3.question"`."""
    if isinstance(value, str):
        yield ".".join(map(str, place)), value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in SETTINGS:
                yield from texts(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from texts(inner, (*place, number))


def prose(text: str) -> str:
    """Return a text as it is read aloud: without Markdown, code, icons and placeholders."""
    for pattern, replacement in (
        (r"```.*?```", " "),
        (r"\$\$?[^$]+\$\$?", "it"),  # formulas
        (r"`[^`]*`", "it"),
        (r"\[\[([^\]|]+)[^\]]*\]\]", r"\1"),  # [[shown|word of the glossary]]
        (r"\[([^\]]+)\]\([^)]*\)", r"\1"),  # [shown](address)
        (r":material/\w+:", ""),
        (r"\{[^}]*\}", "5"),
        (r"[*_#>|]", ""),
        (r"([^.?!:;\s])\s*\n\s*\n", r"\1. "),  # a paragraph ends a sentence
    ):
        text = re.sub(pattern, replacement, text, flags=re.DOTALL)
    return " ".join(text.split())


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of some prose."""
    return float(textstat.flesch_kincaid_grade(text))


def read_prose(file_name: str) -> dict[str, str]:
    """Return the prose of a lesson's file by its place."""
    table = tomllib.loads((ROOT / "lessons" / file_name).read_text(encoding="utf-8"))
    return {place: prose(text) for place, text in texts(table)}


def hard_texts(file_name: str) -> list[str]:
    """Return the texts of a lesson's file that are too hard, each with its place and grade."""
    found = [
        (p, text) for p, text in read_prose(file_name).items() if len(text.split()) >= FEWEST_WORDS
    ]
    graded = [(grade(text), place, text) for place, text in found]
    return [f"{g:.1f} {place}: {text}" for g, place, text in graded if g > TEXT_GRADE]


@each(LESSONS)
def test_a_lesson_as_a_whole_can_be_read_in_grade_8(name: str) -> None:
    sentences = [
        text if text.endswith((".", "?", "!")) else f"{text}."
        for text in read_prose(name).values()
        if len(text.split()) >= 4
    ]
    assert grade(" ".join(sentences)) <= LESSON_GRADE


@each(LESSONS)
def test_no_single_text_is_harder_than_grade_11(name: str) -> None:
    hard = hard_texts(name)
    assert not hard, "\n" + "\n".join(hard)


def test_hard_prose_has_a_high_grade_and_easy_prose_a_low_one() -> None:
    hard = "Notwithstanding considerable methodological heterogeneity, generalisation deteriorates."
    assert grade(hard) > TEXT_GRADE
    assert grade("The network sees a digit. It says which one it is. Is it right?") < 4


def test_prose_has_no_markdown_code_or_placeholders() -> None:
    marked = "**Set** [[epochs|epoch]] to `fit.epochs`, {count} of [them](#all) :material/check:"
    assert prose(marked) == "Set epochs to it, 5 of them"


# Worn-out words


def worn_out(text: str) -> list[str]:
    """Return the words of the old style in a text, each with what to write instead."""
    return [
        f"{match[0]!r}: {better}"
        for pattern, better in (WORN_OUT.items() if ANY_WORN_OUT.search(text) else ())
        for match in re.finditer(rf"\b{pattern}\b", text, re.IGNORECASE)
    ]


def readable_parts(source: str) -> Iterator[tuple[int, str]]:
    """Yield the comments and strings of Python source, each with its line."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING, TEXT_OF_F_STRING):
            yield token.start[0], token.string


def test_worn_out_words_are_noticed_where_they_are_words() -> None:
    assert worn_out("It learns by heart; mending helps.") == [
        "'mending': fix",
        "'by heart': memorise",
    ]
    assert not worn_out("We recommend an amendment.")


@each(LESSONS)
def test_lessons_have_no_worn_out_words(name: str) -> None:
    found = {place: worn_out(text) for place, text in read_prose(name).items() if worn_out(text)}
    assert not found


@each(ROOMS)
def test_source_has_no_worn_out_words(name: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for path in ROOMS[name]
        if path.name != Path(__file__).name
        for line, text in readable_parts(path.read_text(encoding="utf-8"))
        for word in worn_out(text)
    ]
    assert not found, "\n" + "\n".join(found)


# Docstrings


def question_docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the docstrings that open with a question word, each with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node) or ""
            if QUESTIONS.match(docstring):
                yield node.lineno, docstring.splitlines()[0]


def test_a_docstring_that_opens_with_a_question_is_noticed() -> None:
    broken = 'def f():\n    """Whether it is ready."""'
    assert list(question_docstrings(broken)) == [(1, "Whether it is ready.")]
    assert not list(question_docstrings('def f():\n    """Return True if it is ready."""'))


@each(ROOMS)
def test_a_docstring_says_what_a_thing_does(name: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in ROOMS[name]
        for line, text in question_docstrings(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)

"""The documentation says what is there: folders, files, links; and reads easily."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
#: Pages for learners and teachers, which should read easily.
EASY = ("learn.md", "teach/index.md", "teach/plan-45.md", "teach/plan-90.md", "teach/answers.md")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def folders_that_ship() -> set[str]:
    """Every folder with Python files in it, below the rooms of the application."""
    found = {
        file.parent.relative_to(ROOT).as_posix()
        for room in ("nncore", "ui", "pages")
        for file in (ROOT / room).rglob("*.py")
    }
    return {f"{folder}/" for folder in found}


def test_the_tree_in_the_documentation_is_the_tree_that_ships() -> None:
    text = (DOCS / "develop" / "tree.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \**`([\w/.]+)`\**", text, re.MULTILINE)
    told = {row for row in rows if row.startswith(("nncore/", "ui/", "pages/"))}
    assert told == folders_that_ship()
    assert all((ROOT / row).exists() for row in rows)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_lead_to_files(page: str) -> None:
    # Links within docs/ are checked where the site is built.
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [link for link in LINK.findall(text) if not (ROOT / link).exists()] == []


@pytest.mark.parametrize(
    "page", ["teach/change-a-lesson.md", "develop/extend.md", "CONTRIBUTING.md"]
)
def test_files_that_are_named_are_there(page: str) -> None:
    path = DOCS / page if (DOCS / page).exists() else ROOT / page
    named = re.findall(
        r"`((?:nncore|ui|lessons|tests|pages|scripts)/[\w/.]+)`", path.read_text("utf-8")
    )
    named = [name for name in named if "NAME" not in name]
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def syllables(word: str) -> int:
    """About how many syllables an English word has: groups of vowels, without a silent e."""
    word = re.sub(r"(?<=[^aeioul])e(s|d)?$|(?<=[aeiou])(?:l)e$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def sentences(markdown: str) -> list[list[str]]:
    """The words of each sentence of a Markdown text, tables cell by cell, without code."""
    text = re.sub(
        r"```.*?```|^    .*$|`[^`]*`|<[^>]*>|\]\([^)]*\)", " ", markdown, flags=re.S | re.M
    )
    parts = re.split(r"[.!?:;](?=\s|\*|\"|$)|\n\s*\n|\n\s*[-*#|0-9]|\|", text)
    words = [re.findall(r"[A-Za-z][A-Za-z'’-]*", part) for part in parts]
    return [found for found in words if len(found) > 2]


def grade(markdown: str) -> float:
    """The Flesch-Kincaid grade: years of school that a text asks for."""
    found = sentences(markdown)
    words = [word for sentence in found for word in sentence]
    per_sentence = len(words) / len(found)
    return 0.39 * per_sentence + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_grade_is_that_of_known_texts() -> None:
    assert grade("The cat sat on the mat. The dog ran to the cat.") < 1
    hard = "Institutional considerations necessitate comprehensive organisational documentation."
    assert grade(hard) > 20


@pytest.mark.parametrize("page", EASY)
def test_pages_for_learners_and_teachers_read_easily(page: str) -> None:
    assert grade((DOCS / page).read_text(encoding="utf-8")) <= 8

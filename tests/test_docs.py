"""The documentation says what is there: folders, files, links; and reads easily."""

import re
from pathlib import Path

import pytest

from scripts import list_files
from tests.test_language import LESSON_GRADE, grade, prose

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
#: Pages for learners and teachers, which should read easily.
EASY = ("learn.md", "teach/index.md", "teach/plan-45.md", "teach/plan-90.md", "teach/answers.md")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_the_list_of_files_is_what_the_files_say() -> None:
    """Run scripts/list_files.py where it is not."""
    text = list_files.TREE.read_text(encoding="utf-8")
    assert list_files.replace_list(text, list_files.list_files()) == text


def test_the_list_of_files_has_each_folder_and_file_that_ships() -> None:
    text = (DOCS / "develop" / "tree.md").read_text(encoding="utf-8")
    found = {file for room in ("nncore", "ui", "pages") for file in (ROOT / room).rglob("*.py")}
    folders = {f"### {file.parent.relative_to(ROOT).as_posix()}/" for file in found}
    assert {line for line in text.splitlines() if line.startswith("### ")} == folders
    names = sorted(file.name for file in found if file.name != "__init__.py")
    assert sorted(re.findall(r"^- `(\w+\.py)`: .", text, re.MULTILINE)) == names


def test_the_folders_at_the_top_are_there() -> None:
    text = (DOCS / "develop" / "tree.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w/.]+)`", text, re.MULTILINE)
    assert rows
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


def spoken(markdown: str) -> str:
    """Return a page's prose: each cell, item and heading as a sentence, without code."""
    kept = re.sub(r"```.*?```|^    [^\n]*$|<[^>]*>|^\|[-| ]+$", " ", markdown, flags=re.S | re.M)
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-*#]|\d+\.)\s)|\|", kept)
    sentences = [prose(part) for part in parts if len(part.split()) >= 4]
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in sentences)


@pytest.mark.parametrize("page", EASY)
def test_pages_for_learners_and_teachers_can_be_read_in_grade_8(page: str) -> None:
    assert grade(spoken((DOCS / page).read_text(encoding="utf-8"))) <= LESSON_GRADE


#: In italics in a guide, and no name of the lab: titles of books, words that are being explained.
NO_NAMES = {"Peer Instruction", "Never a five", "Reach the target without more units"}


def names_in(markdown: str) -> set[str]:
    """Return what stands in italics with a capital letter: buttons, cards, presets, questions."""
    found = re.findall(r"(?<!\*)\*([A-Z][^*\n]{2,40})\*(?!\*)", markdown)
    return {name.rstrip(".:") for name in found if not name.endswith("?")} - NO_NAMES


@pytest.mark.parametrize("page", EASY)
def test_guides_name_what_the_pages_show(page: str) -> None:
    sources = [
        file.read_text(encoding="utf-8").casefold()
        for room, kind in (("ui", "*.py"), ("pages", "*.py"), ("lessons", "*.toml"))
        for file in (ROOT / room).rglob(kind)
    ]
    names = names_in((DOCS / page).read_text(encoding="utf-8"))
    assert [n for n in names if not any(n.casefold() in text for text in sources)] == []

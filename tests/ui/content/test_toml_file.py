"""Files that a teacher edits: what is wrong in them is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nncore.experiment import Experiment
from ui.content.toml_file import LessonError, Table, lines_of, read

TEXT = '''title = "One"
[text]
look = """
[[epoch]] stands at the beginning of a line, and so does
key = 3 in a text.
"""
more = "a \\"quoted\\" word"  # """ in a comment

[[question]]
name = "First"
[[question.option]]
answer = "a"
[[question.option]]
"answer" = "b"
[[question]]
name = "Second"
settings = { "fit.epochs" = 3 }
[[question.option]]
answer = "c"
'''


def table(text: str, folder: Path) -> Table:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_every_table_and_key_has_its_line() -> None:
    assert lines_of(TEXT) == {
        ("title",): 1,
        ("text",): 2,
        ("text", "look"): 3,
        ("text", "more"): 7,
        ("question", 0): 9,
        ("question", 0, "name"): 10,
        ("question", 0, "option", 0): 11,
        ("question", 0, "option", 0, "answer"): 12,
        ("question", 0, "option", 1): 13,
        ("question", 0, "option", 1, "answer"): 14,
        ("question", 1): 15,
        ("question", 1, "name"): 16,
        ("question", 1, "settings"): 17,
        ("question", 1, "option", 0): 18,
        ("question", 1, "option", 0, "answer"): 19,
    }


def test_what_has_no_line_of_its_own_is_named_by_what_it_is_in(tmp_path: Path) -> None:
    second = table(TEXT, tmp_path).tables("question")[1]
    assert "line 17: " in str(second.error("too few", "settings", "fit.epochs"))
    assert "line 15: " in str(second.error("'why' is missing", "why"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = [1,\n", r"lessons/mine\.toml, line 3: this is not TOML: .*the file ends"),
        ("a = 1\nb = nothing\n", r"lessons/mine\.toml, line 2: this is not TOML: Invalid value"),
        ('a = "Gr\xfc\xdfe"\n'.encode("latin-1"), r"line 1: this is not UTF-8 text"),
    ],
    ids=["end", "value", "bytes"],
)
def test_what_is_not_toml_is_named_with_its_line(
    text: str | bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(LessonError, match=said):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match=r"lessons/mine\.toml is missing"):
        read(tmp_path / "mine.toml")


def test_a_value_of_another_kind_is_named_with_its_line(tmp_path: Path) -> None:
    mine = table('a = 1\nb = "x"\nc = [1]\n', tmp_path)
    for take, line in ((mine.text, 1), (mine.number, 2), (mine.texts, 3), (mine.tables, 2)):
        with pytest.raises(LessonError, match=f"line {line}: .* must be .*Received"):
            take("abc"[line - 1])
    with pytest.raises(LessonError, match=r"line 1: 'd' is missing: a text"):
        mine.text("d")


def test_true_is_no_number(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match=r"'a' must be a number\. Received: True"):
        table("a = true", tmp_path).number("a")


def test_a_misspelt_key_is_named_with_what_is_meant(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match=r"line 2: 'nmae' is not known here\. Is 'name' meant\?"):
        table('text = "a"\nnmae = "b"\n', tmp_path).only("text", "name")


def test_settings_may_be_written_with_or_without_quotation_marks(tmp_path: Path) -> None:
    quoted = table('[default]\n"fit.epochs" = 3\n"model.units" = [8]\n', tmp_path)
    assert quoted.settings("default") == {"fit.epochs": 3, "model.units": (8,)}
    bare = Table("f", {"default": {"fit": {"epochs": 3}, "model": {"units": [8]}}}, {})
    assert bare.settings("default") == quoted.settings("default")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"fit.epochs" = 0', r"line 3: fit\.epochs must be"),
        ("fit.epochs = 0", r"line 3: fit\.epochs must be"),
        ('"fit.epoch" = 3', r"line 3: 'fit\.epoch' is not a setting\. Is 'fit\.epochs' meant\?"),
        ('"model.units" = 8', r"line 3: model\.units must be"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_its_line(
    line: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(LessonError, match=said):
        table(f"# mine\n[default]\n{line}\n", tmp_path).updated(Experiment(), "default")


def test_a_marked_word_becomes_a_link_to_its_definition(tmp_path: Path) -> None:
    words = {"learning rate": "How far.", "epoch": "One pass."}
    mine = table('a = "An [[epoch]], two [[epochs|epoch]], a [[learning rate]]."', tmp_path)
    linked = "An [epoch](#term-epoch), two [epochs](#term-epoch), "
    linked += "a [learning rate](#term-learning-rate)."
    assert mine.linked(lambda: words).text("a") == linked


def test_on_a_button_a_marked_word_is_only_the_word(tmp_path: Path) -> None:
    mine = table('name = "Two [[epochs|epoch]]"', tmp_path).linked(lambda: {"epoch": ""})
    assert mine.text("name") == "Two epochs"


def test_a_marked_word_that_nobody_defines_is_named_with_its_line(tmp_path: Path) -> None:
    mine = table('[text]\na = "An epoch."\nb = "An [[epohc]]."\n', tmp_path)
    with pytest.raises(LessonError, match=r"line 3: 'epohc' is not in the glossary\. Is 'epoch'"):
        mine.linked(lambda: {"epoch": "One pass."})

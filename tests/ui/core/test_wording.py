"""Numbers, plurals and lists as learners read them."""

from __future__ import annotations

import math

import pytest

from ui.core import wording


def test_one_thing_and_several() -> None:
    assert wording.count(1, "unit") == "1 unit"
    assert wording.count(0, "unit") == "0 units"
    assert wording.count(60_000, "image") == "60,000 images"
    assert wording.count(2, "class", "classes") == "2 classes"


@pytest.mark.parametrize("word", [8, 11, 18, 80, "8,000", "elephant", "Ankle boot"])
def test_words_that_take_an(word: object) -> None:
    assert wording.with_article(word) == f"an {word}"


@pytest.mark.parametrize("word", [1, 7, 10, 12, 100, 110, "seven", "Bag"])
def test_words_that_take_a(word: object) -> None:
    assert wording.with_article(word) == f"a {word}"


def test_lists_in_a_sentence() -> None:
    assert wording.listing([]) == ""
    assert wording.listing(["a"]) == "a"
    assert wording.listing(["a", "b"]) == "a and b"
    assert wording.listing(["a", "b", "c"], "or") == "a, b or c"


def test_a_label_within_a_sentence() -> None:
    assert wording.lower_first("Batch size") == "batch size"
    assert wording.lower_first("L2 penalty") == "L2 penalty"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.00001, "0.00001"),
        (1e-6, "0.000001"),
        (28.6, "28.6"),
        (-0.5, "-0.5"),
        (12345.6, "12,346"),
        (2.5e21, "2.5 × 10²¹"),
        (3e-12, "3 × 10⁻¹²"),
    ],
)
def test_numbers_are_short_and_never_in_a_programs_notation(value: float, text: str) -> None:
    assert wording.number(value) == text


def test_what_a_diverged_network_leaves_is_said_in_words() -> None:
    assert wording.number(math.nan) == wording.percent(math.nan) == "NaN"
    assert [wording.number(v) for v in (math.inf, -math.inf)] == ["infinity", "\u2212infinity"]


def test_numbers_in_columns_have_fixed_decimals_or_words() -> None:
    assert wording.fixed(0.31, 3) == "0.310"
    assert wording.fixed(0.31, 2, is_signed=True) == "+0.31"
    assert wording.fixed(math.nan, 3) == wording.fixed(math.nan, 3, is_signed=True) == "NaN"
    assert wording.fixed(-math.inf, 3) == "\u2212infinity"


def test_percentages_have_one_decimal_and_no_space() -> None:
    assert wording.percent(0.9756) == "97.6%"
    assert wording.percent(0.9756, 2) == "97.56%"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("smiley", "smiley"),
        ("a  b", "a b"),
        ("**x**", "\\*\u2060\\*\u2060x\\*\u2060\\*\u2060"),
        ("<b>", "\\<\u2060b\\>\u2060"),
        (":material/home:", "\\:\u2060material\\/\u2060home\\:\u2060"),
        ("été 😀", "été 😀"),
    ],
)
def test_a_name_is_written_as_it_was_typed(name: str, expected: str) -> None:
    assert wording.as_typed(name) == expected


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1, 4, "A few seconds"),
        (12, 26, "About 10 to 25 seconds"),
        (55, 130, "About 1 to 2 minutes"),
        (300, 312, "About 5 minutes"),
        (2000, 6000, "About 0.5 to 1.5 hours"),
    ],
)
def test_a_time_is_rounded_to_what_is_known(low: float, high: float, words: str) -> None:
    assert wording.describe_duration(low, high) == words

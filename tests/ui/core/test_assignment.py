"""What a teacher's link asks: bounds, links there and back, and 10,000 hostile ones."""

from __future__ import annotations

import unicodedata
from random import Random
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.experiment import Experiment
from nncore.validation import SettingError
from ui.core.assignment import LONGEST, PREFIX, Assignment, plain, read_target

NAMES = tuple(Experiment().settings())
names = st.lists(st.sampled_from(NAMES)).map(tuple)
asked = st.builds(
    Assignment,
    st.text(max_size=LONGEST).map(plain),
    st.integers(0, 1_000_000).map(lambda n: n / 1_000_000),
    names,
    names,
)


@given(asked)
def test_a_link_carries_an_assignment(assignment: Assignment) -> None:
    query = dict(parse_qsl(assignment.to_query(), keep_blank_values=True))
    assert Assignment.from_query(query) == (assignment, [])


def test_a_link_without_an_assignment_has_none() -> None:
    assert Assignment.from_query(dict(parse_qsl(Experiment().to_query()))) == (Assignment(), [])
    assert not Assignment()
    assert Assignment().to_query() == ""


def test_what_is_hidden_need_not_be_locked_besides() -> None:
    both = Assignment(locked=("fit.seed", "fit.epochs"), hidden=("fit.seed",))
    assert (both.locked, both.hidden) == (("fit.epochs",), ("fit.seed",))
    assert both.fixed == ("fit.epochs", "fit.seed")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"instruction": "x" * 201}, "at most 200 characters"),
        ({"instruction": "two\nlines"}, "one line"),
        ({"instruction": "\u202etnemitrap"}, "plain text"),
        ({"target": 1.01}, "from 0 to 1"),
        ({"target": float("nan")}, "from 0 to 1"),
        ({"target": True}, "from 0 to 1"),
        ({"locked": ("fit.epoch",)}, "'fit.epoch' is not a setting"),
    ],
)
def test_what_is_out_of_bounds_is_refused(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Assignment(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  a\t b\r\nc\x00d\x1b[31m ", "a b c d [31m"),
        ("\u202eabc\u2066d\u200b\ufeff", "abc d"),
        (
            "\u0645\u06cc\u200c\u062e",
            "\u0645\u06cc\u200c\u062e",
        ),  # Persian is not written without this joiner
        ("a" + "\u0301" * 50, "a" + "\u0301" * 3),
        ("<b>*x*</b> :smile: $x^2$", "<b>*x*</b> :smile: $x^2$"),  # st.text shows it as it stands
        ("x" * 10**6, "x" * 200),
        ("\ud800", ""),
    ],
)
def test_text_is_one_plain_line(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "target"),
    [
        *((text, 0.95) for text in ("95", "95 %", "95%", "0.95", "0,95", ".95", " 95.0 % ")),
        *(("95,61%", 0.9561), ("1", 1.0), ("1%", 0.01), ("100", 1.0), ("0.5 %", 0.005)),
        *(("", 0.0), ("  ", 0.0), ("0", 0.0), ("99.99", 0.9999)),
    ],
)
def test_a_target_is_read_as_people_write_it(text: str, target: float) -> None:
    assert read_target(text) == target
    assert Assignment(target=read_target(text)).target == target


@pytest.mark.parametrize(
    "text", ["101", "100.1 %", "very good", "9 5", "-1", "0.9.5", "1e1", "%", ".", "95 %%", "٣"]
)
def test_a_target_that_is_no_share_says_what_to_write(text: str) -> None:
    with pytest.raises(SettingError, match="such as 95%, or as a share"):
        read_target(text)


def test_a_link_s_target_may_be_a_percentage() -> None:
    assert Assignment.from_query({"class.target": "95 %"}) == (Assignment(target=0.95), [])


def test_fixed_settings_stay_and_the_others_follow() -> None:
    task = Assignment(locked=("fit.epochs",), hidden=("fit.seed",))
    own = Experiment().updated({"fit.epochs": 3})
    wanted = Experiment().updated({"fit.epochs": 9, "fit.seed": 1, "fit.batch_size": 64})
    assert task.changes(own, wanted) == ("fit.epochs", "fit.seed")
    assert task.held(own, own, wanted) == own.updated({"fit.batch_size": 64})


def test_where_the_rest_does_not_go_with_what_is_fixed_nothing_changes() -> None:
    task = Assignment(locked=("fit.momentum",))
    own = Experiment().updated(
        {"fit.optimizer": "sgd", "fit.momentum": 0.9, "fit.learning_rate": 0.01}
    )
    wanted = own.updated({"fit.optimizer": "adam", "fit.momentum": 0.0})
    assert task.held(own, own, wanted) == own


# Hostile links

NASTY = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)",
    "[x](javascript:alert(1))", "![x](//evil.example/x.png)", "www.evil.example", "**x**", "_x_",
    ":material/delete:", ":smile:", ":red[x]", ":violet-badge[x]", "$\\href{//x}{y}$", "`x`",
    "\u202e", "\u2066", "\u200f", "\x00", "\x1b[31m", "\r\n\r\n# x", "\ud800", "\ufffe",
    "e\u0301" * 90,
    "🏴‍☠️", "nan", "inf", "-inf", "1e999", "-0.0", "1_000", "\u0663", "\uff11", "\u00b2", "0x10",
    "1e-400", "--1",
    "9" * 400, "a" * 5_000, ",", ",,,", "fit.epochs", "fit.epochs,fit.epochs", "__class__",
    "{0.__class__}", "%(x)s", "%00", "../../etc/passwd", "'; DROP TABLE runs; --", "none", "true",
    "1-2-3-4-5", "-", "1024-1024", "0.95", "1", "5", "digits", "rounding", "five", "softmax", "",
)  # fmt: skip
KEYS = (
    *NAMES, *(f"{PREFIX}{name}" for name in ("instruction", "target", "locked", "hidden")),
    PREFIX, "class.evil", "fit", "fit.", "__proto__", "data.name.x", *NASTY,
)  # fmt: skip


def hostile(random: Random) -> dict[str, str]:
    """A query as a browser sends it, with keys repeated and parts glued together."""
    pairs = []
    for _ in range(random.randrange(1, 7)):
        value = "".join(random.choices(NASTY, k=random.randrange(1, 4)))
        value = ",".join(random.choices(KEYS, k=3)) if random.random() < 0.2 else value
        pairs.append((random.choice(KEYS), value))
    text = "&".join(f"{quote(k, errors='replace')}={quote(v, errors='replace')}" for k, v in pairs)
    if random.random() < 0.1:  # what Python holds may be stranger than what an address can say
        return dict(pairs)
    return dict(parse_qsl(text, keep_blank_values=True))


def check(query: dict[str, str]) -> None:
    """Read a link, and check that the result is in bounds and the complaints hold no markup."""
    task, said = Assignment.from_query(query)
    own, complaints = Experiment.from_query(query)
    assert len(task.instruction) <= LONGEST
    assert not any(
        unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\u200c\u200d"
        for c in task.instruction
    )
    assert 0 <= task.target <= 1
    assert {*task.fixed} <= {*NAMES}
    assert Experiment.from_settings(own.settings()) == own  # which refuses what is out of bounds
    assert task.held(own, own, Experiment()) is not None
    for sentence in (*said, *complaints):
        assert len(sentence) < 200
        assert not set(sentence) & set("<>[]()`*$\\:~|#\u202e\u2066\u200f\x00\n")
        assert "www." not in sentence.lower()


def test_ten_thousand_hostile_links_do_no_harm() -> None:
    random = Random(20)
    for _ in range(10_000):
        query = hostile(random)
        try:
            check(query)
        except (AssertionError, ValueError, SettingError) as error:
            raise AssertionError(f"{query!r}: {error}") from error

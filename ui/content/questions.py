"""A lesson's questions: what a learner says before a run, and what the run says to that.

Questions are read from `[[question]]` in a lesson's file. This file asks nobody and runs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from nncore.experiment import Experiment
from ui.content import run_metrics
from ui.content.run_metrics import Finished, Value
from ui.content.toml_file import FOLDER, Table, meant, read

#: What must hold for an option: a span of numbers, both ends in it, or a word.
Conditions: TypeAlias = Mapping[str, "tuple[float, float] | str"]

_QUESTION = (
    "name text kind settings sample_settings against sample_against why why_sample shows".split()
)
_CHOICE = ("option",)
_NUMBER = ("measure", "right", "tolerance", "low", "high", "step", "start", "asks")
_OPTION = ("answer", "right", "if", "why", "why_sample", "settings", "sample_settings", "tried")


@dataclass(frozen=True)
class Option:
    """One of the answers that a question offers.

    Args:
        answer: What stands on it.
        why: What speaks for or against it.
        right: Whether it is right whatever the run shows.
        conditions: Measures of the run and what they must be for this answer to be right.
        settings: Settings by which the learner's idea is run; None where it cannot be.
        sample_settings: Settings that replace some of them on the embedded sample.
        tried: What to look at in the idea's run.
        why_sample: `why` on the embedded sample; empty where it is no other.
    """

    answer: str
    why: str = ""
    right: bool = False
    conditions: Conditions | None = None
    settings: Mapping[str, Any] | None = None
    sample_settings: Mapping[str, Any] | None = None
    tried: str = ""
    why_sample: str = ""

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether the run makes it right, by what was measured."""
        return self.conditions is not None and all(
            _meets(values[name], wanted) for name, wanted in self.conditions.items()
        )


@dataclass(frozen=True)
class Number:
    """The answer to a question that asks for a number.

    Args:
        measure: What of the run decides; empty where `right` does.
        right: The right number, where no run decides.
        tolerance: How far off an answer may be.
        low: The smallest answer.
        high: The largest.
        step: How far the buttons of the field go.
        start: What stands in the field at first.
        asks: What stands above the field.
    """

    measure: str
    right: float
    tolerance: float
    low: float
    high: float
    step: float
    start: float
    asks: str


@dataclass(frozen=True)
class Question:
    """A question that a run answers.

    Args:
        name: A few words; it also names the answer that is kept.
        text: What is asked, in Markdown.
        options: The answers to choose from; empty where a number is asked for.
        number: The number that is asked for; None where there are options.
        settings: What the run changes in the lesson's settings; None runs those of the page.
        sample_settings: Settings that replace some of them on the embedded sample.
        against: What the run beside it changes, which it is compared with.
        sample_against: Settings that replace some of them on the embedded sample.
        why: What there is to learn from it.
        why_sample: The same on the embedded sample; empty where it is no other.
        shows: Further measures to show.
    """

    name: str
    text: str
    options: tuple[Option, ...] = ()
    number: Number | None = None
    settings: Mapping[str, Any] | None = None
    sample_settings: Mapping[str, Any] | None = None
    against: Mapping[str, Any] | None = None
    sample_against: Mapping[str, Any] | None = None
    why: str = ""
    why_sample: str = ""
    shows: tuple[str, ...] = ()

    @property
    def measured(self) -> tuple[str, ...]:
        """All measures that decide it or are shown, each once."""
        named: list[str] = [name for option in self.options for name in option.conditions or ()]
        if self.number and self.number.measure:
            named.append(self.number.measure)
        return tuple(dict.fromkeys([*named, *self.shows]))

    @property
    def compares(self) -> bool:
        """Whether it takes a second run."""
        return any(run_metrics.compares(name) for name in self.measured)

    def experiment(self, default: Experiment, present: Experiment, embedded: bool) -> Experiment:
        """The run that answers it.

        Args:
            default: The lesson's own settings.
            present: Those of the page.
            embedded: Whether the data are the embedded sample.
        """
        if self.settings is None:
            return present
        return default.updated(_on_data(self.settings, self.sample_settings, embedded))

    def beside(self, default: Experiment, embedded: bool) -> Experiment | None:
        """The run that it is compared with; None where there is none."""
        if not self.compares:
            return None
        return default.updated(_on_data(self.against or {}, self.sample_against, embedded))


@dataclass(frozen=True)
class Verdict:
    """What a run says to an answer.

    Args:
        right: Whether the answer was right; None where the run does not decide.
        correct: The right answer, in words.
        numbers: What was measured, in Markdown.
    """

    right: bool | None
    correct: str
    numbers: str


def judge(
    question: Question, answer: float, run: Finished, beside: Finished | None = None
) -> Verdict:
    """Whether an answer is right.

    Args:
        question: What was asked.
        answer: The number that was given, or which of the options, from 0.
        run: The run that answers it.
        beside: The run that it is compared with.
    """
    values = {name: run_metrics.take(name, run, beside) for name in question.measured}
    said = tell(question, run, beside)
    if question.number is not None:
        return _judge_number(question.number, answer, values, said)
    index = right_option(question.options, values)
    if index is None:
        return Verdict(None, "", said)
    return Verdict(index == answer, question.options[index].answer, said)


def right_option(options: Sequence[Option], values: Mapping[str, Value]) -> int | None:
    """Which option is right: the first that the run makes so, else the one without conditions.

    Returns:
        Its place; None where there is none.
    """
    for index, option in enumerate(options):
        if option.right or option.holds(values):
            return index
    others = [i for i, option in enumerate(options) if option.conditions is None]
    decided = any(option.conditions is not None for option in options)
    return others[0] if decided and others else None


def _judge_number(number: Number, answer: float, values: Mapping[str, Value], said: str) -> Verdict:
    value = values[number.measure] if number.measure else number.right
    if isinstance(value, str) or not math.isfinite(value):
        return Verdict(None, "", said)
    near = abs(answer - value) <= number.tolerance + 1e-9
    shown = written(number.measure, value) if number.measure else f"{value:g}"
    return Verdict(near, shown, said)


def tell(question: Question, run: Finished, beside: Finished | None = None) -> str:
    """What was measured of a run, and of the one beside it, in Markdown."""
    bare = dict.fromkeys(name.partition(" ")[0] for name in question.measured)
    parts = []
    for name in bare:
        part = f"{_words(name).text('name')}: **{written(name, run_metrics.take(name, run))}**"
        if beside is not None:
            part += f" instead of {written(name, run_metrics.take(name, beside))}"
        parts.append(part)
    return "  \n".join(parts)


def written(name: str, value: Value) -> str:
    """A value of a measure as `lessons/measures.toml` writes it; "unknown" for not a number."""
    if not isinstance(value, str) and math.isnan(value):
        return "unknown"
    words = _words(name)
    try:
        return words.text("shown", "{}").format(value)
    except (ValueError, KeyError, IndexError) as error:
        said = f"'shown' cannot write the value {value!r}: {error}"
        raise words.error(said, "shown") from error


def _words(name: str) -> Table:
    return read(FOLDER / "measures.toml").table(name)


def _meets(value: Value, wanted: tuple[float, float] | str) -> bool:
    if isinstance(wanted, str):
        return value == wanted
    return not isinstance(value, str) and wanted[0] <= value <= wanted[1]


def _on_data(
    settings: Mapping[str, Any], sample: Mapping[str, Any] | None, embedded: bool
) -> dict[str, Any]:
    return {**settings, **((sample or {}) if embedded else {})}


# From the file.


def question(table: Table, default: Experiment, sample: Experiment | None) -> Question:
    """A question as a file has it.

    Args:
        table: One of the tables `[[question]]`.
        default: The lesson's own settings.
        sample: Those on the embedded sample, where they are others.

    Raises:
        LessonError: If something is missing, misspelt, of the wrong kind, or never right.
    """
    kind = table.text("kind", "choice")
    if kind not in ("choice", "number"):
        raise table.error(f'\'kind\' must be "choice" or "number". Received: {kind!r}', "kind")
    table.only(*_QUESTION, *(_CHOICE if kind == "choice" else _NUMBER))
    for base in filter(None, (default, sample)):
        table.updated(base, "settings", "sample_settings")
        table.updated(base, "against", "sample_against")
        for option in table.tables("option"):
            option.updated(base, "settings", "sample_settings")
    found = Question(
        name=table.text("name"),
        text=table.text("text"),
        options=tuple(_options(table)) if kind == "choice" else (),
        number=_number(table) if kind == "number" else None,
        settings=table.settings("settings") if table.has("settings") else None,
        sample_settings=table.settings("sample_settings"),
        against=table.settings("against"),
        sample_against=table.settings("sample_against"),
        why=table.text("why", ""),
        why_sample=table.text("why_sample", ""),
        shows=tuple(_measure(table, name, "shows") for name in table.texts("shows")),
    )
    if (table.has("against") or table.has("sample_against")) and not found.compares:
        said = '\'against\' is used by no measure with "ratio" or "difference" behind its name.'
        raise table.error(said, "against")
    return found


def _options(table: Table) -> Iterator[Option]:
    tables = table.tables("option")
    if len(tables) < 2:
        said = f"needs two or more [[question.option]]. Received: {len(tables)}"
        raise table.error(f"The question {table.text('name')!r} {said}")
    decided = [option for option in tables if option.has("if")]
    right = [option for option in tables if option.flag("right")]
    if len(right) + bool(decided) != 1:
        raise table.error(
            f"The question {table.text('name')!r} has no answer, or two: "
            "give one option right = true, or options an if = { measure = [from, to] }."
        )
    if decided and len(tables) - len(decided) > 1:
        spare = [option for option in tables if not option.has("if")][1]
        raise spare.error("Only one option, the one for all other cases, can be without an 'if'.")
    yield from map(_option, tables)


def _option(table: Table) -> Option:
    table.only(*_OPTION)
    return Option(
        answer=table.text("answer"),
        why=table.text("why", ""),
        right=table.flag("right"),
        conditions=_conditions(table) if table.has("if") else None,
        settings=table.settings("settings") if table.has("settings") else None,
        sample_settings=table.settings("sample_settings"),
        tried=table.text("tried", ""),
        why_sample=table.text("why_sample", ""),
    )


def _conditions(table: Table) -> Conditions:
    found: dict[str, tuple[float, float] | str] = {}
    for name, wanted in table.table("if").values.items():
        _measure(table, name, "if")
        match wanted:
            case [int() | float() as low, int() | float() as high] if low <= high:
                found[name] = (float(low), float(high))
            case str():
                found[name] = wanted
            case _:
                said = f"{name!r} must be [from, to] or a word. Received: {wanted!r}"
                raise table.error(said, "if", name)
    if not found:
        raise table.error("'if' names no measure: { measure = [from, to] } is expected.", "if")
    return found


def _number(table: Table) -> Number:
    name = table.text("name")
    if table.has("measure") == table.has("right"):
        raise table.error(
            f"The question {name!r} has no answer, or two: "
            'give it either measure = "..." or right = a number.'
        )
    low, high = table.number("low"), table.number("high")
    if not low < high:
        raise table.error(f"'low' must be below 'high'. Received: {low:g} and {high:g}", "low")
    return Number(
        measure=_measure(table, table.text("measure"), "measure") if table.has("measure") else "",
        right=table.number("right", math.nan),
        tolerance=table.number("tolerance", 0.0),
        low=low,
        high=high,
        step=table.number("step", (high - low) / 100),
        start=table.number("start", low),
        asks=table.text("asks", "Your answer"),
    )


def _measure(table: Table, name: str, where: str) -> str:
    if not run_metrics.known(name):
        raise table.error(
            f"{name!r} is not a measure. {meant(name, run_metrics.names())}", where, name
        )
    return name

"""A lesson's questions: a learner predicts a run's result, and the run decides.

They are read from `[[question]]` in a lesson's file. This file draws nothing and runs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from nncore.experiment import Experiment
from ui.content import run_metrics
from ui.content.run_metrics import FinishedRun, Value
from ui.content.toml_file import FOLDER, Table, meant, read
from ui.core.wording import number as word_number

#: What measures must be for an answer to be right: (lowest, highest), or a word.
Conditions: TypeAlias = Mapping[str, "tuple[float, float] | str"]

_QUESTION = (
    "name text kind settings sample_settings against sample_against why why_sample shows".split()
)
_CHOICE = ("option",)
_NUMBER = ("measure", "right", "tolerance", "low", "high", "step", "asks")
_OPTION = ("answer", "right", "if", "why", "why_sample", "settings", "sample_settings", "tried")


@dataclass(frozen=True)
class PossibleAnswer:
    """One of the answers that a question offers.

    Args:
        text: The answer, as the learner reads it.
        why: Why it is right or wrong.
        right: Return True for an answer that is right whatever the run shows.
        conditions: Measures of the run, and what they must be for this answer to be right.
        settings: Settings that run the learner's idea; None if it cannot be run.
        sample_settings: Settings that replace some of them on the embedded sample.
        tried: What to look at in the run of the idea.
        why_sample: `why` on the embedded sample; empty where it is the same.
    """

    text: str
    why: str = ""
    right: bool = False
    conditions: Conditions | None = None
    settings: Mapping[str, Any] | None = None
    sample_settings: Mapping[str, Any] | None = None
    tried: str = ""
    why_sample: str = ""

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Return True if the measures of a run make this answer right."""
        return self.conditions is not None and all(
            _meets(values[name], wanted) for name, wanted in self.conditions.items()
        )


@dataclass(frozen=True)
class Number:
    """The answer to a question that asks for a number.

    Args:
        measure: The measure of the run that decides; empty where `right` does.
        right: The right number, where no run decides.
        tolerance: How far an answer may be from the right one.
        low: The smallest number that can be given.
        high: The largest.
        step: The step of the field's buttons.
        label: The text above the field.
    """

    measure: str
    right: float
    tolerance: float
    low: float
    high: float
    step: float
    label: str


@dataclass(frozen=True)
class Question:
    """A question that a run answers.

    Args:
        name: A few words; the browser keeps the answer under it.
        text: The question, in Markdown.
        answers: The answers to choose from; empty if the question asks for a number.
        number: The number that the question asks for; None if there are answers to choose from.
        settings: What the run changes in the lesson's settings; None runs the page's settings.
        sample_settings: Settings that replace some of them on the embedded sample.
        against: What the run to compare with changes in the lesson's settings.
        sample_against: Settings that replace some of them on the embedded sample.
        why: The explanation.
        why_sample: The explanation on the embedded sample; empty where it is the same.
        shows: Measures to show besides those that decide.
    """

    name: str
    text: str
    answers: tuple[PossibleAnswer, ...] = ()
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
        """The measures that decide the question or are shown, each once."""
        named: list[str] = [name for answer in self.answers for name in answer.conditions or ()]
        if self.number and self.number.measure:
            named.append(self.number.measure)
        return tuple(dict.fromkeys([*named, *self.shows]))

    @property
    def compares(self) -> bool:
        """Return True if the question takes a second run."""
        return any(run_metrics.compares(name) for name in self.measured)

    def experiment(self, default: Experiment, present: Experiment, embedded: bool) -> Experiment:
        """Return the run that answers the question.

        Args:
            default: The lesson's own settings.
            present: The page's settings.
            embedded: Whether the data are the embedded sample.
        """
        if self.settings is None:
            return present
        return default.updated(_on_data(self.settings, self.sample_settings, embedded))

    def comparison(self, default: Experiment, embedded: bool) -> Experiment | None:
        """Return the run to compare with; None if the question takes one run only."""
        if not self.compares:
            return None
        return default.updated(_on_data(self.against or {}, self.sample_against, embedded))


@dataclass(frozen=True)
class Verdict:
    """The decision on an answer.

    Args:
        right: Whether the answer was right; None if the run does not decide.
        correct: The right answer, in words.
        numbers: The measures of the run, in Markdown.
    """

    right: bool | None
    correct: str
    numbers: str


def judge(
    question: Question, answer: float, run: FinishedRun, comparison: FinishedRun | None = None
) -> Verdict:
    """Decide whether an answer is right.

    Args:
        question: The question.
        answer: The number that was given, or the index of the chosen answer.
        run: The run that decides.
        comparison: The run that it is compared with.
    """
    values = {name: run_metrics.take(name, run, comparison) for name in question.measured}
    numbers = describe_run(question, run, comparison)
    if question.number is not None:
        return _judge_number(question.number, answer, values, numbers)
    index = find_right_answer(question.answers, values)
    if index is None:
        return Verdict(None, "", numbers)
    return Verdict(index == answer, question.answers[index].text, numbers)


def find_right_answer(answers: Sequence[PossibleAnswer], values: Mapping[str, Value]) -> int | None:
    """Return the index of the right answer; None if there is none.

    It is the first answer that the run makes right, else the one without conditions.
    """
    for index, answer in enumerate(answers):
        if answer.right or answer.holds(values):
            return index
    others = [index for index, answer in enumerate(answers) if answer.conditions is None]
    run_decides = any(answer.conditions is not None for answer in answers)
    return others[0] if run_decides and others else None


def _judge_number(
    number: Number, answer: float, values: Mapping[str, Value], numbers: str
) -> Verdict:
    value = values[number.measure] if number.measure else number.right
    if isinstance(value, str) or not math.isfinite(value):
        return Verdict(None, "", numbers)
    is_near = abs(answer - value) <= number.tolerance + 1e-9
    correct = word_measure(number.measure, value) if number.measure else word_number(value, 6)
    return Verdict(is_near, correct, numbers)


def word_answer(question: Question, answer: float) -> str:
    """Return an answer in words.

    Args:
        question: The question.
        answer: The number that was given, or the index of the chosen answer.
    """
    if question.answers:
        return question.answers[int(answer)].text
    return word_number(answer, 6)


def describe_run(
    question: Question, run: FinishedRun, comparison: FinishedRun | None = None
) -> str:
    """Return the measures of a run, and of the run to compare with, in Markdown."""
    names = dict.fromkeys(name.partition(" ")[0] for name in question.measured)
    parts = []
    for name in names:
        value = word_measure(name, run_metrics.take(name, run))
        part = f"{_words(name).text('name')}: **{value}**"
        if comparison is not None:
            part += f" instead of {word_measure(name, run_metrics.take(name, comparison))}"
        parts.append(part)
    return "  \n".join(parts)


def word_measure(name: str, value: Value) -> str:
    """Return a measure's value as `lessons/measures.toml` writes it; "unknown" for NaN."""
    if not isinstance(value, str) and math.isnan(value):
        return "unknown"
    if not isinstance(value, str) and abs(value) >= 1e9:
        return word_number(value)
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


# Reading from the file


def read_question(table: Table, default: Experiment, sample: Experiment | None) -> Question:
    """Read a question from a lesson's file.

    Args:
        table: One of the tables `[[question]]`.
        default: The lesson's own settings.
        sample: The lesson's settings on the embedded sample, where they differ.

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
        answers=tuple(_read_answers(table)) if kind == "choice" else (),
        number=_read_number(table) if kind == "number" else None,
        settings=table.settings("settings") if table.has("settings") else None,
        sample_settings=table.settings("sample_settings"),
        against=table.settings("against"),
        sample_against=table.settings("sample_against"),
        why=table.text("why", ""),
        why_sample=table.text("why_sample", ""),
        shows=tuple(_read_measure(table, name, "shows") for name in table.texts("shows")),
    )
    if (table.has("against") or table.has("sample_against")) and not found.compares:
        said = '\'against\' is used by no measure with "ratio" or "difference" behind its name.'
        raise table.error(said, "against")
    return found


def _read_answers(table: Table) -> Iterator[PossibleAnswer]:
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
    yield from map(_read_answer, tables)


def _read_answer(table: Table) -> PossibleAnswer:
    table.only(*_OPTION)
    return PossibleAnswer(
        text=table.text("answer"),
        why=table.text("why", ""),
        right=table.flag("right"),
        conditions=_read_conditions(table) if table.has("if") else None,
        settings=table.settings("settings") if table.has("settings") else None,
        sample_settings=table.settings("sample_settings"),
        tried=table.text("tried", ""),
        why_sample=table.text("why_sample", ""),
    )


def _read_conditions(table: Table) -> Conditions:
    found: dict[str, tuple[float, float] | str] = {}
    for name, wanted in table.table("if").values.items():
        _read_measure(table, name, "if")
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


def _read_number(table: Table) -> Number:
    name = table.text("name")
    if table.has("measure") == table.has("right"):
        raise table.error(
            f"The question {name!r} has no answer, or two: "
            'give it either measure = "..." or right = a number.'
        )
    low, high = table.number("low"), table.number("high")
    if not low < high:
        raise table.error(f"'low' must be below 'high'. Received: {low:g} and {high:g}", "low")
    measure = table.text("measure", "")
    if measure:
        _read_measure(table, measure, "measure")
    return Number(
        measure=measure,
        right=table.number("right", math.nan),
        tolerance=table.number("tolerance", 0.0),
        low=low,
        high=high,
        step=table.number("step", (high - low) / 100),
        label=table.text("asks", "Your answer"),
    )


def _read_measure(table: Table, name: str, where: str) -> str:
    if not run_metrics.known(name):
        raise table.error(
            f"{name!r} is not a measure. {meant(name, run_metrics.names())}", where, name
        )
    return name

"""The ladder of lesson 2: from the broken unit to a network that reads ten digits, rung by rung.

At each rung the learner trains, then says what is wrong, and only then is offered the remedy: the
next rung's settings. Rungs are read from `[[rung]]` in the lesson's file. The session keeps the
learner's rung; the browser also keeps the answers (`ui/components/keep`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.experiment import Experiment
from ui.components import keep
from ui.components.keep.shapes import Whole, by_name
from ui.content.lesson import Lesson
from ui.content.toml_file import Table, unique
from ui.core import page_settings, state
from ui.workbench import workbench
from ui.workbench.run_view import View

PAGE = "perceptron"
#: Settings that a learner may change without leaving the rung: more of the same, or other luck.
FREE = ("fit.seed", "fit.epochs", "data.samples")


#: What was answered last, by the rung's name.
SLOT = keep.Slot[Mapping[str, int]](f"ladder.{PAGE}", by_name(Whole(0, 19), 50))


@dataclass(frozen=True)
class Option:
    """One of the answers to a rung's question.

    Args:
        answer: What it says.
        why: Why it is right, or what speaks against it.
        right: Whether it is right.
    """

    answer: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Rung:
    """A rung, for the data at hand.

    Args:
        name: A word or two.
        change: What is new on it.
        experiment: Its settings.
        look: What to do and what to look at.
        question: What is asked after the run.
        options: The answers to choose from; one is right.
        expect: What other seeds give.
    """

    name: str
    change: str
    experiment: Experiment
    look: str
    question: str
    options: tuple[Option, ...]
    expect: str = ""

    def fits(self, experiment: Experiment) -> bool:
        """Whether these are the rung's settings, but for those that a learner may change."""
        own = self.experiment.settings()
        return experiment.updated({name: own[name] for name in FREE}) == self.experiment


@dataclass(frozen=True)
class Ladder:
    """The ladder, and where the learner stands on it.

    Args:
        rungs: From the lowest on.
        at: The place of the learner's rung.
        on: Whether the page's settings are those of this rung.
        answers: Which option was chosen last, by the rung's name.
    """

    rungs: tuple[Rung, ...]
    at: int
    on: bool
    answers: Mapping[str, int]

    @property
    def rung(self) -> Rung:
        """The rung that the learner stands on."""
        return self.rungs[self.at]

    @property
    def answered(self) -> bool:
        """Whether the learner has said what is wrong at this rung."""
        return self.rung.name in self.answers

    def mended(self, rung: Rung) -> bool:
        """Whether the learner found out what is wrong at a rung."""
        chosen = self.answers.get(rung.name)
        return chosen is not None and rung.options[chosen].right

    def asks(self, shown: View) -> bool:
        """Whether the run that is shown is one of this rung, so that it can be asked about."""
        ran = shown.checkpoint
        over = shown.trained and ran is not None and (ran.epoch > 0 or bool(ran.failure))
        return self.on and over and self.rung.fits(shown.experiment)

    def waits(self, shown: View) -> bool:
        """Whether the learner is still to find out what is wrong: nothing else should say it."""
        return self.asks(shown) and not self.mended(self.rung)


def standing(lesson: Lesson, experiment: Experiment, embedded: bool) -> Ladder:
    """The ladder as it stands: on the rung whose settings the page has, else on the last one.

    Args:
        lesson: Lesson 2; its file holds the rungs.
        experiment: The page's settings.
        embedded: Whether the data are the embedded sample.
    """
    rungs = read(lesson, embedded)
    at = min(state.get(f"{PAGE}.rung", 0), len(rungs) - 1)
    fitting = [place for place, rung in enumerate(rungs) if rung.fits(experiment)]
    if fitting and at not in fitting:
        at = fitting[0]
        state.put(f"{PAGE}.rung", at)
    kept: Mapping[str, int] = keep.get(SLOT) or {}
    answers = {r.name: kept[r.name] for r in rungs if kept.get(r.name, 99) < len(r.options)}
    return Ladder(rungs, at, bool(fitting), answers)


def read(lesson: Lesson, embedded: bool) -> tuple[Rung, ...]:
    """The rungs in a lesson's file, for the data at hand.

    Raises:
        ui.content.toml_file.LessonError: If one of them cannot be used.
    """
    tables = lesson.table.tables("rung")
    found = tuple(_rung(table, lesson.default, embedded) for table in tables)
    unique(tables, "rungs")
    return found


def _rung(table: Table, default: Experiment, embedded: bool) -> Rung:
    table.only(
        *("name", "change", "change_sample", "settings", "sample_settings", "look"),
        *("question", "option", "expect", "expect_sample"),
    )
    options = tuple(_option(option, embedded) for option in table.tables("option"))
    if sum(option.right for option in options) != 1:
        raise table.error("One [[rung.option]] must be right = true, and the others not.")
    table.updated(default, "settings", "sample_settings")  # whichever data this lab has
    return Rung(
        name=table.text("name"),
        change=_on_data(table, "change", embedded),
        experiment=table.updated(default, "settings", *(["sample_settings"] * embedded)),
        look=table.text("look"),
        question=table.text("question"),
        options=options,
        expect=_on_data(table, "expect", embedded),
    )


def _option(table: Table, embedded: bool) -> Option:
    table.only("answer", "why", "why_sample", "right")
    return Option(table.text("answer"), _on_data(table, "why", embedded), table.flag("right"))


def _on_data(table: Table, name: str, embedded: bool) -> str:
    """A text, or what stands for it on the embedded sample."""
    sample = f"{name}_sample"
    return table.text(sample if embedded and table.has(sample) else name, "")


# The row above the bench.


def row(ladder: Ladder) -> DeltaGenerator:
    """All rungs in one row: those that are mended, the learner's own, those to come.

    Returns:
        An empty place beside them, for what to do next.
    """
    key = f"{PAGE}.ladder"
    state.put(key, ladder.at)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(":material/stairs: **Ladder**", width="content")
        st.segmented_control(
            "The ladder",
            range(len(ladder.rungs)),
            format_func=lambda place: _label(ladder, place),
            key=key,
            on_change=lambda: _go(ladder.rungs, state.get(key, ladder.at)),
            required=True,
            label_visibility="collapsed",
            width="content",
        )
        if not ladder.on:
            _way_back(ladder)
        with st.container(width="stretch"):
            return st.empty()


def guide(place: DeltaGenerator, ladder: Ladder, shown: View) -> None:
    """Says what to do next on the learner's rung.

    Args:
        place: What `row` gave.
        ladder: Where the learner stands.
        shown: What the page shows.
    """
    if not ladder.on:
        return
    what = ladder.rung.look
    if ladder.asks(shown):
        found = ladder.mended(ladder.rung)
        what = "Found. The way up is below." if found else "Now say, below, **what is wrong**."
    place.caption(f"**Rung {ladder.at + 1}, {ladder.rung.name}.** {what}")


def _label(ladder: Ladder, place: int) -> str:
    return f"✓{place + 1}" if ladder.mended(ladder.rungs[place]) else f"{place + 1}"


def _way_back(ladder: Ladder) -> None:
    st.button(
        f"Back to rung {ladder.at + 1}",
        key=f"{PAGE}.ladder.back",
        icon=":material/undo:",
        on_click=_go,
        args=(ladder.rungs, ladder.at),
        help="The settings are no longer those of the rung. This sets them back.",
    )


def _go(rungs: Sequence[Rung], place: int) -> None:
    state.put(f"{PAGE}.rung", place)
    page_settings.set_experiment(PAGE, rungs[place].experiment)
    said = f"Rung {place + 1}: {rungs[place].name}. Now press Train."
    st.toast(said, icon=":material/stairs:")


# The card below the bench.


def card(ladder: Ladder, shown: View, said: str) -> None:
    """What is wrong at this rung? And once that is answered: the way up.

    Args:
        ladder: Where the learner stands.
        shown: What the page shows; nothing is asked before a run of this rung is over.
        said: The run's figures, in a sentence.
    """
    if not ladder.asks(shown):
        return
    with workbench.card(f":material/stairs: Rung {ladder.at + 1} · {ladder.rung.name}"):
        left, right = st.columns([1.5, 1], gap="medium")
        with left:
            st.markdown(said)
            _ask(ladder)
        with right:
            if ladder.answered:
                _verdict(ladder)
            if ladder.mended(ladder.rung):  # before that, the next rung's name would give it away
                _climb(ladder)


def _ask(ladder: Ladder) -> None:
    rung = ladder.rung
    key = f"{PAGE}.rung.{ladder.at}"
    state.put(key, ladder.answers.get(rung.name))
    st.radio(
        rung.question,
        range(len(rung.options)),
        format_func=lambda place: rung.options[place].answer,
        key=key,
        index=None,
        on_change=lambda: _answer(ladder, state.get(key, None)),
    )


def _answer(ladder: Ladder, chosen: int | None) -> None:
    if chosen is not None:
        keep.add(SLOT, ladder.rung.name, chosen)


def _verdict(ladder: Ladder) -> None:
    rung = ladder.rung
    chosen = rung.options[ladder.answers[rung.name]]
    if chosen.right:
        st.success(chosen.why, icon=":material/check:")
        if rung.expect:
            st.caption(rung.expect)
    else:
        st.warning(f"{chosen.why} *Look again.*", icon=":material/close:")


def _climb(ladder: Ladder) -> None:
    if ladder.at + 1 == len(ladder.rungs):
        st.page_link("pages/mnist.py", label="On to lesson 3", icon=":material/arrow_forward:")
        return
    place = ladder.at + 1
    above = ladder.rungs[place]
    st.button(
        f"Climb to {place + 1}: {above.name}",
        key=f"{PAGE}.climb",
        icon=":material/arrow_upward:",
        type="primary",
        on_click=_go,
        args=(ladder.rungs, place),
    )
    st.caption(above.change)

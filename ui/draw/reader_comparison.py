"""The same drawing read by several networks side by side.

The networks of lessons 1 to 4 are listed from the start; the learner can add any other reader. A
network that is not trained yet is trained at a click: those of the lessons by the lab, once for all
visitors, and one with a learner's settings as that learner's run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.ink import Pixels
from nncore.experiment import Experiment
from nncore.runtime.run import Run
from nncore.runtime.store import Record
from ui.components import clock
from ui.content.lesson import Lesson, load
from ui.core import page_runs, resources, server, state
from ui.core.keys import Key
from ui.draw import prediction_text, reader_choice, reader_list
from ui.draw.reader import Reader
from ui.draw.reader_choice import POLL
from ui.workbench.lesson_page import LessonPage

#: The settings that fix lesson 2's perceptron.
FIXED = {
    "data.scaled": True,
    "model.output_activation": "sigmoid",
    "fit.loss": "binary_crossentropy",
}
WIDE = {"model.units": (300, 100)}
#: A single output above it means "five".
THRESHOLD = 0.5
#: The card.
OPEN = Key("draw.many", False)
#: The runs started here by reader key, and the keys of readers that were added to the table.
RUNS, ADDED = Key[dict[str, Run]]("draw.crowd", {}, "tab"), Key[list[str]]("draw.crowd.more", [])


def show_card(
    page: LessonPage, image: Pixels | None, listed: Mapping[str, Reader], reader: Reader
) -> None:
    """Draw the readers side by side, if the learner has opened the card.

    Args:
        page: The page. Its lesson's default is one of the readers.
        image: (28, 28) their input; None for no drawing.
        listed: All readers that can be chosen, by key.
        reader: The chosen reader.
    """
    title = "**Compare readers** · the same drawing, read by several networks"
    box = st.expander(title, key=OPEN.name, on_change="rerun")
    if box.open:
        with box:
            _show_contents(page.lesson, image, listed, reader)


@st.fragment
def _show_contents(
    lesson: Lesson, image: Pixels | None, listed: Mapping[str, Reader], reader: Reader
) -> None:
    st.markdown(lesson.text("many"))
    readers = gather(lesson, listed, reader)
    is_learning = any(other.is_learning for other in readers.values())

    @clock.every(POLL if is_learning else None, key="draw.many.clock")
    def show_table() -> None:
        st.markdown(format_table(readers, image))
        if is_learning and not any(other.is_learning for other in readers.values()):
            st.rerun()

    show_table()
    _show_training(lesson, readers)
    _show_choice(listed, readers)


def gather(lesson: Lesson, listed: Mapping[str, Reader], reader: Reader) -> dict[str, Reader]:
    """Return the readers by their names in the table.

    Args:
        lesson: Its default is one of them.
        listed: All readers that can be chosen, by key.
        reader: The chosen reader.
    """
    records = resources.records()
    perceptron, third, wide, fourth = list_lessons_experiments(lesson)
    readers = {
        "Lesson 2: one unit, five or not": _find_perceptron(perceptron, records),
        "Lesson 3: 32 hidden units": _find(third, listed, records),
        "300 and 100 hidden units": _find(wide, listed, records),
        "Lesson 4: its own network": _find(fourth, listed, records),
    }
    known = {other.key for other in readers.values()}
    for other in (reader, *(listed[key] for key in _added(listed))):
        if other.key not in known:
            known.add(other.key)
            readers[_name(other, readers)] = other
    return readers


def list_lessons_experiments(lesson: Lesson) -> list[Experiment]:
    """Return the experiments that the lab itself trains for everyone: those of lessons 2 to 4."""
    third = load("mnist").on_data().default
    perceptron = load("perceptron").on_data().default.updated(FIXED)
    return [perceptron, third, third.updated(WIDE), lesson.default]


def _find_perceptron(fixed: Experiment, records: Sequence[Record]) -> Reader:
    """Return lesson 2's network: this session's run there, or a fixed one."""
    run = page_runs.get_run("perceptron")
    if run is not None and run.peek().checkpoint.weights:
        return _make(run.experiment, run.peek().checkpoint.fingerprint, run)
    return _find(fixed, {}, records)


def _find(
    experiment: Experiment, listed: Mapping[str, Reader], records: Sequence[Record]
) -> Reader:
    """Return a reader with these settings: a listed, stored, or newly trained one."""
    fingerprint = resources.dataset(experiment.data).fingerprint
    key = f"{experiment.digest}-{fingerprint}"
    if key in listed:
        return listed[key]
    reader = _make(experiment, fingerprint, state.get(RUNS).get(key))
    record = next((record for record in records if record.key == key), None)
    return reader if record is None else replace(reader, record=record)


def _added(listed: Mapping[str, Reader]) -> list[str]:
    return [key for key in state.get(ADDED) if key in listed]


def _make(experiment: Experiment, fingerprint: str, run: Run | None) -> Reader:
    source = resources.dataset(experiment.data).source
    return Reader(experiment, fingerprint, source, run=run)


def _name(reader: Reader, taken: Mapping[str, Reader]) -> str:
    """Return a name for a listed reader that no other one has."""
    parts = reader_list.label(reader, None).split(" · ")
    return reader_list.number_name(" · ".join(parts[:-1]).replace("|", "/"), taken)


def format_table(readers: Mapping[str, Reader], image: Pixels | None) -> str:
    """Return all readers with their predictions, as a table in Markdown.

    Args:
        readers: Readers by name.
        image: (28, 28) their input; None for no drawing.
    """
    rows = {name: " | ".join(_row(reader, image)) for name, reader in readers.items()}
    lines = [f"| {name} | {row} |" for name, row in rows.items()]
    return "\n".join(
        ["| reader | prediction | confidence | test accuracy |", "|:--|:-:|--:|--:|", *lines]
    )


def _row(reader: Reader, image: Pixels | None) -> tuple[str, str, str]:
    """Return a reader's prediction, its confidence, and its test accuracy."""
    checkpoint, network = reader.checkpoint, reader.network
    if checkpoint is None or network is None:
        return ("learning" if reader.is_learning else "not trained yet", "", "")
    accuracy = reader_list.measure_accuracies([reader]).get(reader.key)
    if accuracy is not None:
        quality = f"{accuracy:.1%}"
    else:
        fit = checkpoint.experiment.fit
        quality = f"epoch {min(checkpoint.epoch + 1, fit.epochs)} of {fit.epochs}"
    if image is None:
        return "", "", quality
    names = resources.dataset(reader.experiment.data).class_names
    return (*describe_outputs(network.predict(image)[0], names), quality)


def describe_outputs(outputs: NDArray[np.float32], names: Sequence[str]) -> tuple[str, str]:
    """Return the prediction, and its confidence or, where it is not a probability, its output.

    Args:
        outputs: (classes,), or (1,) for a network with a yes or no output.
        names: The classes' names, the one for "no" first.
    """
    if not np.isfinite(outputs).all():
        return "none", "diverged (NaN)"
    if len(outputs) == 1:
        value = float(outputs[0])
        answer = names[int(value > THRESHOLD)]
        if not 0 <= value <= 1:
            return f"**{answer}**", f"output {value:.2f}"
        return f"**{answer}**", _confidence(max(value, 1 - value))
    best = int(outputs.argmax())
    probable = prediction_text.are_probabilities(outputs)
    output = float(outputs[best])
    return f"**{names[best]}**", _confidence(output) if probable else f"output {output:.2f}"


def _confidence(probability: float) -> str:
    return prediction_text.format_percent(probability).replace("more than", ">")


def _show_training(lesson: Lesson, readers: Mapping[str, Reader]) -> None:
    missing = {n: r for n, r in readers.items() if r.checkpoint is None and not r.is_learning}
    if not missing:
        return
    with st.container(horizontal=True, gap="small"):
        for name, reader in missing.items():
            st.button(
                f"Train “{name}”",
                key=f"draw.crowd.train.{reader.key}",
                icon=":material/play_arrow:",
                on_click=_train,
                args=(lesson, reader),
            )


def _train(lesson: Lesson, reader: Reader) -> None:
    """Train a reader: as a run of the lab's own only where no learner has chosen its settings."""
    if reader.experiment in list_lessons_experiments(lesson):
        run = server.lab().shared(reader.experiment, reader.fingerprint, again=True)
    else:
        run = reader_choice.start_own_run(reader)
    state.put(RUNS, state.get(RUNS) | {reader.key: run})


def _show_choice(listed: Mapping[str, Reader], readers: Mapping[str, Reader]) -> None:
    """Let the learner add other readers to the table."""
    shown = {reader.key for reader in readers.values()}
    chosen = _added(listed)
    offered = [key for key, reader in listed.items() if key in chosen or key not in shown]
    if not offered:
        return
    state.put(ADDED, chosen)
    st.multiselect(
        "Other readers",
        offered,
        key=ADDED.name,
        format_func=lambda key: reader_list.label(listed[key], None),
        placeholder="Add a trained network",
        persist_state="session",
    )

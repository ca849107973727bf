"""Many readers, in lesson 4: the same drawing read by several networks side by side.

Those that every class meets stand there from the start; any from the list of readers may join. Who
is not trained yet is trained at a click, by the lab, once for all visitors. The session holds:

    draw.crowd    the runs that it has asked for, by the reader's key
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.ink import Pixels
from nncore.experiment import Experiment
from nncore.runtime.runner import Run
from nncore.runtime.store import Record
from ui.components import clock
from ui.content.lesson import Lesson, load
from ui.core import resources, state
from ui.draw import answer as draw_answer
from ui.draw import readers
from ui.draw.readers import Reader

#: What lesson 2's perceptron becomes on its way to a good one.
MENDED = {
    "data.scaled": True,
    "model.output_activation": "sigmoid",
    "fit.loss": "binary_crossentropy",
}
WIDE = {"model.units": (300, 100)}
#: Above it a single output says "five".
THRESHOLD = 0.5
CARD_KEY = "draw.many"
_RUNS, _MORE = "draw.crowd", "draw.crowd.more"


def compare(
    lesson: Lesson, image: Pixels | None, shelf: Mapping[str, Reader], reader: Reader
) -> None:
    """Draws the readers side by side, where the learner has opened them.

    Args:
        lesson: Whose texts, and whose default is among the readers.
        image: (28, 28) what they are given; None for no drawing.
        shelf: All that can be chosen, by key.
        reader: The one that reads on this page.
    """
    title = "**Many readers** · the same drawing, read by several networks"
    box = st.expander(title, key=CARD_KEY, on_change="rerun")
    if box.open:
        with box:
            _opened(lesson, image, shelf, reader)


@st.fragment
def _opened(
    lesson: Lesson, image: Pixels | None, shelf: Mapping[str, Reader], reader: Reader
) -> None:
    st.markdown(lesson.text("many"))
    crowd = gather(lesson, shelf, reader)
    learning = any(other.learning for other in crowd.values())

    @clock.every(readers.POLL if learning else None, key="draw.many.clock")
    def answers() -> None:
        st.markdown(table(crowd, image))
        if learning and not any(other.learning for other in crowd.values()):
            st.rerun()

    answers()
    _offer(crowd)
    _more(shelf, crowd)


# Who is there.


def gather(lesson: Lesson, shelf: Mapping[str, Reader], reader: Reader) -> dict[str, Reader]:
    """The readers by what they are called in the table.

    Args:
        lesson: Its default is one of them.
        shelf: All that can be chosen, by key.
        reader: The one that reads on this page.
    """
    records = resources.lab().store.entries()
    third = load("mnist").on_data().default
    crowd = {
        "Lesson 2: one unit, five or not": _perceptron(records),
        "Lesson 3: 32 hidden units": _find(third, shelf, records),
        "300 and 100 hidden units": _find(third.updated(WIDE), shelf, records),
        "Lesson 4: its own network": _find(lesson.default, shelf, records),
    }
    known = {other.key for other in crowd.values()}
    for other in (reader, *(shelf[key] for key in _wanted(shelf))):
        if other.key not in known:
            known.add(other.key)
            crowd[_called(other, crowd)] = other
    return crowd


def _perceptron(records: Sequence[Record]) -> Reader:
    """Lesson 2's: this session's run there, else a mended one."""
    run = state.run("perceptron")
    if run is not None and run.peek().checkpoint.weights:
        return _of(run.experiment, run.peek().checkpoint.fingerprint, run)
    mended = load("perceptron").on_data().default.updated(MENDED)
    return _find(mended, {}, records)


def _find(experiment: Experiment, shelf: Mapping[str, Reader], records: Sequence[Record]) -> Reader:
    """A reader for these settings: of the list, of the store, or one that was asked for here."""
    fingerprint = resources.dataset(experiment.data).fingerprint
    key = f"{experiment.digest}-{fingerprint}"
    if key in shelf:
        return shelf[key]
    reader = _of(experiment, fingerprint, _asked().get(key))
    record = next((record for record in records if record.key == key), None)
    return reader if record is None else replace(reader, record=record)


def _asked() -> dict[str, Run]:
    nothing: dict[str, Run] = {}
    return state.get(_RUNS, nothing)


def _wanted(shelf: Mapping[str, Reader]) -> list[str]:
    nothing: list[str] = []
    return [key for key in state.get(_MORE, nothing) if key in shelf]


def _of(experiment: Experiment, fingerprint: str, run: Run | None) -> Reader:
    source = resources.dataset(experiment.data).source
    return Reader(experiment, fingerprint, source, run=run)


def _called(reader: Reader, taken: Mapping[str, Reader]) -> str:
    """A name for a reader of the list that no other one has."""
    parts = readers.label(reader, None).split(" · ")
    name = " · ".join(parts[:-1]).replace("|", "/")
    alike = sum(other.split(" · no. ")[0] == name for other in taken)
    return f"{name} · no. {alike + 1}" if alike else name


# What they say.


def table(crowd: Mapping[str, Reader], image: Pixels | None) -> str:
    """All readers with their answers, as a table in Markdown.

    Args:
        crowd: Readers by name.
        image: (28, 28) what they are given; None for no drawing.
    """
    lines = [f"| {name} | {' | '.join(row(reader, image))} |" for name, reader in crowd.items()]
    return "\n".join(["| reader | answer | sure | test set |", "|:--|:-:|--:|--:|", *lines])


def row(reader: Reader, image: Pixels | None) -> tuple[str, str, str]:
    """A reader's answer, how sure it is, and its accuracy on its test set."""
    checkpoint, network = reader.checkpoint, reader.network
    if checkpoint is None or network is None:
        return ("learning" if reader.learning else "not trained yet", "", "")
    accuracy = readers.accuracies([reader]).get(reader.key)
    if accuracy is not None:
        quality = f"{accuracy:.1%}"
    else:
        fit = checkpoint.experiment.fit
        quality = f"epoch {min(checkpoint.epoch + 1, fit.epochs)} of {fit.epochs}"
    if image is None:
        return "", "", quality
    names = resources.dataset(reader.experiment.data).class_names
    return (*said(network.predict(image)[0], names), quality)


def said(outputs: NDArray[np.float32], names: Sequence[str]) -> tuple[str, str]:
    """An answer, and how sure it is: a probability, or the bare output where that is none.

    Args:
        outputs: (classes,), or (1,) of a network that says yes or no.
        names: What the classes are called, the one for "no" first.
    """
    if not np.isfinite(outputs).all():
        return "none", "out of bounds"
    if len(outputs) == 1:
        value = float(outputs[0])
        answer = names[int(value > THRESHOLD)]
        if not 0 <= value <= 1:
            return f"**{answer}**", f"output {value:.2f}"
        return f"**{answer}**", _sure(max(value, 1 - value))
    best = int(outputs.argmax())
    probable = draw_answer.are_probabilities(outputs)
    sure = _sure(float(outputs[best])) if probable else f"output {outputs[best]:.2f}"
    return f"**{names[best]}**", sure


def _sure(probability: float) -> str:
    return draw_answer.percent(probability).replace("more than", ">")


# Having them trained, and more of them.


def _offer(crowd: Mapping[str, Reader]) -> None:
    missing = {n: r for n, r in crowd.items() if r.checkpoint is None and not r.learning}
    if not missing:
        return
    with st.container(horizontal=True, gap="small"):
        for name, reader in missing.items():
            st.button(
                f"Train “{name}”",
                key=f"draw.crowd.train.{reader.key}",
                icon=":material/play_arrow:",
                on_click=_train,
                args=(reader,),
            )


def _train(reader: Reader) -> None:
    run = resources.lab().shared(reader.experiment, reader.fingerprint, again=True)
    state.put(_RUNS, {**_asked(), reader.key: run})


def _more(shelf: Mapping[str, Reader], crowd: Mapping[str, Reader]) -> None:
    """Lets others of the list join."""
    there = {reader.key for reader in crowd.values()}
    chosen = _wanted(shelf)
    offered = [key for key, reader in shelf.items() if key in chosen or key not in there]
    if not offered:
        return
    state.put(_MORE, chosen)
    st.multiselect(
        "Others of the list",
        offered,
        key=_MORE,
        format_func=lambda key: readers.label(shelf[key], None),
        placeholder="Add a trained network",
        persist_state="session",
    )

"""A drawing that is not a digit is refused: the page says so, what to do, and why."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits import novelty
from nncore.digits.ink import Pixels
from nncore.digits.novelty import Judgement
from nncore.nn.network import Network
from ui.content.lesson import Lesson
from ui.core import cached_results
from ui.core.wording import with_article
from ui.draw import pictures
from ui.draw.reader import Reader, dataset_of


def judge(
    reader: Reader, image: Pixels | None, outputs: NDArray[np.float32] | None
) -> Judgement | None:
    """Judge whether a drawing is a digit.

    Args:
        reader: The reader.
        image: (28, 28) uint8, or None for no drawing.
        outputs: The reader's outputs for it, or None.

    Returns:
        None where there is nothing to judge, or it cannot be judged yet: a network that is learning
        cannot judge, and for a trained one a worker first has to compare training images.
    """
    if image is None or outputs is None or not np.isfinite(outputs).all():
        return None
    if not reader.is_final or dataset_of(reader) is None:
        return None
    checkpoint = reader.checkpoint
    gauge = None if checkpoint is None else cached_results.gauge(checkpoint)
    if checkpoint is None or gauge is None:
        return None
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    return novelty.judge(gauge, network, image)


def is_pending(reader: Reader) -> bool:
    """Return True if drawings cannot be judged yet, but later."""
    checkpoint = reader.checkpoint if reader.is_final else None
    if checkpoint is None or dataset_of(reader) is None:
        return reader.is_learning
    return cached_results.gauge(checkpoint) is None


def show(lesson: Lesson, reader: Reader, judgement: Judgement, guess: str) -> None:
    """Say that a drawing cannot be read, what to do, and fold the evidence below.

    Args:
        lesson: The lesson, for its texts.
        reader: The reader.
        judgement: The refusal.
        guess: The most likely class.
    """
    st.header(lesson.text("refused"), anchor=False)
    st.caption(lesson.text("refused_advice", guess=with_article(guess)))
    with st.expander("Why it was refused", key="draw.refused"):
        _show_evidence(lesson, reader, judgement)


def _show_evidence(lesson: Lesson, reader: Reader, judgement: Judgement) -> None:
    signs = {
        "distance": judgement.distance,
        "usual_distance": judgement.usual_distance,
        "evidence": judgement.evidence,
        "usual_evidence": judgement.usual_evidence,
    }
    why = {name: f"{value:.2f}" for name, value in signs.items()}
    how = {"strangeness": f"{judgement.strangeness:.1f}", "limit": f"{judgement.limit:.1f}"}
    st.caption(lesson.text("refused_why", **why), help=lesson.text("refused_how", **how))
    dataset = dataset_of(reader)
    if dataset is None:
        return
    rows = list(judgement.nearest)
    names = ", ".join(dataset.class_names[label] for label in dataset.y_train[rows])
    caption = lesson.text("refused_nearest", names=names)
    pictures.show_tiles(dataset.x_train[rows], len(rows), caption, scale=2)

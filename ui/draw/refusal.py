"""What lesson 4 says where a drawing is no digit: that it cannot read it, and why."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits import novelty
from nncore.digits.ink import Pixels
from nncore.digits.novelty import Judgement
from ui.content.lesson import Lesson
from ui.core import resources
from ui.draw import answer
from ui.draw.readers import Reader, dataset_of


def judged(
    reader: Reader, image: Pixels | None, outputs: NDArray[np.float32] | None
) -> Judgement | None:
    """Whether a drawing is a digit at all.

    Args:
        reader: Who reads.
        image: (28, 28), or None where there is none.
        outputs: What it makes of it, or None.

    Returns:
        None where there is nothing to judge, or it cannot be judged yet: a network that is learning
        is not judged by, and for one that is made a worker first has to look at training images.
    """
    if image is None or outputs is None or not np.isfinite(outputs).all():
        return None
    if not reader.made or dataset_of(reader) is None:
        return None
    checkpoint = reader.checkpoint
    gauge = None if checkpoint is None else resources.gauge(checkpoint)
    return None if gauge is None else novelty.judge(gauge, reader.load(), image)


def waits(reader: Reader) -> bool:
    """Whether it will be known later on what is no digit."""
    checkpoint = reader.checkpoint if reader.made else None
    if checkpoint is None or dataset_of(reader) is None:
        return reader.learning
    return resources.gauge(checkpoint) is None


def say(lesson: Lesson, reader: Reader, judgement: Judgement, guess: str) -> None:
    """Says that a drawing cannot be read, why, and what comes nearest.

    Args:
        lesson: Whose words.
        reader: Who reads.
        judgement: That the drawing is refused.
        guess: What it would be taken for.
    """
    st.header(lesson.text("refused"), anchor=False)
    signs = {
        "distance": judgement.distance,
        "usual_distance": judgement.usual_distance,
        "evidence": judgement.evidence,
        "usual_evidence": judgement.usual_evidence,
    }
    why = {name: f"{value:.2f}" for name, value in signs.items()}
    how = {"strangeness": f"{judgement.strangeness:.1f}", "limit": f"{judgement.limit:.1f}"}
    st.caption(
        lesson.text("refused_why", guess=guess, **why), help=lesson.text("refused_how", **how)
    )
    dataset = dataset_of(reader)
    if dataset is None:
        return
    rows = list(judgement.nearest)
    names = ", ".join(dataset.class_names[label] for label in dataset.y_train[rows])
    caption = lesson.text("refused_nearest", names=names)
    answer.tiles(dataset.x_train[rows], len(rows), caption, scale=2)

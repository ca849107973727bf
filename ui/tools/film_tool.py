"""The film of a run, for every lesson: which frames it has, their scores, captions and the player.

The weights of the frames come with the run's checkpoint. What a lesson's film shows is built in the
lesson's room (`ui/rounding/film.py`, `ui/perceptron/film.py`, `first_layer_film.py`), once for each
run; the browser then plays it without asking the server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore import film as run_film
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.data.splits import updates_per_epoch
from nncore.nn import evaluation, losses
from nncore.nn.network import Network
from ui.components.network import film as player
from ui.components.network.film import Picture
from ui.core import cached_results, resources
from ui.core.wording import number
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

Array: TypeAlias = NDArray[Any]
BuildFilm: TypeAlias = Callable[[Checkpoint, Dataset], Picture]


class ScoredFrame(NamedTuple):
    """One frame of a film, with the network's outputs and scores at that moment.

    Attributes:
        updates: Gradient updates made so far.
        network: The network at that moment.
        outputs: Its outputs for the samples that the film watches, (n, outputs).
        loss: Its mean loss on them.
        accuracy: Its accuracy on them, from 0 to 1.
    """

    updates: int
    network: Network
    outputs: Array
    loss: float
    accuracy: float


def show_film(page: LessonPage, view: View, build: BuildFilm, *, needs_whole: bool = True) -> None:
    """Show the film of the page's run, or one sentence on why there is none.

    Args:
        page: The page; its texts `film`, `film_first`, ... are shown.
        view: The run that the page shows.
        build: A function of a module that builds the film; the result is kept for all sessions.
        needs_whole: True if the film shows whole networks; False if first-layer weights are enough.
    """
    checkpoint = view.checkpoint
    reason = why_no_film(checkpoint, needs_whole=needs_whole)
    if checkpoint is None or reason:
        numbers = {"most": run_film.MAX_PARAMETERS, "parameters": view.experiment.parameters}
        st.info(page.text(reason, **numbers), icon=":material/movie:")
        return
    st.markdown(page.text("film"))
    player.play_film(cached_results.film(checkpoint, build), key=f"{page.name}.film")


def why_no_film(checkpoint: Checkpoint | None, *, needs_whole: bool = True) -> str:
    """Return the name of the text that says why there is no film; empty if there is one."""
    if checkpoint is None:
        return "film_first"
    sizes = checkpoint.experiment.layer_sizes
    if not (run_film.is_filmed_whole if needs_whole else run_film.is_filmed)(sizes):
        return "film_too_large"
    if not checkpoint.updates:
        return "film_recording"
    return "" if checkpoint.film else "film_none"


def list_frames(checkpoint: Checkpoint) -> run_film.Film:
    """Return the frames that the run recorded, and as the last one the weights it has now."""
    sizes = checkpoint.experiment.layer_sizes
    now = run_film.record_frame(sizes, checkpoint.updates, checkpoint.weights)
    recorded = checkpoint.film
    if recorded and recorded[-1].updates == now.updates:  # a weight may have been set by hand since
        recorded = recorded[:-1]
    return (*recorded, now)


def score_frames(checkpoint: Checkpoint, x: Array, y: Array) -> list[ScoredFrame]:
    """Measure the network of each frame on some samples.

    Args:
        checkpoint: A run with a film of whole networks.
        x: The samples, as for `Network.prepare`.
        y: (n,) class numbers.
    """
    experiment = checkpoint.experiment
    targets, rows, frames = losses.encode_labels(experiment, y), None, []
    for frame in list_frames(checkpoint):
        network = Network.of(experiment, frame.arrays(experiment.layer_sizes))
        rows = network.prepare(x) if rows is None else rows
        sums, outputs = network.forward(rows)[-1]
        logits = sums if network.layers[-1].activation in ("sigmoid", "softmax") else None
        with np.errstate(all="ignore"):  # a network that diverged
            loss = float(losses.loss(experiment.fit.loss, targets, outputs, logits).mean())
        loss += evaluation.penalty(network, experiment)
        accuracy = float(losses.metric("accuracy", targets, outputs).mean())
        frames.append(ScoredFrame(frame.updates, network, outputs, loss, accuracy))
    return frames


def assemble_film(
    checkpoint: Checkpoint, frames: Sequence[ScoredFrame], *pictures: Picture
) -> Picture:
    """Return a film of these pictures, with a caption for each frame.

    Args:
        checkpoint: The run.
        frames: Its frames, as many as each picture has.
        pictures: What moves.
    """
    experiment = checkpoint.experiment
    samples = len(resources.dataset(experiment.data).x_train)
    steps = updates_per_epoch(samples, experiment.fit)
    captions = [frame_caption(frame, steps) for frame in frames]
    updates = [frame.updates for frame in frames]
    return player.film(cached_results.film_name(checkpoint), updates, captions, *pictures)


def frame_caption(frame: ScoredFrame, steps: int) -> str:
    """Return the line below the film.

    Args:
        frame: The frame that is shown.
        steps: Updates in an epoch.

    Returns:
        `"update 120 · epoch 0.4 · loss 0.31 · accuracy 0.944"`.
    """
    return (
        f"{when_of_frame(frame.updates, steps)} · loss {number(frame.loss)} "
        f"· accuracy {frame.accuracy:.3f}"
    )


def when_of_frame(updates: int, steps: int) -> str:
    """Return the moment of a frame: `"update 120 · epoch 0.4"`."""
    epoch = f"epoch {updates / steps:,.1f}" if updates else "not trained yet"
    return f"update {updates:,} · {epoch}"

"""The same image through a softmax and a sigmoid output."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.network import Network
from nncore.runtime.jobs import State
from ui.charts import palette
from ui.content.lesson import Lesson
from ui.content.settings import word_value
from ui.core import resources, state
from ui.mnist import figures as parts
from ui.workbench import side_runs
from ui.workbench.run_view import View


def why_softmax(lesson: Lesson, shown: View, dataset: Dataset, dark: bool) -> None:
    """The same image through a softmax and a sigmoid output, with the ten numbers and their sum.

    Args:
        lesson: Whose texts.
        shown: What is trained; its twin has the other output.
        dataset: The data of `shown.experiment`.
        dark: Whether the page is dark.
    """
    aside = st.expander("**Why softmax, not sigmoid?**", key="mnist.softmax", on_change="rerun")
    if not aside.open:
        return
    with aside:
        st.markdown(lesson.text("softmax"))
        sides = {name: _side(shown, name, dataset) for name in ("softmax", "sigmoid")}
        missing = [e for e, checkpoint in sides.values() if checkpoint is None]
        if side_runs.under_way("mnist.twins"):
            side_runs.follow("mnist.twins")
        elif missing:
            _offer_twins(missing, dataset)
        else:
            trained = {name: found for name, (_, found) in sides.items() if found is not None}
            _compare_outputs(lesson, trained, dataset, dark)


def _side(shown: View, output: str, dataset: Dataset) -> tuple[Experiment, Checkpoint | None]:
    """The experiment with this output, and its run's result if there is one anywhere."""
    experiment = shown.experiment.updated({"model.output_activation": output})
    found = shown.checkpoint
    if shown.trained and found is not None and found.finished and found.experiment == experiment:
        return experiment, found
    for run in side_runs.runs("mnist.twins"):
        progress = run.peek()
        mine = run.experiment == experiment and progress.state is not State.STOPPED
        if mine and progress.checkpoint.weights:
            return experiment, progress.checkpoint
    return experiment, resources.stored(experiment, dataset.fingerprint)


def _offer_twins(missing: Sequence[Experiment], dataset: Dataset) -> None:
    names = " and ".join(experiment.model.output_activation for experiment in missing)
    epochs, most = missing[0].fit.epochs, "At most " * bool(missing[0].fit.patience)
    st.button(
        f"Train it with {names}",
        key="mnist.twins.train",
        icon=":material/play_arrow:",
        on_click=side_runs.begin,
        args=("mnist.twins", missing, dataset.fingerprint),
        help=f"{most}{epochs:,} epochs, with the same seed and all other settings the same.",
    )


def _compare_outputs(
    lesson: Lesson, trained: dict[str, Checkpoint], dataset: Dataset, dark: bool
) -> None:
    networks = {
        name: Network.of(checkpoint.experiment, checkpoint.weights)
        for name, checkpoint in trained.items()
    }
    left, *columns = st.columns([1, 1.6, 1.6])
    with left:
        index = _choose_image(networks["softmax"], dataset)
        label = dataset.class_names[dataset.y_test[index]]
        st.image(parts.picture(dataset.x_test[index], dark), f"It is: {label}", width=112)
    for column, (name, network) in zip(columns, networks.items(), strict=True):
        values = network.predict(dataset.x_test[index])[0]
        with column:
            st.markdown(f"**{name}**: the ten numbers add up to **{values.sum():.3f}**")
            chart = parts.bars(values, dataset.class_names, palette.MUTED, "output", ".3f")
            st.vega_lite_chart(*chart, key=f"mnist.softmax.{name}")
    one, other = (checkpoint.weights for checkpoint in trained.values())
    same = all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    loss = word_value("fit.loss", trained["softmax"].experiment.fit.loss)
    count = trained["softmax"].experiment.parameters
    text = "softmax_same" if same else "softmax_differ"
    st.markdown(lesson.text(text, loss=loss, count=count))


def _choose_image(network: Network, dataset: Dataset) -> int:
    key, last = "mnist.softmax.image", len(dataset.x_test) - 1
    state.put(key, min(state.get(key, 0), last))
    index = st.number_input("Test image", 0, last, key=key, step=1)
    st.button(
        "An unsure one",
        key="mnist.softmax.unsure",
        icon=":material/help:",
        on_click=_choose_unsure,
        args=(key, network, dataset),
        help="One of the images for which the largest of the ten numbers is smallest.",
    )
    return int(index)


def _choose_unsure(key: str, network: Network, dataset: Dataset) -> None:
    """Chooses one of the 20 least sure of the first thousand, other than the one before."""
    sure = network.predict(dataset.x_test[:1000]).max(axis=1)
    least = [int(i) for i in np.argsort(sure)[:20] if i != state.get(key, 0)]
    state.put(key, int(np.random.default_rng().choice(least)))

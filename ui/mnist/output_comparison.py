"""Lesson 3, Ask: the same image through a softmax and a sigmoid output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.network import Network
from nncore.runtime.jobs import State
from ui.charts import palette
from ui.charts.digit_pictures import image_png
from ui.charts.share_bars import share_bars
from ui.content.settings import word_value
from ui.core import resources, state
from ui.core.keys import Key
from ui.core.wording import count, fixed
from ui.workbench import side_runs
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

SOFTMAX = Key("mnist.softmax", False)
#: The test image that both networks read.
IMAGE = Key("mnist.softmax.image", 0)
UNSURE = Key("mnist.softmax.unsure", False)
#: Where the session keeps the runs of the two networks.
TWINS = "mnist.twins"
TRAIN_TWINS = Key(f"{TWINS}.train", False)


def show_output_comparison(page: LessonPage, view: View) -> None:
    """Draw the expander on softmax and sigmoid: the ten outputs of each, and their sum.

    Args:
        page: The page.
        view: The run on the page; its twin has the other output activation.
    """
    title = "**Why softmax, not sigmoid?**"
    expander = st.expander(title, key=SOFTMAX.name, on_change="rerun")
    if not expander.open:
        return
    dataset = resources.dataset(view.experiment.data)
    with expander:
        st.markdown(page.text("softmax"))
        twins = {name: _find_twin(view, name, dataset) for name in ("softmax", "sigmoid")}
        missing = [experiment for experiment, checkpoint in twins.values() if checkpoint is None]
        if side_runs.under_way(TWINS):
            side_runs.follow(TWINS)
        elif missing:
            _offer_twins(missing, dataset)
        else:
            trained = {name: found for name, (_, found) in twins.items() if found is not None}
            _compare_outputs(page, trained, dataset)


def _find_twin(view: View, output: str, dataset: Dataset) -> tuple[Experiment, Checkpoint | None]:
    """Return the experiment with this output, and the result of its run if there is one."""
    experiment = view.experiment.updated({"model.output_activation": output})
    result = view.checkpoint
    if view.trained and result is not None and result.finished and result.experiment == experiment:
        return experiment, result
    for run in side_runs.runs(TWINS):
        progress = run.peek()
        is_twin = run.experiment == experiment and progress.state is not State.STOPPED
        if is_twin and progress.checkpoint.weights:
            return experiment, progress.checkpoint
    return experiment, resources.stored(experiment, dataset.fingerprint)


def _offer_twins(missing: Sequence[Experiment], dataset: Dataset) -> None:
    names = " and ".join(experiment.model.output_activation for experiment in missing)
    epochs = missing[0].fit.epochs
    most = "At most " if missing[0].fit.patience else ""
    st.button(
        f"Train it with {names}",
        key=TRAIN_TWINS.name,
        icon=":material/play_arrow:",
        on_click=side_runs.begin,
        args=(TWINS, missing, dataset.fingerprint),
        help=f"{most}{count(epochs, 'epoch')}, with the same seed and all other settings the same.",
    )


def _compare_outputs(page: LessonPage, trained: Mapping[str, Checkpoint], dataset: Dataset) -> None:
    networks = {
        name: Network.of(checkpoint.experiment, checkpoint.weights)
        for name, checkpoint in trained.items()
    }
    left, *columns = st.columns([1, 1.6, 1.6])
    with left:
        index = _choose_image(networks["softmax"], dataset)
        label = dataset.class_names[dataset.y_test[index]]
        picture = image_png(dataset.x_test[index], page.is_dark)
        st.image(picture, f"Label: {label}", width=112)
    for column, (name, network) in zip(columns, networks.items(), strict=True):
        values = network.predict(dataset.x_test[index])[0]
        with column:
            st.markdown(
                f"**{name}**: the ten outputs add up to **{fixed(float(values.sum()), 3)}**"
            )
            chart = share_bars(values, dataset.class_names, palette.MUTED, "output", ".3f")
            st.vega_lite_chart(*chart, key=f"mnist.softmax.{name}")
    one, other = (checkpoint.weights for checkpoint in trained.values())
    is_same = all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    loss = word_value("fit.loss", trained["softmax"].experiment.fit.loss)
    count = trained["softmax"].experiment.parameters
    text = "softmax_same" if is_same else "softmax_differ"
    st.markdown(page.text(text, loss=loss, count=count))


def _choose_image(network: Network, dataset: Dataset) -> int:
    last = len(dataset.x_test) - 1
    state.put(IMAGE, min(state.get(IMAGE), last))
    index = st.number_input("Test image", 0, last, key=IMAGE.name, step=1)
    st.button(
        "Choose an unsure one",
        key=UNSURE.name,
        icon=":material/help:",
        on_click=_choose_unsure,
        args=(network, dataset),
        help="One of the images for which the largest of the ten outputs is smallest.",
    )
    return int(index)


def _choose_unsure(network: Network, dataset: Dataset) -> None:
    """Choose one of the 20 least confident of the first thousand, other than the one before."""
    confidences = network.predict(dataset.x_test[:1000]).max(axis=1)
    least = [int(i) for i in np.argsort(confidences)[:20] if i != state.get(IMAGE)]
    state.put(IMAGE, int(np.random.default_rng().choice(least)))

"""The asides of lesson 3: the training loop, why softmax, the same again, the errors on the way.

What they train are small runs of the session beside the page's own: they are kept in no store,
and end with the session. Each aside is drawn only while it is open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.data.splits import training_rows, updates_per_epoch
from nncore.experiment import Experiment
from nncore.nn.network import Network
from nncore.runtime.runner import State
from ui.charts import palette
from ui.content.lesson import Lesson, term
from ui.core import resources, state
from ui.core.run_view import View
from ui.mnist import figures as parts
from ui.workbench import controls, side_runs, tables

# The training loop.


def training_loop(lesson: Lesson, shown: View, dataset: Dataset) -> None:
    """The training loop told in five steps, beside this experiment's own numbers.

    Args:
        lesson: Whose texts.
        shown: What is trained, and how far.
        dataset: The data of `shown.experiment`.
    """
    experiment, fit = shown.experiment, shown.experiment.fit
    rows = training_rows(len(dataset.x_train), fit)
    samples = rows.stop - rows.start
    numbers = {
        "samples": samples,
        "batch": min(fit.batch_size, samples),
        "steps": updates_per_epoch(len(dataset.x_train), fit),
        "parameters": experiment.parameters,
        "loss": controls.shown(fit.loss),
        "optimizer": controls.shown(fit.optimizer),
        "rate": f"{fit.learning_rate:g}",
        "activation": experiment.model.activation if experiment.model.units else "softmax",
    }
    left, right = st.columns([1, 1], gap="medium")
    with left:
        st.markdown(lesson.text("loop", **numbers))
    with right:
        if shown.network is None:
            st.info(lesson.text("loop_untrained"), icon=":material/arrow_upward:")
            return
        step = parts.one_step(shown.network, experiment, dataset)
        st.markdown("**The same in this network's numbers**, as it stands now")
        st.code(parts.told(step), language=None, wrap_lines=True)
        st.caption(lesson.text("loop_sgd", **numbers))


# Why softmax, not sigmoid.


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
    loss = controls.shown(trained["softmax"].experiment.fit.loss)
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


# The same again?


def same_again(lesson: Lesson, experiment: Experiment, dataset: Dataset) -> None:
    """The same experiment twice with its seed and twice with others, digit by digit.

    Args:
        lesson: Whose texts.
        experiment: The page's settings; one epoch of them is run.
        dataset: The data.
    """
    aside = st.expander(
        "**The same again?** What a seed is for", key="mnist.again", on_change="rerun"
    )
    if not aside.open:
        return
    with aside:
        st.markdown(lesson.text("again", seed=experiment.fit.seed))
        runs = side_runs.runs("mnist.again_runs")
        if side_runs.under_way("mnist.again_runs"):
            side_runs.follow("mnist.again_runs")
            return
        st.button(
            "Run them again" if runs else "Run it four times",
            key="mnist.again.run",
            icon=":material/play_arrow:",
            on_click=_begin_four,
            args=(experiment, dataset.fingerprint),
        )
        results = [progress.checkpoint for progress in (run.peek() for run in runs)]
        if results and all(checkpoint.finished for checkpoint in results):
            _compare_runs(lesson, results, experiment)


def _begin_four(experiment: Experiment, fingerprint: str) -> None:
    """Two runs with the seed, two with fresh ones, one epoch each."""
    own = experiment.fit.seed
    fresh = np.random.default_rng().integers(2**32, size=2)
    four = [
        experiment.updated({"fit.epochs": 1, "fit.seed": int(seed)}) for seed in (own, own, *fresh)
    ]
    side_runs.begin("mnist.again_runs", four, fingerprint)


def _compare_runs(lesson: Lesson, results: list[Checkpoint], experiment: Experiment) -> None:
    ran = results[0].experiment
    if ran != experiment.updated({"fit.epochs": 1}):
        st.caption(":material/history: These runs are older than the settings.")
    tables.show_table(_run_columns(results), key="mnist.again_table")
    for text, (one, other) in {"again_seeded": results[:2], "again_fresh": results[2:]}.items():
        same, total = _equal_weights(one, other)
        gap = abs(one.history["accuracy"][0] - other.history["accuracy"][0])
        verdict = (
            "✓ the same to the last digit"
            if same == total and one.history == other.history
            else "✗ not the same"
        )
        numbers = {"same": same, "total": total, "gap": 100 * gap, "verdict": verdict}
        st.markdown(lesson.text(text, **numbers))


def _run_columns(results: list[Checkpoint]) -> dict[str, list[str]]:
    """What there is to compare, digit by digit: a row a run."""
    return {
        "run": [f"{number}" for number in range(1, len(results) + 1)],
        "seed": [f"{c.experiment.fit.seed}" for c in results],
        "loss": [repr(c.history["loss"][0]) if c.history else c.failure for c in results],
        "accuracy": [repr(c.history["accuracy"][0]) if c.history else "" for c in results],
        "an output weight": [f"{c.weights[-2][0, 0]:.9g}" for c in results],
        "all weights (SHA-256)": [weights_digest(c) for c in results],
    }


def weights_digest(checkpoint: Checkpoint) -> str:
    """Twelve hexadecimal digits that stand for all weights: one other bit, and they differ."""
    digest = hashlib.sha256()
    for array in checkpoint.weights:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:12]


def _equal_weights(one: Checkpoint, other: Checkpoint) -> tuple[int, int]:
    """How many weights and biases are the same in both, and how many there are."""
    pairs = list(zip(one.weights, other.weights, strict=True))
    return sum(int((a == b).sum()) for a, b in pairs), sum(a.size for a, _ in pairs)


# The errors on the way.


class Error(NamedTuple):
    """One of the tutorials' mistakes.

    Attributes:
        name: What `resources.mistake` calls it.
        call: The line of Keras that fails.
        array: Which array is at fault.
        cure: Which of `CURES` mends it.
    """

    name: str
    call: str
    array: str
    cure: str


ERRORS = (
    Error("train_images", "network.fit(train_images, train_labels)", "train_images", "reshape"),
    Error(
        "train_labels", "network.fit(train_images, train_labels)", "train_labels", "to_categorical"
    ),
    Error("test_images", "network.evaluate(test_images, test_labels)", "test_images", "reshape"),
    Error(
        "test_labels",
        "network.evaluate(test_images, test_labels)",
        "test_labels",
        "to_categorical",
    ),
)
#: The cures, and what their buttons say.
CURES = {"reshape": "reshape the images", "to_categorical": "to_categorical for the labels"}


def errors(lesson: Lesson, dataset: Dataset) -> None:
    """The tutorials' four errors, made for real by a worker, each mended with a click.

    Args:
        lesson: Whose texts, and whose network: its default.
        dataset: Images whose shapes are shown.
    """
    aside = st.expander("**The errors on the way**", key="mnist.errors", on_change="rerun")
    if aside.open:
        with aside:
            _errors(lesson, dataset)


@st.fragment
def _errors(lesson: Lesson, dataset: Dataset) -> None:
    st.markdown(lesson.text("errors"))
    mended = state.get("mnist.mended", 0)
    _shapes(dataset, mended)
    for number, error in enumerate(ERRORS[:mended], 1):
        st.markdown(f"{number}. :material/check: `{_cure_line(error, dataset)}`")
    if mended < len(ERRORS):
        _error(lesson, dataset, mended)
    else:
        st.success(lesson.text("errors_done"), icon=":material/check_circle:")
    if mended or state.get("mnist.said", ""):
        st.button(
            "From the beginning",
            key="mnist.errors.restart",
            icon=":material/restart_alt:",
            on_click=_mend_to,
            args=(0,),
        )


def _shapes(dataset: Dataset, mended: int) -> None:
    """The shapes of the four arrays as they are after so many cures."""
    cured = {error.array for error in ERRORS[:mended]}
    names = ("train_images", "train_labels", "test_images", "test_labels")
    arrays = (dataset.x_train, dataset.y_train, dataset.x_test, dataset.y_test)
    lines = []
    for name, array in zip(names, arrays, strict=True):
        shape = str(cured_shape(array.shape) if name in cured else array.shape)
        mark = "✓ mended" if name in cured else ""
        lines.append(f"{name + '.shape':<18}  {shape:<16}  {mark}".rstrip())
    st.code("\n".join(lines), language=None)


def cured_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """What `reshape` makes of images' shape, and `to_categorical` of labels'."""
    return (shape[0], 28 * 28) if len(shape) == 3 else (shape[0], 10)


def _cure_line(error: Error, dataset: Dataset) -> str:
    """The line of Python that mends an error."""
    count = len(dataset.x_train if error.array.startswith("train") else dataset.x_test)
    if error.cure == "reshape":
        return f"{error.array} = {error.array}.reshape(({count}, 28 * 28))"
    return f"{error.array} = to_categorical({error.array})"


def _error(lesson: Lesson, dataset: Dataset, mended: int) -> None:
    """The next error: the line that fails, what Keras says of it, and the two cures."""
    error = ERRORS[mended]
    st.markdown(f"**{mended + 1} of {len(ERRORS)}**")
    st.code(error.call, language="python")
    asked = st.button(
        "Run this line", key=f"mnist.errors.run.{error.name}", icon=":material/play_arrow:"
    )
    if asked:
        with st.spinner("A worker runs it in Keras."):
            said = resources.mistake(_network_of(lesson), error.name)
        state.put("mnist.said", said or "")
        if said is None:
            st.info("The worker is still starting. Press again in a moment.")
    if not state.get("mnist.said", ""):
        return
    st.caption("Keras's own words:")
    st.code(state.get("mnist.said", ""), language=None, wrap_lines=True)
    st.markdown(lesson.text("errors_cure"))
    with st.container(horizontal=True):
        for cure in CURES:
            st.button(
                CURES[cure],
                key=f"mnist.errors.{cure}.{error.name}",
                on_click=_try_cure,
                args=(cure, mended),
                help=term("one-hot") if cure == "to_categorical" else None,
            )
    if state.get("mnist.miscured", "") == error.name:
        st.warning(lesson.text(f"errors_not_{error.cure}"), icon=":material/undo:")


def _network_of(lesson: Lesson) -> Experiment:
    """The lesson's own network, with the loss that wants one-hot labels."""
    return lesson.default.updated({"fit.loss": "categorical_crossentropy"})


def _try_cure(cure: str, mended: int) -> None:
    if cure == ERRORS[mended].cure:
        _mend_to(mended + 1)
    else:
        state.put("mnist.miscured", ERRORS[mended].name)


def _mend_to(mended: int) -> None:
    state.put("mnist.mended", mended)
    state.drop("mnist.said")
    state.drop("mnist.miscured")

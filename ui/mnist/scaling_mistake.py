"""Lesson 3, Ask: the mistake in the tutorial's full script, for the learner to find.

The script divides `x_train` by 255 and forgets `x_test`, so its validation loss makes no sense. The
network itself is trained correctly; only what it is measured on differs.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.evaluation import evaluate
from nncore.nn.network import Network
from ui.core import resources
from ui.core.keys import Key
from ui.core.wording import fixed
from ui.tools.epoch_log import write_metrics
from ui.workbench import side_runs, tables
from ui.workbench.lesson_page import LessonPage

#: The tutorial's epochs.
EPOCHS = 5
SCRIPT = """
x_train = x_train.reshape((60000, 28 * 28))
y_train = to_categorical(y_train)
x_train = x_train.astype('float32') / 255
x_test = x_test.reshape((10000, 28 * 28))
y_test = to_categorical(y_test)
model.fit(x_train, y_train, epochs=5, batch_size=128,
          validation_data=(x_test, y_test))
test_loss, test_acc = model.evaluate(x_test, y_test)
""".strip()
#: The explanations to choose from; the first one is right.
CAUSES = {
    "unscaled": "`x_test` is not prepared like `x_train`",
    "overfitting": "The network overfits",
    "diverged": "The learning rate is too large",
    "labels": "The labels of the test set are wrong",
}

OPEN = Key("mnist.forgotten", False)
CAUSE: Key[str | None] = Key("mnist.forgotten.cause", None)
RUN = Key("mnist.forgotten.run", False)
#: Where the session keeps the runs, one for each number of epochs.
RUNS = "mnist.forgotten_runs"


def show_scaling_mistake(page: LessonPage) -> None:
    """Draw the expander on the tutorial's full script; its content only while it is open."""
    title = "**Find the mistake**: the tutorial's full script"
    expander = st.expander(title, key=OPEN.name, on_change="rerun")
    if expander.open:
        with expander:
            _show_script(page)


def _show_script(page: LessonPage) -> None:
    dataset = resources.dataset(page.lesson.default.data)
    st.markdown(page.text("forgotten"))
    st.code(SCRIPT, language="python")
    if side_runs.under_way(RUNS):
        side_runs.follow(RUNS)
        return
    st.button(
        "Run the script",
        key=RUN.name,
        icon=":material/play_arrow:",
        on_click=_begin_runs,
        args=(page.lesson.default, dataset.fingerprint),
    )
    results = [run.peek().checkpoint for run in side_runs.runs(RUNS)]
    if len(results) == EPOCHS and all(checkpoint.finished for checkpoint in results):
        _show_log(page, results, dataset)


def _begin_runs(experiment: Experiment, fingerprint: str) -> None:
    """Train to the end of each epoch: with the same seed, each run continues the one before."""
    runs = [experiment.updated({"fit.epochs": epoch}) for epoch in range(1, EPOCHS + 1)]
    side_runs.begin(RUNS, runs, fingerprint)


def _show_log(page: LessonPage, results: Sequence[Checkpoint], dataset: Dataset) -> None:
    """Draw the script's printout, the question, and the explanation once it is found."""
    wrong = [evaluate_test_set(result, dataset, is_scaled=False) for result in results]
    st.code(write_log(results, wrong), language=None, wrap_lines=True)
    st.markdown(page.text("forgotten_question"))
    cause = st.radio(
        "What is wrong?",
        list(CAUSES),
        index=None,
        format_func=CAUSES.__getitem__,
        key=CAUSE.name,
        label_visibility="collapsed",
    )
    if cause is None:
        return
    icon = ":material/check_circle:" if cause == "unscaled" else ":material/undo:"
    (st.success if cause == "unscaled" else st.warning)(page.text(f"forgotten_{cause}"), icon=icon)
    if cause == "unscaled":
        right = [evaluate_test_set(result, dataset, is_scaled=True) for result in results]
        tables.show_table(_compare_measures(wrong, right), key="mnist.forgotten.table")


def evaluate_test_set(
    checkpoint: Checkpoint, dataset: Dataset, *, is_scaled: bool
) -> dict[str, float]:
    """Return loss and accuracy on the test set.

    Args:
        checkpoint: A run that was trained on pixels from 0 to 1.
        dataset: Its data.
        is_scaled: False to measure on pixels from 0 to 255, as the tutorial's script does.
    """
    experiment = checkpoint.experiment.updated({"data.scaled": is_scaled})
    network = Network.of(experiment, checkpoint.weights)
    return evaluate(network, experiment, dataset.x_test, dataset.y_test)


def write_log(results: Sequence[Checkpoint], measured: Sequence[dict[str, float]]) -> str:
    """Return what Keras prints for the script, as with `verbose=2`, without the times."""
    lines = []
    for epoch, (result, test) in enumerate(zip(results, measured, strict=True), 1):
        metrics = {name: result.history[name][-1] for name in ("accuracy", "loss")}
        metrics |= {f"val_{name}": test[name] for name in ("accuracy", "loss")}
        lines.append(f"Epoch {epoch}/{EPOCHS}{write_metrics(metrics)}")
    return "\n".join(lines)


def _compare_measures(
    wrong: Sequence[dict[str, float]], right: Sequence[dict[str, float]]
) -> dict[str, list[str]]:
    """Return the columns of a table: the script's validation numbers, and the fixed script's."""
    columns = {"epoch": [str(epoch) for epoch in range(1, EPOCHS + 1)]}
    for name in ("loss", "accuracy"):
        columns[f"val_{name}, as in the script"] = [fixed(row[name], 4) for row in wrong]
        columns[f"val_{name}, x_test / 255"] = [fixed(row[name], 4) for row in right]
    return columns

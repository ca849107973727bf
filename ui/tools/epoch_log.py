"""The log that Keras's `fit()` prints: one entry for each epoch, live, as verbose 0, 1 or 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import streamlit as st

from nncore.checkpoint import Checkpoint
from ui.core.keys import PageKey
from ui.workbench.run_view import View, steps

#: Width of the progress bar in characters: half of Keras's, so that it fits beside the curves.
BAR_WIDTH = 10
#: Epochs shown at most, the last ones: the log is redrawn several times a second.
MAX_EPOCHS = 30
VERBOSE = PageKey("verbose", 1)
_WORDS = {
    0: "`verbose=0` prints nothing: for scripts that run unattended.",
    1: "`verbose=1` draws a progress bar while an epoch runs. It is what you get by default.",
    2: "`verbose=2` prints one line when an epoch is over: for log files.",
}


def show_epoch_log(page: str, view: View) -> None:
    """Draw the choice of `verbose`, and the log of the page's run.

    Args:
        page: The page's name.
        view: The run on the page.
    """
    key = VERBOSE.on(page)
    verbose = st.segmented_control(
        "verbose", (0, 1, 2), key=key.name, default=key.default, required=True
    )
    log = (
        write_epoch_log(view.checkpoint, steps(view.checkpoint), verbose) if view.checkpoint else ""
    )
    st.code(log or " ", language=None, height=200, wrap_lines=True)
    st.caption(f"{_WORDS[verbose]} Keras adds the seconds; the rest is as it prints it.")


def write_epoch_log(checkpoint: Checkpoint, updates: int, verbose: int) -> str:
    """Return what Keras prints while it trains this run, without the times.

    Args:
        checkpoint: The run as it is now.
        updates: Updates in an epoch.
        verbose: 0, 1 or 2, as in `fit()`.
    """
    if not verbose:
        return ""
    entries = list(_finished_epochs(checkpoint, updates, verbose))
    if verbose == 1:
        entries += _epoch_under_way(checkpoint, updates)
    return "\n".join(entries[-MAX_EPOCHS:])


def _finished_epochs(checkpoint: Checkpoint, updates: int, verbose: int) -> Iterator[str]:
    """Yield the entry of each epoch that is over."""
    epochs, history = checkpoint.experiment.fit.epochs, checkpoint.history
    for place in range(len(history.get("loss", ()))):
        metrics = {name: column[place] for name, column in history.items()}
        bar = f" {'━' * BAR_WIDTH}" if verbose == 1 else ""
        yield f"Epoch {place + 1}/{epochs}\n{updates}/{updates}{bar}{write_metrics(metrics)}"


def _epoch_under_way(checkpoint: Checkpoint, updates: int) -> list[str]:
    """Return the entry of the epoch that is running, if its first numbers are there."""
    if not checkpoint.trace or checkpoint.trace[-1][0] <= checkpoint.epoch:
        return []
    share, loss, accuracy = checkpoint.trace[-1]
    step = round((share - checkpoint.epoch) * updates)
    done = BAR_WIDTH * step // updates
    bar = "━" * done + "─" * (BAR_WIDTH - done)
    epoch = f"Epoch {checkpoint.epoch + 1}/{checkpoint.experiment.fit.epochs}"
    metrics = write_metrics({"accuracy": accuracy, "loss": loss})
    return [f"{epoch}\n{step:>{len(str(updates))}}/{updates} {bar}{metrics}"]


def write_metrics(metrics: Mapping[str, float]) -> str:
    """Return metrics as Keras writes them, in the order of their names."""
    return "".join(f" - {name}: {_write_metric(metrics[name])}" for name in sorted(metrics))


def _write_metric(value: float) -> str:
    return f"{value:.4f}" if not abs(value) <= 1e-3 else f"{value:.4e}"

"""The same settings with other seeds: small runs of the session, and their curves side by side."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.network import Network
from ui.core import resources
from ui.rounding.extrapolation.curve import show_curve
from ui.rounding.extrapolation.seed_facts import SeedFacts, measure_seed, summarize_seeds
from ui.workbench import side_runs
from ui.workbench.run_view import View

#: The small runs' key, and how many there are.
RUNS, COUNT = "rounding.seeds", 5
COLUMNS = 3


def list_other_seeds(experiment: Experiment) -> list[Experiment]:
    """Return the same experiment with the next seeds."""
    seed = experiment.fit.seed
    return [
        experiment.updated({"fit.seed": (seed + number) % 2**32}) for number in range(1, COUNT + 1)
    ]


def show_other_seeds(
    shown: View, network: Network, dataset: Dataset, span: tuple[float, float]
) -> None:
    """Draw the button that trains other seeds, or what they predict.

    Args:
        shown: The page's run.
        network: Its network.
        dataset: Its data.
        span: Smallest and largest input of the curves.
    """
    wanted = list_other_seeds(shown.experiment)
    found = [find_checkpoint(experiment, dataset.fingerprint) for experiment in wanted]
    missing = [e for e, checkpoint in zip(wanted, found, strict=True) if _is_missing(checkpoint)]
    _show_training(wanted, missing, dataset.fingerprint)
    networks = [(shown.experiment, network)] + [
        (each.experiment, Network.of(each.experiment, each.weights)) for each in found if each
    ]
    if len(networks) > 1:
        facts = [measure_seed(experiment, each, dataset) for experiment, each in networks]
        st.markdown(summarize_seeds(facts))
        _show_curves(networks, facts, dataset, span)


def find_checkpoint(experiment: Experiment, fingerprint: str) -> Checkpoint | None:
    """Return the run of a seed: one of this session, else a stored one; None without weights."""
    for run in side_runs.runs(RUNS):
        found = run.peek().checkpoint
        if run.experiment == experiment and found.fingerprint == fingerprint and found.weights:
            return found
    return resources.stored(experiment, fingerprint)


def _is_missing(checkpoint: Checkpoint | None) -> bool:
    return checkpoint is None or not checkpoint.finished


def _show_training(
    wanted: Sequence[Experiment], missing: Sequence[Experiment], fingerprint: str
) -> None:
    """Draw the progress of the other seeds, or the button that trains the missing ones."""
    if any(run.experiment in wanted and not run.peek().state.over for run in side_runs.runs(RUNS)):
        side_runs.bar(RUNS)
        stop = f"{RUNS}.stop"
        st.button("Stop", key=stop, icon=":material/stop:", on_click=side_runs.end, args=(RUNS,))
    elif missing:
        label = f"Train {len(missing)} other seeds" if len(missing) > 1 else "Train the other seed"
        if st.button(label, key=f"{RUNS}.train", icon=":material/play_arrow:"):
            side_runs.begin(RUNS, missing, fingerprint, keep=True)
            st.rerun()


def _show_curves(
    networks: Sequence[tuple[Experiment, Network]],
    facts: Sequence[SeedFacts],
    dataset: Dataset,
    span: tuple[float, float],
) -> None:
    pairs = list(zip(networks, facts, strict=True))
    for begin in range(0, len(pairs), COLUMNS):  # rows keep their order on a phone
        row = pairs[begin : begin + COLUMNS]
        for column, ((experiment, network), each) in zip(st.columns(COLUMNS), row, strict=False):
            with column:
                name = f"**Seed {each.seed}**" + (" · this run" if each is facts[0] else "")
                st.markdown(f"{name}  \n{each.describe()}")
                key = f"rounding.seed.{each.seed - facts[0].seed}"
                show_curve(experiment, network, dataset, span, key, is_small=True)

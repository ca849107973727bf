"""The same settings with other seeds: their curves, and numbers that tell them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from nncore.analysis.decision_boundary import boundaries
from nncore.analysis.units import where_on
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.evaluation import evaluate
from nncore.nn.network import Network
from ui.core import resources, wording
from ui.rounding.extrapolation.curve import FAR, show_curve
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


class SeedFacts(NamedTuple):
    """Numbers about one seed's network.

    Attributes:
        seed: The seed.
        borders: Inputs at which the prediction changes.
        loss: Loss on all training numbers; NaN where the run diverged.
        dead: Number of dead units in the first layer; None where units cannot be dead.
        units: Number of units in the first layer.
        far: For each of `FAR`, whether the prediction there is right.
    """

    seed: int
    borders: tuple[float, ...]
    loss: float
    dead: int | None
    units: int
    far: tuple[bool, bool]

    def describe(self) -> str:
        """Return the facts as one line."""
        return " · ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        if len(self.borders) == 1:
            yield f"border {self.borders[0]:.3f}"
        else:
            yield f"{len(self.borders) or 'no'} borders"
        yield f"loss {wording.fixed(self.loss, 3)}"
        if self.dead is not None:
            yield f"{self.dead} of {self.units} dead"


def measure_seed(experiment: Experiment, network: Network, dataset: Dataset) -> SeedFacts:
    """Measure one seed's network.

    Args:
        experiment: Its settings.
        network: The network.
        dataset: The numbers it was trained on.
    """
    can_die = experiment.model.activation == "relu" and bool(experiment.model.units)
    scores = evaluate(network, experiment, dataset.x_train, dataset.y_train)
    is_right = network.predict(np.array(FAR)).argmax(axis=1) == (0, 1)
    return SeedFacts(
        experiment.fit.seed,
        boundaries(network),
        scores["loss"],
        where_on(network).count("never") if can_die else None,
        len(network.layers[0].bias),
        (bool(is_right[0]), bool(is_right[1])),
    )


def summarize_seeds(facts: Sequence[SeedFacts]) -> str:
    """Return how far the seeds differ, in one sentence of Markdown."""
    parts = list(_range_of_borders(facts))
    losses = [each.loss for each in facts if np.isfinite(each.loss)]
    if losses:
        parts.append(f"losses from {min(losses):.3f} to {max(losses):.3f}")
    if diverged := len(facts) - len(losses):
        parts.append(f"{diverged} diverged")
    dead = [each.dead for each in facts if each.dead is not None]
    if dead:
        parts.append(f"{min(dead)} to {max(dead)} of {facts[0].units} units dead")
    low, high = (sum(each.far[end] for each in facts) for end in (0, 1))
    parts.append(f"right at x = −10: {low} of {len(facts)}, at x = 10: {high} of {len(facts)}")
    return f"**{len(facts)} seeds:** {'; '.join(parts)}."


def _range_of_borders(facts: Sequence[SeedFacts]) -> Iterator[str]:
    borders = [each.borders[0] for each in facts if len(each.borders) == 1]
    if borders:
        yield f"borders from {min(borders):.3f} to {max(borders):.3f}"
    if len(borders) < len(facts):
        yield f"{len(facts) - len(borders)} without a single border"

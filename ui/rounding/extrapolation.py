"""What lesson 1's network says of numbers that it has never seen, and what other seeds say.

Each hidden unit bends its line in one place; beyond the last bend a relu network goes straight on,
whatever the truth is there. Other seeds are small runs of the session beside the page's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.decision_boundary import boundaries
from nncore.analysis.units import hinges, where_on
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.network import Network, evaluate
from ui.charts import decision
from ui.components import clock
from ui.content.lesson import Lesson
from ui.core import page_runs, resources
from ui.workbench import side_runs, tables
from ui.workbench.run_view import View, view_of

Array: TypeAlias = NDArray[Any]

PAGE, SEEDS = "rounding", "rounding.seeds"
#: How many other seeds.
OTHERS = 5
#: Small charts side by side.
ABREAST = 3
#: How far the curve goes, by what the buttons say.
RANGES = {"−10 to 10": (-10.0, 10.0), "−1 to 2": (-1.0, 2.0), "0 to 1": (0.0, 1.0)}
FAR = (-10.0, 10.0)
#: What is said of a unit, by where on the data its weighted sum is above 0.
RELU = {"never": "dead", "in part": "bends", "always": "always on"}
OTHER = {"never": "below 0", "in part": "crosses 0", "always": "above 0"}


class Facts(NamedTuple):
    """What tells networks of different seeds apart.

    Attributes:
        seed: The seed.
        borders: Where the answer changes from 0 to 1.
        loss: On all numbers that the page's data have.
        dead: How many units of the first layer are never on; None where units cannot be dead.
        units: How many units the first layer has.
        far: Whether the answers at both ends of `FAR` are right.
    """

    seed: int
    borders: tuple[float, ...]
    loss: float
    dead: int | None
    units: int
    far: tuple[bool, bool]

    @property
    def said(self) -> str:
        """The facts in a line."""
        return " · ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        if len(self.borders) == 1:
            yield f"border {self.borders[0]:.3f}"
        else:
            yield f"{len(self.borders) or 'no'} borders"
        yield f"loss {self.loss:.3f}"
        if self.dead is not None:
            yield f"{self.dead} of {self.units} dead"


# Numbers about a network.


def facts(experiment: Experiment, network: Network, dataset: Dataset) -> Facts:
    """What there is to compare of one seed's network."""
    dies = experiment.model.activation == "relu" and bool(experiment.model.units)
    scores = evaluate(network, experiment, dataset.x_train, dataset.y_train)
    answers = network.predict(np.array(FAR)).argmax(axis=1) == (0, 1)
    return Facts(
        experiment.fit.seed,
        boundaries(network),
        scores["loss"],
        where_on(network).count("never") if dies else None,
        len(network.layers[0].bias),
        (bool(answers[0]), bool(answers[1])),
    )


def spread(found: Sequence[Facts]) -> str:
    """How far seeds lie apart, in one sentence."""
    borders = [one.borders[0] for one in found if len(one.borders) == 1]
    parts = []
    if borders:
        parts.append(f"borders from {min(borders):.3f} to {max(borders):.3f}")
    if len(borders) < len(found):
        parts.append(f"{len(found) - len(borders)} without a single border")
    losses = [one.loss for one in found]
    parts.append(f"losses from {min(losses):.3f} to {max(losses):.3f}")
    dead = [one.dead for one in found if one.dead is not None]
    if dead:
        parts.append(f"{min(dead)} to {max(dead)} of {found[0].units} units dead")
    low, high = (sum(one.far[end] for one in found) for end in (0, 1))
    parts.append(f"right at x = −10: {low} of {len(found)}, at x = 10: {high} of {len(found)}")
    return f"**{len(found)} seeds:** {'; '.join(parts)}."


def places(network: Network, low: float, high: float) -> Array:
    """Inputs to draw a curve through: more of them near the data, and at both sides of a border."""
    borders = np.array(boundaries(network, low, high))
    close = np.linspace(max(low, -1.0), min(high, 2.0), 151)
    beside_borders = np.concatenate([borders - 1e-4, borders + 1e-4]).clip(low, high)
    return np.unique(np.concatenate([np.linspace(low, high, 201), close, beside_borders]))


# What is drawn.


def outside(lesson: Lesson, experiment: Experiment, dataset: Dataset) -> None:
    """The tool: the curve far beyond the data, the units' bends, and other seeds.

    Args:
        lesson: Whose texts.
        experiment: The page's settings.
        dataset: The data that they ask for.
    """
    moving = _moving()

    @clock.every(side_runs.POLL if moving else None, key="rounding.outside.clock")
    def look() -> None:
        if moving and not _moving():
            st.rerun()
        shown = view_of(page_runs.get_run(lesson.name), experiment, dataset)
        st.markdown(lesson.text("outside"))
        if shown.network is None:
            st.info(lesson.text("outside_untrained"), icon=":material/arrow_upward:")
        else:
            _draw(lesson, shown, shown.network)

    look()


def _moving() -> bool:
    """Whether what is drawn may change by itself."""
    run = page_runs.get_run(PAGE)
    return side_runs.under_way(SEEDS) or (run is not None and run.peek().state.active)


def _draw(lesson: Lesson, shown: View, network: Network) -> None:
    chosen = st.segmented_control(
        "Inputs",
        list(RANGES),
        default=next(iter(RANGES)),
        required=True,
        key="rounding.reach",
        persist_state="session",
        label_visibility="collapsed",
    )
    span = RANGES[chosen]
    dataset = resources.dataset(shown.experiment.data)
    left, right = st.columns([1.1, 1], gap="medium")
    with left:
        bends = _bends(shown.experiment, network)
        _curve(shown.experiment, network, dataset, span, "rounding.outside", bends=bends)
        st.caption(lesson.text("outside_key"))
        st.markdown(_ends(network, dataset))
    with right:
        _units(lesson, shown.experiment, network)
    st.markdown(lesson.text("outside_seeds"))
    _seeds(shown, network, dataset, span)


def _curve(
    experiment: Experiment,
    network: Network,
    dataset: Dataset,
    span: tuple[float, float],
    key: str,
    *,
    bends: Sequence[tuple[float, str]] = (),
    small: bool = False,
) -> None:
    x = places(network, *span)
    chart = decision.outside_curve(
        x,
        network.predict(x),
        experiment.data.threshold,
        dataset.class_names,
        bends=bends,
        height=140 if small else 250,
        legend=not small,
    )
    st.vega_lite_chart(*chart, key=key, height=140 if small else 250)


def _bends(experiment: Experiment, network: Network) -> list[tuple[float, str]]:
    """Where the units bend, and which one does; a straight line bends nowhere."""
    if not experiment.model.units or experiment.model.activation == "linear":
        return []
    found = enumerate(hinges(network).tolist())
    return [(at, f"unit {unit}") for unit, at in found if np.isfinite(at)]


def _ends(network: Network, dataset: Dataset) -> str:
    """What the network answers far outside, and whether that is right."""
    lines = []
    for at, outputs, truth in zip(FAR, network.predict(np.array(FAR)), (0, 1), strict=True):
        answer = int(outputs.argmax())
        verdict = "✓ right" if answer == truth else "✗ wrong"
        values = " and ".join(f"{value:.3g}" for value in outputs)
        name = dataset.class_names[answer]
        lines.append(f"At **x = {at:.0f}** it says {values}: **{name}**, {verdict}.")
    return "  \n".join(lines).replace("= -", "= −")


def _units(lesson: Lesson, experiment: Experiment, network: Network) -> None:
    """The first hidden layer's units: where each bends, and what it does on the data."""
    kind = experiment.model.activation
    if not experiment.model.units or kind == "linear":
        st.markdown(lesson.text("outside_straight"))
        return
    first, where = network.layers[0], where_on(network)
    words = RELU if kind == "relu" else OTHER
    lines = zip(first.kernel[0].tolist(), first.bias.tolist(), strict=True)
    columns = {
        "unit": list(range(len(where))),
        "weight": first.kernel[0].astype(float).round(3),
        "bias": first.bias.astype(float).round(3),
        "above 0 where": [above(weight, bias) for weight, bias in lines],
        "from 0 to 1": [words[name] for name in where],
    }
    height = 35 * (min(len(where), 8) + 1) + 3
    tables.show_table(columns, key="rounding.units_table", height=height)
    counts = {name: where.count(name) for name in RELU}
    numbers = {"dead": counts["never"], "always": counts["always"], "inside": counts["in part"]}
    text = "outside_relu" if kind == "relu" else "outside_other"
    st.caption(lesson.text(text, units=len(where), activation=kind, **numbers))


def above(weight: float, bias: float) -> str:
    """Where a unit's weighted sum is above 0, in words."""
    if weight == 0:
        return "everywhere" if bias > 0 else "nowhere"
    return f"x {'>' if weight > 0 else '<'} {0 - bias / weight:.3f}".replace("-", "−")


# Other seeds.


def others(experiment: Experiment) -> list[Experiment]:
    """The same experiment with the next seeds."""
    seed = experiment.fit.seed
    return [
        experiment.updated({"fit.seed": (seed + number) % 2**32}) for number in range(1, OTHERS + 1)
    ]


def _known(experiment: Experiment, fingerprint: str) -> Checkpoint | None:
    """The run of a seed: this session's, under way or over, else a stored one."""
    for run in side_runs.runs(SEEDS):
        found = run.peek().checkpoint
        if run.experiment == experiment and found.fingerprint == fingerprint and found.weights:
            return found
    return resources.stored(experiment, fingerprint)


def _seeds(shown: View, network: Network, dataset: Dataset, span: tuple[float, float]) -> None:
    wanted = others(shown.experiment)
    known = [_known(experiment, dataset.fingerprint) for experiment in wanted]
    missing = [e for e, found in zip(wanted, known, strict=True) if _unfinished(found)]
    _queue(wanted, missing, dataset.fingerprint)
    networks = [(shown.experiment, network)] + [
        (found.experiment, Network.of(found.experiment, found.weights)) for found in known if found
    ]
    if len(networks) > 1:
        found = [facts(experiment, each, dataset) for experiment, each in networks]
        st.markdown(spread(found))
        _multiples(networks, found, dataset, span)


def _unfinished(found: Checkpoint | None) -> bool:
    return found is None or not found.finished


def _queue(wanted: Sequence[Experiment], missing: Sequence[Experiment], fingerprint: str) -> None:
    """How far the other seeds are, or the button that trains those that are not there."""
    if any(run.experiment in wanted and not run.peek().state.over for run in side_runs.runs(SEEDS)):
        side_runs.bar(SEEDS)
        stop = f"{SEEDS}.stop"
        st.button("Stop", key=stop, icon=":material/stop:", on_click=side_runs.end, args=(SEEDS,))
    elif missing:
        label = f"Train {len(missing)} other seeds" if len(missing) > 1 else "Train the other seed"
        if st.button(label, key=f"{SEEDS}.train", icon=":material/play_arrow:"):
            side_runs.begin(SEEDS, missing, fingerprint, keep=True)
            st.rerun()


def _multiples(
    networks: Sequence[tuple[Experiment, Network]],
    found: Sequence[Facts],
    dataset: Dataset,
    span: tuple[float, float],
) -> None:
    pairs = list(zip(networks, found, strict=True))
    for begin in range(0, len(pairs), ABREAST):  # rows keep their order on a phone
        row = pairs[begin : begin + ABREAST]
        for column, ((experiment, network), one) in zip(st.columns(ABREAST), row, strict=False):
            with column:
                name = f"**Seed {one.seed}**" + (" · this run" if one is found[0] else "")
                st.markdown(f"{name}  \n{one.said}")
                key = f"rounding.seed.{one.seed - found[0].seed}"
                _curve(experiment, network, dataset, span, key, small=True)

"""Estimate what 100, 1,000 and 10,000 learners need, and what gives way first.

    python -m benchmarks.scale

A simulation, not a measurement. Each part of the lab (a server process, a machine that trains, a
scheduler) is a queue: requests come at random, wait for their turn, and take the time that was
measured. The parts do not disturb each other, since each has its own machine.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RESULTS = Path(__file__).with_name("results")
#: Simulated seconds; the first tenth, in which the queues fill, does not count.
DURATION = 3600.0
LEARNERS = (100, 1_000, 10_000)


@dataclass(frozen=True)
class Inputs:
    """Measured costs in seconds, and how learners behave.

    Args:
        page: A page's rerun after a click (`classroom`: one visitor more, one session).
        poll: A rerun of the part of a page that follows a run (79 a second in one process).
        run: A run of a lesson on a machine of two cores (`classroom`: 30 sessions).
        handling: A slice's way to a worker and back, all of it taken for work of the scheduler,
            which overstates it.
        slice_length: What a worker computes at once.
        polls_per_second: Updates of a page that follows a run (`page`: frames a second).
        between_clicks: Seconds between two clicks of a learner; assumed.
        between_runs: Seconds between two runs of a learner; assumed.
        tab_megabytes: Memory of one more tab (`classroom`: 30 sessions less 1).
    """

    page: float
    poll: float
    run: float
    handling: float = 0.011
    slice_length: float = 0.2
    polls_per_second: float = 2.4
    between_clicks: float = 15.0
    between_runs: float = 60.0
    tab_megabytes: float = 15.0

    @classmethod
    def measured(cls) -> Inputs:
        """Return the inputs as the results of the other benchmarks have them."""
        found = json.loads((RESULTS / "classroom.json").read_text(encoding="utf-8"))
        rows = {row["name"].partition(": median of")[0]: row["value"] for row in found["rows"]}
        first, last = (rows[f"{n}: memory of all processes, peak"] for n in _SESSIONS)
        return cls(
            page=rows["1 session: one visitor more, answer"],
            poll=1 / 79,
            run=rows["30 sessions: until the last is done"] / 30,
            tab_megabytes=(last - first) / 29,
        )


_SESSIONS = ("1 session", "30 sessions")


@dataclass(frozen=True)
class Part:
    """A part of the lab that there can be several of.

    Args:
        name: What one of them is called.
        kinds: How often each kind of request comes from one learner, per second, and the seconds
            that it takes.
        limit: Seconds in which 95% of the requests must be answered.
    """

    name: str
    kinds: tuple[tuple[float, float], ...]
    limit: float

    def response(self, learners: int, seed: int = 0) -> float:
        """Return the 95th percentile of the seconds from request to answer, at one such part."""
        if self.load(learners) >= 1:
            return math.inf
        random = np.random.default_rng(seed)
        rates = np.array([rate for rate, _ in self.kinds]) * learners
        count = max(100, int(rates.sum() * DURATION))
        gaps = random.exponential(1 / rates.sum(), count)
        kinds = random.choice(len(rates), count, p=rates / rates.sum())
        times = np.array([seconds for _, seconds in self.kinds])[kinds]
        waits = _waits(gaps, times)
        return float(np.quantile((waits + times)[count // 10 :], 0.95))

    def load(self, learners: int) -> float:
        """Return the share of the time in which the part is busy."""
        return learners * sum(rate * seconds for rate, seconds in self.kinds)

    def capacity(self) -> int:
        """Return how many learners one such part can serve within its limit."""
        low, high = 0, 2
        while self.response(high) <= self.limit:
            low, high = high, 2 * high
        while high - low > max(1, low // 100):
            middle = (low + high) // 2
            low, high = (middle, high) if self.response(middle) <= self.limit else (low, middle)
        return low


def _waits(gaps: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how long each request waits in one queue (Lindley's recursion).

    Args:
        gaps: Seconds between each request and the one before, (n,).
        times: Seconds that each takes, (n,).
    """
    steps = np.concatenate(([0.0], times[:-1] - gaps[1:])).cumsum()
    waits: NDArray[np.float64] = steps - np.minimum.accumulate(steps)
    return waits


def list_parts(inputs: Inputs) -> tuple[Part, ...]:
    """Return the parts of the lab with what each learner asks of them."""
    runs = 1 / inputs.between_runs
    # A run waits for others as well, so its page follows it for about twice its time.
    polls = runs * 2 * inputs.run * inputs.polls_per_second
    slices = runs * inputs.run / inputs.slice_length
    return (
        Part(
            "server process", ((1 / inputs.between_clicks, inputs.page), (polls, inputs.poll)), 1.0
        ),
        Part("training machine, 2 cores", ((runs, inputs.run),), 10.0),
        Part("scheduler", ((slices, inputs.handling),), 0.2),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print how many of each part the learners need."""
    argparse.ArgumentParser(prog="python -m benchmarks.scale").parse_args(arguments)
    inputs = Inputs.measured()
    print(inputs)
    print(f"{'':28}{'learners each':>14}" + "".join(f"{n:>9,}" for n in LEARNERS))
    for part in list_parts(inputs):
        each = part.capacity()
        needed = "".join(f"{math.ceil(n / each):>9,}" for n in LEARNERS)
        print(f"{part.name:28}{each:>14,}{needed}")
    memory = "".join(f"{n * inputs.tab_megabytes / 1000:>9,.1f}" for n in LEARNERS)
    print(f"{'memory of all tabs, GB':28}{'':>14}{memory}")


if __name__ == "__main__":
    main()

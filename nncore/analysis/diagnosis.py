"""The diagnosis of a finished run: which faults it has, the worst first, with one remedy each.

The facts are in `run_facts`, the rules in `faults`, the remedies in `remedies`. Nothing is trained
here: whether a remedy helps is seen by training with it.
"""

from __future__ import annotations

from dataclasses import replace

from nncore.analysis.faults import RULES, RUNAWAY_RULES, Fault
from nncore.analysis.run_facts import Array, RunFacts
from nncore.checkpoint import Checkpoint


def diagnose(checkpoint: Checkpoint, x: Array, y: Array) -> tuple[Fault, ...]:
    """Return the faults of a finished run, the worst first.

    Args:
        checkpoint: Where the run ended: history, weights, failure.
        x: Samples that the network was not trained on, as for `Network.prepare`;
            `nncore.analysis.run_facts.choose_samples` chooses some.
        y: (n,) their class numbers.

    Returns:
        No fault for a run without weights. If the weights ran away, that fault alone: everything
        else about such a network is its consequence.
    """
    if not checkpoint.weights:
        return ()
    facts = RunFacts(checkpoint, x, y)
    for rule in RUNAWAY_RULES.values():
        runaway = rule(facts)
        if runaway is not None:
            return (runaway,)
    faults = [fault for rule in RULES.values() if (fault := rule(facts)) is not None]
    if len(faults) > 1 and faults[0].name == "below_baseline":  # the second one is its cause
        faults[0] = replace(faults[0], remedy=faults[1].remedy)
    return tuple(faults)

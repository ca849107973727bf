"""How much memory the work of a tab takes: every network that any of its values holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nncore.byte_cache import parts_of
from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.run import Run
from ui.core import run_ledger


def bytes_of(values: Iterable[object]) -> int:
    """Return the bytes of all checkpoints that some values hold; one held twice counts once.

    Args:
        values: What a tab holds: runs, groups of runs, the ledger, branches, anything.
    """
    found = {id(one): one for value in values for one in _find_checkpoints(value)}
    return sum(map(run_ledger.size_of, found.values()))


def _find_checkpoints(value: Any) -> Iterator[Checkpoint]:
    if isinstance(value, Run):
        yield value.job.checkpoint
    elif isinstance(value, Checkpoint):
        yield value
    elif not isinstance(value, Experiment):
        for part in parts_of(value):
            yield from _find_checkpoints(part)

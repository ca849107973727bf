"""A process with a lab that `fault_stage.py` starts, commands and kills.

It reads one JSON object a line and answers each with one: `{"do": "train", "settings": {...}}`.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nncore import environment
from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.experiment import Experiment
from nncore.runtime.lab import Lab
from nncore.runtime.run import Run
from nncore.runtime.store import Store


class RecordingStore(Store):
    """A store that counts what it has taken: on a full disk the next run may push it out again."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.taken: Counter[str] = Counter()

    def put(self, checkpoint: Checkpoint, keras_bytes: bytes | None, source: str) -> str:
        """Store a finished run."""
        key = super().put(checkpoint, keras_bytes, source)
        self.taken[checkpoint.experiment.digest] += 1
        return key


class Host:
    """Carries out commands; each method is one, and its arguments are the command's."""

    def __init__(self) -> None:
        self._store = RecordingStore(environment.cache_dir() / "models")
        self._lab = Lab(self._store)
        self._lab.start()
        self._runs: list[Run] = []
        self._taken_before: list[int] = []

    def answer(self, command: Mapping[str, Any]) -> object:
        """Carry out the command that `do` names."""
        arguments = {name: value for name, value in command.items() if name != "do"}
        return getattr(self, command["do"])(**arguments)

    def train(self, settings: Mapping[str, Any], rate: float | None = None) -> int:
        """Start a run in a session of its own, and return its number."""
        experiment = read_experiment(settings)
        start = Checkpoint(experiment, datasets.load(experiment.data).fingerprint)
        number = len(self._runs)
        self._taken_before.append(self._store.taken[experiment.digest])
        self._runs.append(self._lab.runner.submit(f"learner {number}", start, rate=rate))
        return number

    def look(self, number: int) -> dict[str, object]:
        """Return the state of a run, and the digest of its result if it is over."""
        progress = self._runs[number].progress()
        is_over = progress.state.over
        return {
            "state": progress.state.value,
            "is_over": is_over,
            "updates": progress.checkpoint.updates,
            "note": progress.note,
            "is_taken": self._is_taken(number),
            "digest": digest_of(progress.checkpoint) if is_over else "",
        }

    def _is_taken(self, number: int) -> bool:
        """Return True if the store has taken a run of this experiment since this one began."""
        digest = self._runs[number].experiment.digest
        return self._store.taken[digest] > self._taken_before[number]

    def status(self) -> dict[str, object]:
        """Return what the sidebar says."""
        status = self._lab.status
        return {"ready": status.ready, "sentence": status.sentence, "slots": self._lab.slots}

    def stored(self, settings: Mapping[str, Any]) -> str:
        """Return the digest of a stored run, and an empty text if there is none."""
        experiment = read_experiment(settings)
        entry = self._store.get(experiment, datasets.load(experiment.data).fingerprint)
        self._store.entries()  # the list must not fail, whatever is damaged
        return "" if entry is None else digest_of(entry.checkpoint)

    def close(self) -> bool:
        """End the lab."""
        self._lab.close()
        return True


def read_experiment(settings: Mapping[str, Any]) -> Experiment:
    """Return the experiment of settings that came as JSON."""
    lists = {name: tuple(value) for name, value in settings.items() if isinstance(value, list)}
    return Experiment.from_settings({**settings, **lists})


def digest_of(checkpoint: Checkpoint) -> str:
    """Return the SHA-256 of all that training has computed: weights, optimizer, history, trace."""
    digest = hashlib.sha256()
    for array in (*checkpoint.weights, *checkpoint.slots, *checkpoint.counters):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(repr((checkpoint.updates, checkpoint.history, checkpoint.trace)).encode())
    return digest.hexdigest()


def main() -> None:
    """Answer until the other end of the pipe is closed."""
    commands, answers = sys.stdin, os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # nothing else may write between the answers
    host = Host()
    for line in commands:
        answers.write(json.dumps(host.answer(json.loads(line))) + "\n")
        answers.flush()
    host.close()


if __name__ == "__main__":
    main()

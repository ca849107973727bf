"""A reader: a network that reads drawings, or will once it is trained."""

from __future__ import annotations

from dataclasses import dataclass

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset, DataUnavailable
from nncore.experiment import Experiment
from nncore.nn.network import Network
from nncore.runtime.jobs import Progress
from nncore.runtime.lab import OWN_SESSION
from nncore.runtime.run import Run
from nncore.runtime.store import Record
from ui.core import resources

#: The lesson whose run of this session can read too, and its name in the list of readers.
OTHER_PAGE, OTHER_NAME = "mnist", "your run in lesson 3"
#: The name in the list of a network that was trained further on the learner's own digits.
BRANCH = "yours, with your own digits"
#: The name in the list of the network that the learner's class has trained on its digits.
CLASS_NAME = "your class"


@dataclass(frozen=True)
class Reader:
    """A network that reads drawings, or will once it is trained.

    Args:
        experiment: Its settings.
        fingerprint: The fingerprint of its training data.
        source: One sentence on that data.
        record: Its entry in the store, if it is stored.
        run: The run that trains or trained it, if it is not stored.
        name: Its origin, such as `"this page"`; may be empty.
        branch: The checkpoint of a network that was trained further on own digits.
    """

    experiment: Experiment
    fingerprint: str
    source: str
    record: Record | None = None
    run: Run | None = None
    name: str = ""
    branch: Checkpoint | None = None

    @property
    def key(self) -> str:
        """Identifies the reader in the list."""
        key = f"{self.experiment.digest}-{self.fingerprint}"
        if self.branch is not None:
            return f"{key}-class" if self.name == CLASS_NAME else f"{key}-branch"
        checkpoint = self.checkpoint if self.name == OTHER_NAME else None
        differs = checkpoint is not None and (bool(checkpoint.edits) or not checkpoint.finished)
        return f"{key}-{OTHER_PAGE}" if differs else key

    @property
    def progress(self) -> Progress | None:
        """The progress of its run; None without a run."""
        if self.run is None:
            return None
        # Polling a run makes its slices short, which costs a third of the time for a network of
        # this size. The lab's own run has a minute of work to do, so it is only peeked at.
        return self.run.peek() if self.is_from_lab else self.run.progress()

    @property
    def is_learning(self) -> bool:
        """True while it is being trained or waits for it."""
        return self.run is not None and self.run.peek().state.active

    @property
    def is_from_lab(self) -> bool:
        """True if the lab trains it for all visitors."""
        return self.run is not None and self.run.session == OWN_SESSION

    @property
    def checkpoint(self) -> Checkpoint | None:
        """Its current weights and history; None before there are any."""
        if self.branch is not None:
            return self.branch
        if self.record is not None:
            return resources.trained(self.record)
        checkpoint = None if self.run is None else self.run.peek().checkpoint
        return checkpoint if checkpoint is not None and checkpoint.weights else None

    @property
    def is_final(self) -> bool:
        """True if it has weights that no longer change."""
        return self.record is not None or (not self.is_learning and self.checkpoint is not None)

    def load_checkpoint(self) -> Checkpoint:
        """Return its current weights and history.

        Raises:
            LookupError: If it has no weights.
        """
        checkpoint = self.checkpoint
        if checkpoint is None:
            raise LookupError(self.key)
        return checkpoint

    @property
    def network(self) -> Network | None:
        """The network in NumPy; None before it has weights."""
        checkpoint = self.checkpoint
        return None if checkpoint is None else Network.of(checkpoint.experiment, checkpoint.weights)

    @property
    def sizes(self) -> str:
        """Its layers' sizes, such as `"784-32-10"`."""
        return "-".join(map(str, self.experiment.layer_sizes))

    def load(self) -> Network:
        """Return the network in NumPy.

        Raises:
            LookupError: If it has no weights.
        """
        checkpoint = self.load_checkpoint()
        return Network.of(checkpoint.experiment, checkpoint.weights)


def from_run(run: Run, name: str = "") -> Reader:
    """Return the reader that a run trains."""
    checkpoint = run.peek().checkpoint
    experiment, fingerprint = checkpoint.experiment, checkpoint.fingerprint
    return Reader(experiment, fingerprint, _source_of(experiment, fingerprint), run=run, name=name)


def from_branch(branch: Checkpoint, name: str = BRANCH) -> Reader:
    """Return the reader that further training on the learner's, or the class's, digits made."""
    source = _source_of(branch.experiment, branch.fingerprint)
    return Reader(branch.experiment, branch.fingerprint, source, name=name, branch=branch)


def checkpoint_key(reader: Reader) -> str:
    """Identify a reader together with its training progress."""
    found = None if reader.record is not None else reader.checkpoint
    return f"{reader.key}-{found and (found.epoch, found.step, found.edits)}"


def dataset_of(reader: Reader) -> Dataset | None:
    """Return a reader's training data; None if this lab no longer has it."""
    return _load(reader.experiment, reader.fingerprint)


def _source_of(experiment: Experiment, fingerprint: str) -> str:
    dataset = _load(experiment, fingerprint)
    return dataset.source if dataset else ""


def _load(experiment: Experiment, fingerprint: str) -> Dataset | None:
    """Return an experiment's data if they have this fingerprint."""
    try:
        dataset = resources.dataset(experiment.data)
    except DataUnavailable:
        return None
    return dataset if dataset.fingerprint == fingerprint else None

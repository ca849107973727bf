"""The readers that a learner can choose: the page's own, those of this session, the stored ones.

The page's own reader has the page's experiment. The lab trains the lesson's default once for all
visitors, as soon as someone opens the page. That takes a minute. Until it reads well, a small
network that takes a few seconds to train, or a better stored one, reads in its place. A learner
who changes the settings trains the network in their own session.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.data.splits import updates_per_epoch
from nncore.experiment import Experiment
from nncore.runtime.store import Record
from ui.content.settings import word_changes
from ui.core import cached_results, page_runs, resources, server, state
from ui.core.keys import Key
from ui.draw.reader import (
    CLASS_NAME,
    OTHER_NAME,
    OTHER_PAGE,
    Reader,
    checkpoint_key,
    dataset_of,
    from_branch,
    from_run,
)
from ui.membership import class_reader
from ui.workbench.lesson_page import LessonPage

PAGE = "draw"
#: The checkpoint that further training on the learner's own digits made.
BRANCH = Key[Checkpoint | None]("draw.branch", None, "tab")
#: The most stored networks to offer, the newest first.
MOST_STORED = 50
#: Seconds that one run of the page may spend on measuring accuracies; the next run goes on.
MEASURING = 0.3
#: How many differences from another network of the same shape a line names.
MOST_DIFFERENCES = 2
#: The small network that reads in the meantime, and its number of updates: two seconds, after
#: which it reads about 96 of 100 test images.
SMALL = {"model.units": (100,), "fit.batch_size": 128, "fit.augment": "affine_thickness"}
UPDATES = 1_400


def list_readers(page: LessonPage) -> dict[str, Reader]:
    """Return all readers by key, the page's own first. Starts training the default reader."""
    records = resources.records()
    own = _own_reader(page, records)
    readers: dict[str, Reader] = {}
    for reader in (own, *_stored_readers(records), *_session_readers()):
        readers.setdefault(reader.key, reader)
    return readers


def _own_reader(page: LessonPage, records: Iterable[Record]) -> Reader:
    experiment, dataset = page.experiment, page.dataset
    reader = Reader(experiment, dataset.fingerprint, dataset.source, name="this page")
    record = next((record for record in records if record.key == reader.key), None)
    if record is not None and resources.trained(record) is not None:
        return replace(reader, record=record)
    if experiment == page.lesson.default:
        reader = replace(reader, run=server.lab().shared(experiment, dataset.fingerprint))
        if reader.is_learning:
            small_reader(experiment, dataset, records)  # starts its training too
        return reader
    run = page_runs.get_run(PAGE)
    differs = run is None or from_run(run).key != reader.key
    return reader if differs else replace(reader, run=run)


def small_reader(default: Experiment, dataset: Dataset, records: Iterable[Record]) -> Reader:
    """Return the small network that reads while the default learns. The lab trains it too."""
    shape = default.updated(SMALL)
    epochs = max(1, round(UPDATES / updates_per_epoch(len(dataset.x_train), shape.fit)))
    experiment = shape.updated({"fit.epochs": min(epochs, default.fit.epochs)})
    reader = Reader(experiment, dataset.fingerprint, dataset.source)
    record = next((record for record in records if record.key == reader.key), None)
    if record is not None and resources.trained(record) is not None:
        return replace(reader, record=record)
    return replace(reader, run=server.lab().shared(reader.experiment, reader.fingerprint))


def find_stand_in(reader: Reader, dataset: Dataset) -> Reader:
    """Return the reader to use now: the chosen one, or a better one until that has learnt more.

    Only the lab's own training gets a stand-in: a learner who trains other settings wants to watch
    them learn. The chosen reader's accuracy so far is measured on distorted training images, the
    others' on test images, which are easier. So accuracy does not drop when the chosen one takes
    over.

    Args:
        reader: The chosen reader.
        dataset: The page's data.
    """
    if not (reader.is_learning and reader.is_from_lab):
        return reader
    records = resources.records()
    others = (small_reader(reader.experiment, dataset, records), *_stored_readers(records))
    ready = [r for r in others if r.is_final and r.fingerprint == reader.fingerprint]
    known = measure_accuracies(ready)
    best = max(ready, key=lambda other: known.get(other.key, 0.0), default=reader)
    return best if known.get(best.key, 0.0) > _recent_accuracy(reader) else reader


def _recent_accuracy(reader: Reader) -> float:
    """Return the accuracy on the latest training images, 0 to 1."""
    checkpoint = reader.checkpoint
    return checkpoint.trace[-1][2] if checkpoint is not None and checkpoint.trace else 0.0


def _stored_readers(records: Iterable[Record]) -> Iterator[Reader]:
    usable = (r for r in records if _reads_digits(r.experiment) and not r.failure)
    for record in islice(usable, MOST_STORED):
        yield Reader(record.experiment, record.fingerprint, record.source, record)


def _session_readers() -> Iterator[Reader]:
    run = page_runs.get_run(OTHER_PAGE)
    if run is not None and _reads_digits(run.experiment):
        reader = from_run(run, OTHER_NAME)
        if reader.checkpoint is not None:
            yield reader
    branch = state.get(BRANCH)
    if branch is not None:
        yield from_branch(branch)
    ours = class_reader.find_class_reader()
    if ours is not None:
        yield from_branch(ours, CLASS_NAME)


def _reads_digits(experiment: Experiment) -> bool:
    return experiment.data.name == "digits"


def measure_accuracies(readers: Iterable[Reader]) -> dict[str, float]:
    """Return test accuracies, 0 to 1, by key.

    Unknown ones are measured until the time is up. A reader that is learning, or whose training
    data this lab no longer has, is left out.
    """
    end = time.monotonic() + MEASURING
    accuracies = {}
    for reader in readers:
        dataset = dataset_of(reader)
        if dataset is not None and reader.is_final and time.monotonic() < end:
            with suppress(LookupError):  # removed from the store since it was listed
                key = checkpoint_key(reader)
                load = reader.load_checkpoint
                accuracies[reader.key] = cached_results.accuracy(key, load, dataset)
    return accuracies


def label(reader: Reader, accuracy: float | None) -> str:
    """Describe a reader in one line: its layers, data and test accuracy, and who trained it."""
    images = reader.source.split(" training images")[0].split(": ")[-1]
    distorted = "" if reader.experiment.fit.augment == "none" else ", distorted"
    if reader.is_final:
        quality = "trained" if accuracy is None else f"{accuracy:.1%} test accuracy"
    else:
        quality = "still learning" if reader.is_learning else "not trained yet"
    origin = reader.name or ("" if reader.record is None else _when(reader.record))
    name = f" ({origin})" if origin else ""
    return f"{reader.sizes} · {images} images{distorted} · {quality}{name}"


def _when(record: Record) -> str:
    return f"trained in this lab, {record.created:%d %b %H:%M} UTC"


def label_all(readers: Mapping[str, Reader]) -> dict[str, str]:
    """Return a line for each reader.

    Networks of the same shape also say how their settings differ from those of the first one. Where
    two lines would still be the same, they are numbered.
    """
    accuracies = measure_accuracies(readers.values())
    labels: dict[str, str] = {}
    first: dict[str, Reader] = {}
    for key, reader in readers.items():
        like = first.setdefault(reader.sizes, reader)
        differs = word_changes(like.experiment, reader.experiment)[:MOST_DIFFERENCES]
        line = " · ".join([label(reader, accuracies.get(key)), *differs])
        labels[key] = number_name(line, labels.values())
    return labels


def number_name(name: str, taken: Iterable[str]) -> str:
    """Return a name that is not taken: the name, or the name with a number."""
    alike = sum(other.split(" · no. ")[0] == name for other in taken)
    return f"{name} · no. {alike + 1}" if alike else name

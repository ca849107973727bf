"""The reader that a class has trained on its digits: packed, checked, and offered in lesson 4."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from itertools import pairwise

import numpy as np

from nncore.checkpoint import Checkpoint, CheckpointError
from ui.class_store.errors import ClassError
from ui.class_store.limits import MOST_READER_BYTES
from ui.core import resources, state
from ui.core.keys import Key
from ui.membership import feed
from ui.membership.feed import Feed

#: Arrays and texts that the file of a reader has at most.
MOST_PARTS = 40
#: The class, the number of its last card, and the reader that was read then.
_READ = Key[tuple[str, int, Checkpoint | None]]("class.reader", ("", -1, None))


def pack(checkpoint: Checkpoint) -> bytes:
    """Return the weights and the settings of a network as bytes."""
    bare = replace(checkpoint, slots=(), counters=(), film=(), trace=(), aside=(), history={})
    return bare.to_bytes()


def unpack(data: bytes) -> Checkpoint:
    """Return the network that `pack` wrote; the bytes are checked like an upload.

    Raises:
        CheckpointError: If they are too large when unpacked, damaged, or no network for digits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            parts = file.infolist()
    except zipfile.BadZipFile as error:
        raise CheckpointError(f"data must be the bytes of a checkpoint: {error}") from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_READER_BYTES:
        raise CheckpointError("data must be the bytes of a reader. Received: too much")
    checkpoint = Checkpoint.from_bytes(data)
    sizes = checkpoint.experiment.layer_sizes
    shapes = [shape for inputs, units in pairwise(sizes) for shape in ((inputs, units), (units,))]
    fits = [array.shape for array in checkpoint.weights] == shapes
    is_finite = all(np.isfinite(array).all() for array in checkpoint.weights)
    if not fits or not is_finite or checkpoint.experiment.data.name != "digits":
        raise CheckpointError("data must be a network that reads digits. Received: another one")
    return checkpoint


def find_class_reader() -> Checkpoint | None:
    """Return the reader of the learner's class; None if there is none.

    The teacher's page sends a card with each reader, so a new card is the time to look again.
    """
    found = feed.read_feed()
    if found is None or not found.view.classroom.has_reader:
        return None
    last = found.cards[-1].number if found.cards else 0
    code, number, reader = state.get(_READ)
    if (code, number) != (found.key.code, last):
        reader = _read(found)
        state.put(_READ, (found.key.code, last, reader))
    return reader


def _read(found: Feed) -> Checkpoint | None:
    try:
        data = feed.open_classes().store.read_reader(found.key)
        if data is None:
            return None
        digest = hashlib.sha256(data).hexdigest()
        return resources.share_checkpoint(digest, unpack(data))
    except (ClassError, CheckpointError):
        return None

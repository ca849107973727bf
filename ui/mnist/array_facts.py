"""Shape, ndim, dtype and range of the four MNIST arrays: as Keras loads them, and after each fix.

The facts after a fix are worked out from those before it; no array is copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nncore.data.datasets import Dataset
from ui.core import cached_results

#: The arrays' names in the tutorial's script, in the order in which Keras returns them.
ARRAY_NAMES = ("x_train", "y_train", "x_test", "y_test")
#: Keras returns labels as uint8; the lab keeps them as int64 to count with.
LABEL_DTYPE = "uint8"
#: English words for the ten digits, as the second tutorial's list `class_name` has them.
DIGIT_WORDS = (
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
)


class ArrayFacts(NamedTuple):
    """The facts that Python prints about one array.

    Attributes:
        name: The array's name, such as `"x_train"`.
        shape: Its shape.
        dtype: Its dtype.
        low: Its smallest number.
        high: Its largest number.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    low: float
    high: float

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def first_sample(self) -> ArrayFacts:
        """Return the facts of the first sample, `x_train[0]`; its range is that of the array."""
        return self._replace(name=f"{self.name}[0]", shape=self.shape[1:])


def facts_as_loaded(dataset: Dataset) -> dict[str, ArrayFacts]:
    """Return the facts of the four arrays as `load_data()` returns them, by name."""
    arrays = (dataset.x_train, dataset.y_train, dataset.x_test, dataset.y_test)
    dtypes = (str(dataset.x_train.dtype), LABEL_DTYPE) * 2
    of_train, of_test = cached_results.pixel_ranges(dataset)
    labels = ((int(y.min()), int(y.max())) for y in (dataset.y_train, dataset.y_test))
    ranges = (of_train, next(labels), of_test, next(labels))
    return {
        name: ArrayFacts(name, array.shape, dtype, *span)
        for name, array, dtype, span in zip(ARRAY_NAMES, arrays, dtypes, ranges, strict=True)
    }


def fixed_facts(facts: ArrayFacts, fix: str) -> ArrayFacts:
    """Return an array's facts after a fix.

    Args:
        facts: The facts before.
        fix: `"reshape"`: each image becomes a row of 784 numbers; `"to_categorical"`: each label
            becomes a row of ten; `"scale"`: `astype("float32") / 255`.

    Raises:
        ValueError: If `fix` is none of the three.
    """
    match fix:
        case "reshape":
            return facts._replace(shape=(facts.shape[0], 28 * 28))
        case "to_categorical":
            return facts._replace(shape=(facts.shape[0], 10), dtype="float64", low=0.0, high=1.0)
        case "scale":
            return facts._replace(dtype="float32", low=facts.low / 255, high=facts.high / 255)
    raise ValueError(f"fix must be reshape, to_categorical or scale. Received: fix={fix!r}")


def write_facts(facts: Iterable[ArrayFacts]) -> str:
    """Return facts as lines of text, narrow enough for a phone: each array, then its first sample.

    Args:
        facts: The arrays.
    """
    return "\n".join(line for array in facts for line in _write_array(array))


def _write_array(array: ArrayFacts) -> Iterator[str]:
    for row in (array, array.first_sample()):
        yield f"{row.name:<11}{row.shape!s:<16}ndim {row.ndim}"
        if row is array:
            yield f"{'':<11}{row.dtype}, {row.low} to {row.high}"


def class_words(dataset: Dataset) -> tuple[str, ...]:
    """Return the classes' names as words: Zero to Nine for digits."""
    return DIGIT_WORDS if dataset.name == "digits" else dataset.class_names

"""Shape, axes and kind of arrays, as a program prints them; for lessons 1 and 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from numpy.typing import NDArray


def describe_array(name: str, array: NDArray[Any]) -> Iterator[tuple[str, str]]:
    """Yield expressions about an array, each with the text that Python prints for it.

    Args:
        name: The array's name in the program, such as `"x_train"`.
        array: Any array.
    """
    yield f"{name}.shape", str(array.shape)
    yield f"{name}.ndim", str(array.ndim)
    yield f"{name}.dtype", str(array.dtype)


def print_expressions(lines: Iterable[tuple[str, str]]) -> str:
    """Return expressions and their values in two columns, for a code block."""
    rows = list(lines)
    width = max(len(expression) for expression, _ in rows)
    return "\n".join(f"{expression:<{width}}   {value}" for expression, value in rows)

"""The network's prediction in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ui.core.wording import with_article

#: From this probability on one digit is named, below it two.
SURE = 0.8
#: What the prediction says, for Python and for the browser: `ui/components/verdict` fills the
#: places likewise.
SENTENCES = {
    "sure": "I read {first}, {share} sure.",
    "unsure": "Perhaps {first} ({share}) or {second} ({other}).",
    "largest": "The largest output is the one for {first}.",
    "diverged": "The outputs became NaN: training diverged. Choose another network.",
    "next": "Next comes {second}: {other}.",
}


def describe_prediction(outputs: NDArray[np.float32], names: Sequence[str]) -> str:
    """Return the prediction in words.

    Args:
        outputs: (classes,), probabilities or not.
        names: The classes' names.
    """
    if not np.isfinite(outputs).all():
        return SENTENCES["diverged"]
    if not are_probabilities(outputs):
        return _fill("largest", outputs, names)
    return _fill("sure" if outputs.max() >= SURE else "unsure", outputs, names)


def describe_runner_up(outputs: NDArray[np.float32], names: Sequence[str]) -> str:
    """Return the second most likely class in words.

    Args:
        outputs: (classes,) probabilities.
        names: The classes' names.
    """
    return _fill("next", outputs, names)


def _fill(sentence: str, outputs: NDArray[np.float32], names: Sequence[str]) -> str:
    """Return one of `SENTENCES` with the two largest outputs in their places."""
    second, first = (int(i) for i in np.argsort(outputs, kind="stable")[-2:])
    return SENTENCES[sentence].format(
        first=_with_article(names[first]),
        share=format_percent(outputs[first]),
        second=_with_article(names[second]),
        other=format_percent(outputs[second]),
    )


def are_probabilities(outputs: NDArray[np.float32]) -> bool:
    """Return True if outputs lie from 0 to 1 and add up to 1, as softmax's do."""
    return bool((outputs >= 0).all() and abs(float(outputs.sum()) - 1) < 1e-3)


def _with_article(name: str) -> str:
    """Return a digit in bold with its article: `"an **8**"`."""
    article, _, digit = with_article(name).partition(" ")
    return f"{article} **{digit}**"


def format_percent(probability: float) -> str:
    """Return a probability as a whole percentage; none is fully certain."""
    if 0.01 <= probability <= 0.99:
        return f"{100 * probability:.0f}%"
    return "more than 99%" if probability > 0.5 else "less than 1%"

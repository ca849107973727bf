"""A bar for each class that moves when the output changes, with a stroke at its former end.

The same key with new numbers moves the bars in place. Bars that are `live` also follow the pen of
`ui.components.pen`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ui.charts.palette import MUTED
from ui.components.component import register

Frame: TypeAlias = dict[str, Any]


_component = register(
    "bars",
    html='<div class="nncore-bars"></div>',
    colours={"muted": MUTED},
    isolate_styles=False,  # tests that measure the page can read it
)


def draw(
    values: ArrayLike | None,
    names: Sequence[str],
    before: ArrayLike | None = None,
    *,
    key: str,
    label: str,
    mark: str,
    live: bool = False,
) -> None:
    """Draw the bars, or move those that exist under the same key.

    Args:
        values: (classes,) outputs, clipped to 0 to 1. None draws no bars.
        names: Names of the classes.
        before: The values before, or None.
        key: The bars' key.
        label: What the bars show, for screen readers.
        mark: A few words that name `before`.
        live: True for bars that follow the pen.
    """
    sent = frame(values, names, before) | {"label": label, "mark": mark, "live": live}
    _component(key=key, data=[sent])  # in a list, as in `ui/components/gallery`


def frame(values: ArrayLike | None, names: Sequence[str], before: ArrayLike | None) -> Frame:
    """Return the data that `bars.js` draws, ready for JSON.

    Args:
        values: As for `draw`.
        names: As for `draw`.
        before: As for `draw`.

    Returns:
        `bars`: for each class its `name`, `value` (0 to 1), `label`, `before` or None, and `best`,
        which is true for the largest.
    """
    now, then = _bounded(values), _bounded(before)
    best = None if now is None else int(np.argmax(now))
    return {
        "bars": [
            {
                "name": name,
                "value": 0.0 if now is None else now[i],
                "label": "" if now is None else f"{now[i]:.1%}",
                "before": None if then is None else then[i],
                "best": i == best,
            }
            for i, name in enumerate(names)
        ]
    }


def _bounded(values: ArrayLike | None) -> list[float] | None:
    if values is None:
        return None
    bounded = np.clip(np.nan_to_num(np.asarray(values, float).ravel()), 0, 1)
    return [round(float(value), 4) for value in bounded]

"""A bar for each class that moves when the answer changes, and a stroke where it ended before.

The same key and other numbers move what is there.
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
    isolate_styles=False,  # whoever measures the page can read it
)


def draw(
    values: ArrayLike | None,
    names: Sequence[str],
    before: ArrayLike | None = None,
    *,
    key: str,
    label: str,
    mark: str,
) -> None:
    """Draws the bars here, or moves those that are here under the same key.

    Args:
        values: (classes,); what lies outside 0 to 1 is cut there. None draws no bars.
        names: What the classes are called.
        before: The values that are compared with, or None.
        key: The bars' key.
        label: What they show, for those who do not see it.
        mark: What `before` is, in a few words.
    """
    sent = frame(values, names, before) | {"label": label, "mark": mark}
    _component(key=key, data=[sent])  # in a list, as in `ui/components/gallery`


def frame(values: ArrayLike | None, names: Sequence[str], before: ArrayLike | None) -> Frame:
    """What `bars.js` draws, as numbers and texts for JSON.

    Args:
        values: This and the others are those of `draw`.
        names: See there.
        before: See there.

    Returns:
        `bars`, of each class `name`, `value` from 0 to 1, its `label`, `before` or None, and
        whether it is the `best`.
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

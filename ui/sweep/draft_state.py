"""The page's draft in the session and in the address.

The address follows every change, so that a reload finds the same sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from nncore.sweep import Axis, Sweep
from ui.core import address, state
from ui.core.keys import Key
from ui.core.links import to_full_names, write_link
from ui.sweep.draft import PAGE, RANDOM_RUNS, Draft, homes
from ui.sweep.presets import read_texts

DRAFT = Key[Draft | None](f"{PAGE}.draft", None)
#: A sentence for each part of the link that could not be used.
COMPLAINTS = Key[Sequence[str]](f"{PAGE}.complaints", ())
#: Query parameter that names the lesson a sweep starts from.
_LESSON = "sweep.lesson"
#: Varied where a link names no setting to vary and the page has no valid sweep to take them from.
_FALLBACK_AXES = (Axis("units", (8, 32)),)


def current_draft() -> Draft:
    """Return the draft in the session; the first preset's before there is one."""
    return state.get(DRAFT) or read_texts().presets[0].draft()


def change_draft(**changes: Any) -> None:
    """Change fields of the draft, from a callback."""
    draft = replace(current_draft(), **changes)
    state.put(DRAFT, draft)
    write_address(draft)


def replace_draft(draft: Draft) -> None:
    """Replace the draft, from a callback; complaints about the link are no longer shown."""
    state.put(DRAFT, draft)
    state.drop(COMPLAINTS)
    write_address(draft)


def open_draft() -> Draft:
    """Return the draft to show: the one that the address brought, else the session's."""
    with address.take_up(PAGE) as is_fresh:
        if is_fresh:
            query = address.read(PAGE)
            state.drop(COMPLAINTS)
            first = read_texts().presets[0].draft()
            draft = _read_query(to_full_names(query), first) if query else first
            state.put(DRAFT, draft)
    return current_draft()


def _read_query(query: dict[str, str], default: Draft) -> Draft:
    """Return the draft that a link describes, and note what of the link cannot be used."""
    lesson = query.pop(_LESSON, "")
    fallback = default.sweep or Sweep(default.base, _FALLBACK_AXES)
    sweep, complaints = Sweep.from_query(query, fallback)
    state.put(COMPLAINTS, tuple(complaints))
    possible = homes(sweep.base.data.name)
    if not possible:
        state.put(COMPLAINTS, ("A sweep cannot start from these data. Another sweep is shown.",))
        return default
    return Draft(
        lesson if lesson in possible else possible[0],
        sweep.base,
        sweep.axes,
        bool(sweep.sample),
        sweep.sample or RANDOM_RUNS,
        sweep.seed,
    )


def to_parameters(lesson: str, sweep: Sweep) -> dict[str, str]:
    """Return the parameters of an address that opens the page with this sweep."""
    parts = dict(parse_qsl(sweep.to_query(), keep_blank_values=True))
    own = {name: text for name, text in parts.items() if name.startswith("sweep.")}
    return {**write_link(sweep.base, None), **own, _LESSON: lesson}


def write_address(draft: Draft) -> None:
    """Make the address open this draft; an invalid draft leaves the address as it is."""
    if draft.sweep is not None:
        view = {"map": shown} if (shown := address.read_view(PAGE, "map")) else {}
        address.write(PAGE, {**to_parameters(draft.lesson, draft.sweep), **view})

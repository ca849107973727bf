"""The settings and the task of each page: written in its address, changed by controls and presets.

What a teacher's link has fixed stays as it is in every change.
"""

from __future__ import annotations

from nncore.experiment import Experiment
from ui.core import address, state
from ui.core.assignment import Assignment
from ui.core.keys import PageKey
from ui.core.links import SETTINGS_VIEWS, VIEW_NAMES, read_link, write_link

#: The page's settings, as its address says them.
_EXPERIMENT: PageKey[Experiment | None] = PageKey("experiment", None)
#: The lesson's own settings: with those the address says nothing.
_DEFAULT: PageKey[Experiment | None] = PageKey("default", None)
#: A teacher's task, and the settings that its link brought.
_ASSIGNMENT: PageKey[Assignment] = PageKey("assignment", Assignment())
_ASSIGNED: PageKey[Experiment | None] = PageKey("assigned", None)
#: The task that the learner has left, and the settings that its link brought, for the way back.
_LEFT: PageKey[tuple[Assignment, Experiment] | None] = PageKey("assignment.left", None)
#: What in the address could not be used, a sentence each.
_COMPLAINTS: PageKey[tuple[str, ...]] = PageKey("complaints", ())
#: Fixed settings that the last change would have changed.
_REFUSED: PageKey[tuple[str, ...]] = PageKey("refused", ())


def open_experiment(page: str, default: Experiment) -> Experiment:
    """Return the settings with which a page opens: those of its address, else `default`.

    Args:
        page: The lesson's name.
        default: The lesson's own settings.
    """
    state.put(_DEFAULT.on(page), default)
    with address.take_up(page) as is_fresh:
        held = state.get(_EXPERIMENT.on(page))
        if is_fresh or held is None:
            held = _take_up_address(page, default)
            state.put(_EXPERIMENT.on(page), held)
    return held


def get_experiment(page: str) -> Experiment:
    """Return the settings of a page that is open."""
    held = state.get(_EXPERIMENT.on(page))
    assert held is not None, page
    return held


def find_experiment(page: str) -> Experiment | None:
    """Return the settings of a page; None before the page was opened."""
    return state.get(_EXPERIMENT.on(page))


def hold(page: str, experiment: Experiment) -> None:
    """Hold the same settings with other drawings, or with those that go with them.

    The address stays as it is: each drawing that a learner adds is no step in the history.
    """
    state.put(_EXPERIMENT.on(page), experiment)


def has_changes(page: str) -> bool:
    """Return True if the settings differ from the lesson's own, or from those of its task."""
    held = state.get(_EXPERIMENT.on(page))
    begun = state.get(_ASSIGNED.on(page)) or state.get(_DEFAULT.on(page))
    return held is not None and begun is not None and held != begun


def _take_up_address(page: str, default: Experiment) -> Experiment:
    link = read_link(address.read(page), page, default)
    state.put(_COMPLAINTS.on(page), link.complaints)
    state.put(_ASSIGNMENT.on(page), link.assignment)
    state.put(_ASSIGNED.on(page), link.experiment if link.assignment else None)
    state.drop(_LEFT.on(page))
    return link.experiment


def set_experiment(page: str, experiment: Experiment) -> None:
    """Change the page's settings; its address follows, and its widgets when they are drawn next."""
    state.put(_REFUSED.on(page), list_fixed_changes(page, experiment))
    _set(page, keep_fixed(page, experiment))


def repair_experiment(page: str, experiment: Experiment, complaint: str) -> None:
    """Replace what an address brought and the page cannot show, whether a teacher fixed it or not.

    Args:
        page: The lesson's name.
        experiment: Settings that the page can show.
        complaint: A sentence that says what was replaced.
    """
    if get_assigned_experiment(page) is not None:
        state.put(_ASSIGNED.on(page), experiment)
    state.put(_COMPLAINTS.on(page), (*list_complaints(page), complaint))
    _set(page, experiment)


def _set(page: str, experiment: Experiment) -> None:
    before = state.get(_EXPERIMENT.on(page))
    state.put(_EXPERIMENT.on(page), experiment)
    default = state.get(_DEFAULT.on(page))
    kept = set(VIEW_NAMES) - set(SETTINGS_VIEWS if experiment != before else ())
    view = {name: text for name, text in address.read(page).items() if name in kept}
    address.write(page, {**write_link(experiment, default, get_assignment(page)), **view})


def get_assignment(page: str) -> Assignment:
    """Return what the page's link asks of a class; an empty one where it asks nothing."""
    return state.get(_ASSIGNMENT.on(page))


def get_assigned_experiment(page: str) -> Experiment | None:
    """Return the settings of a link that asks something; None where none did."""
    return state.get(_ASSIGNED.on(page))


def leave_assignment(page: str) -> None:
    """Free every setting again; they stay as they are. `return_to_assignment` undoes it."""
    own = get_assigned_experiment(page)
    if own is None:  # a second click on the same button
        return
    state.put(_LEFT.on(page), (get_assignment(page), own))
    for key in (_ASSIGNMENT, _ASSIGNED, _REFUSED):
        state.drop(key.on(page))
    held = state.get(_EXPERIMENT.on(page))
    if held is not None:
        _set(page, held)


def has_left_assignment(page: str) -> bool:
    """Return True where the learner has left the task that the page was opened with."""
    return state.get(_LEFT.on(page)) is not None


def return_to_assignment(page: str) -> None:
    """Take up the task again that the learner has left, with the settings that it fixes."""
    left = state.get(_LEFT.on(page))
    if left is None:
        return
    task, own = left
    state.put(_ASSIGNMENT.on(page), task)
    state.put(_ASSIGNED.on(page), own)
    state.drop(_LEFT.on(page))
    now = get_experiment(page)
    _set(page, own if task.changes(own, keep_fixed(page, now)) else keep_fixed(page, now))


def list_fixed_changes(page: str, experiment: Experiment) -> tuple[str, ...]:
    """Return the settings that a teacher's link has fixed and this experiment would change."""
    own = get_assigned_experiment(page)
    return () if own is None else get_assignment(page).changes(own, experiment)


def keep_fixed(page: str, experiment: Experiment) -> Experiment:
    """Return as much of an experiment as leaves alone what a teacher's link has fixed."""
    own = get_assigned_experiment(page)
    if own is None:
        return experiment
    now = state.get(_EXPERIMENT.on(page)) or own
    return get_assignment(page).held(own, now, experiment)


def take_refused(page: str) -> tuple[str, ...]:
    """Return what the last change left as it was, because it is fixed; reported once."""
    refused = state.get(_REFUSED.on(page))
    state.drop(_REFUSED.on(page))
    return refused


def list_complaints(page: str) -> tuple[str, ...]:
    """Return what in the page's address could not be used, a sentence each."""
    return state.get(_COMPLAINTS.on(page))


def build_link(page: str, experiment: Experiment, assignment: Assignment | None = None) -> str:
    """Return the address that opens a page with these settings, and with a task for a class."""
    return address.build_page_link(page, write_link(experiment, None, assignment))

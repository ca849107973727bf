"""The session's state and the link: the only file that touches `st.session_state`.

What a session holds, all of it:

    framed              this run came through streamlit_app.py
    frame.row           the row of the page's title
    session             the session's name
    link.<page>         what the link that opened the page could not set, sentences
    <page>.experiment   the page's settings: an Experiment, the one place where they live
    <page>.assignment   what a teacher's link asks, if one opened the page: an Assignment
    <page>.assigned     that link's experiment
    <page>.refused      fixed settings that the last change would have changed
    <page>.run          the page's run, if there is one
    runs.noted          every run of the session, see `ui/core/run_ledger.py`
    <page>.<anything>   values of widgets, by their key
    <anything>#         how often a widget has changed its key, see `bind_widget`
    keep.<anything>     what this browser keeps, see `ui/components/keep`

Widgets are views: before a widget is drawn its key is set from the experiment, and its change
is written back by a callback.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, overload

import streamlit as st

from nncore.experiment import Experiment
from ui.core.assignment import PREFIX, Assignment
from ui.core.keys import Key, T

if TYPE_CHECKING:  # what takes long to import is not there before the first page's title
    from streamlit.delta_generator import DeltaGenerator

    from nncore.runtime.runner import Run
    from ui.core.run_ledger import Noted

_NOTHING = Assignment()


def mark_framed() -> None:
    """Notes that this session's runs go through the frame."""
    st.session_state["framed"] = True


def is_framed() -> bool:
    """Whether this session's runs go through the frame."""
    return "framed" in st.session_state


@contextmanager
def titled(row: DeltaGenerator) -> Iterator[None]:
    """Holds the row of the page's title for as long as the page runs."""
    st.session_state["frame.row"] = row
    try:
        yield
    finally:
        drop("frame.row")


def title_row() -> DeltaGenerator | None:
    """The row of the page's title; None where the page does not run in the frame."""
    row: DeltaGenerator | None = st.session_state.get("frame.row")
    return row


def session() -> str:
    """The session's name, made at its first use."""
    name: str = st.session_state.setdefault("session", uuid.uuid4().hex)
    return name


def experiment(page: str, default: Experiment) -> Experiment:
    """The page's settings: from a link that opened it, else as they were left, else `default`."""
    key = f"{page}.experiment"
    if st.query_params:
        _read_link(page, st.session_state.get(key, default))
    found: Experiment = st.session_state.setdefault(key, default)
    return found


def set_experiment(page: str, experiment: Experiment) -> None:
    """Changes the page's settings; its widgets follow when they are drawn next.

    What a teacher's link has fixed stays as it is, whoever asks.
    """
    st.session_state[f"{page}.refused"] = fixed_changes(page, experiment)
    st.session_state[f"{page}.experiment"] = held(page, experiment)


def repair_experiment(page: str, experiment: Experiment) -> None:
    """Puts right what a link brought that the page cannot show, fixed by its teacher or not."""
    if f"{page}.assigned" in st.session_state:
        st.session_state[f"{page}.assigned"] = experiment
    st.session_state[f"{page}.experiment"] = experiment


def assignment(page: str) -> Assignment:
    """What the link that opened the page asks of a class; empty where it asks nothing."""
    found: Assignment = st.session_state.get(f"{page}.assignment", Assignment())
    return found


def assigned(page: str) -> Experiment | None:
    """The experiment of a link that asks something; None where none did."""
    found: Experiment | None = st.session_state.get(f"{page}.assigned")
    return found


def leave_assignment(page: str) -> None:
    """Frees every setting again; they stay as they are."""
    for name in ("assignment", "assigned", "refused"):
        drop(f"{page}.{name}")


def fixed_changes(page: str, experiment: Experiment) -> tuple[str, ...]:
    """The settings that a teacher's link has fixed and this experiment would change."""
    own = assigned(page)
    return () if own is None else assignment(page).changes(own, experiment)


def held(page: str, experiment: Experiment) -> Experiment:
    """As much of an experiment as leaves alone what a teacher's link has fixed."""
    own = assigned(page)
    if own is None:
        return experiment
    now = st.session_state.get(f"{page}.experiment", own)
    return assignment(page).held(own, now, experiment)


def refused(page: str) -> tuple[str, ...]:
    """What the last change left as it was, because it is fixed; said once."""
    found: tuple[str, ...] = st.session_state.pop(f"{page}.refused", ())
    return found


def link_complaints(page: str) -> list[str]:
    """What the link that opened the page could not set, a sentence each."""
    found: list[str] = st.session_state.get(f"link.{page}", [])
    return found


def run(page: str) -> Run | None:
    """The page's run, under way or over."""
    found: Run | None = st.session_state.get(f"{page}.run")
    return found


def set_run(page: str, run: Run | None) -> None:
    """Makes `run` the page's run."""
    st.session_state[f"{page}.run"] = run


def note_run(run: Run, page: str, label: str = "") -> None:
    """Enters a run in the session's ledger: called wherever one is submitted.

    Args:
        run: The run.
        page: Where it is at home: the page that opens it, such as `"mnist"`.
        label: Empty for a page's own, or what it was run for, such as `"sweep"`.
    """
    from ui.core import run_ledger

    set_noted(run_ledger.entered(noted(), run, page, label))


def noted() -> tuple[Noted, ...]:
    """Every run of the session, in the order in which they began."""
    found: tuple[Noted, ...] = st.session_state.get("runs.noted", ())
    return found


def set_noted(noted: tuple[Noted, ...]) -> None:
    """Keeps the session's ledger."""
    st.session_state["runs.noted"] = noted


@overload
def get(key: Key[T]) -> T: ...
@overload
def get(key: str, default: T) -> T: ...
def get(key: Key[T] | str, default: T | None = None) -> T | None:
    """Return what the session holds under a key, such as a widget's value; else the default."""
    if isinstance(key, Key):
        name, default = key.name, key.default
    else:
        name = key
    found: T | None = st.session_state.get(name, default)
    return found


def bind_widget(key: Key[T] | str, value: T) -> str:
    """Return the name under which to draw a widget that shows a value of the session's.

    A page that polls sends the values of all its widgets with each poll. For a moment that is still
    the old value of a widget that was changed from here, and Streamlit would take it for the
    learner's. So such a widget gets a new name, and updates under a stale one are ignored.

    Args:
        key: The widget's key, such as `"mnist.fit.epochs"`: the first name it is drawn under.
        value: What the widget is to show.
    """
    name = key.name if isinstance(key, Key) else key
    key = _key_of(name)
    if st.session_state.get(key, value) != value:
        st.session_state[f"{name}#"] = st.session_state.get(f"{name}#", 0) + 1
        key = _key_of(name)
    st.session_state[key] = value
    return key


def is_current(key: str) -> bool:
    """Return True for the name that `bind_widget` gave last; updates under another are stale."""
    return key == _key_of(key.partition("#")[0])


def _key_of(name: str) -> str:
    turn: int = st.session_state.get(f"{name}#", 0)
    return f"{name}#{turn}" if turn else name


@overload
def put(key: Key[T], value: T) -> None: ...
@overload
def put(key: str, value: Any) -> None: ...
def put(key: Key[Any] | str, value: Any) -> None:
    """Store a value, or set a widget that is still to be drawn in this run."""
    st.session_state[key.name if isinstance(key, Key) else key] = value


def drop(key: Key[Any] | str) -> None:
    """Forget a value."""
    st.session_state.pop(key.name if isinstance(key, Key) else key, None)


def link(page: str, experiment: Experiment, asked: Assignment = _NOTHING) -> str:
    """The address that opens this page with this experiment, and with what is asked of a class."""
    return page_link(page, "&".join(filter(None, (experiment.to_query(), asked.to_query()))))


def page_link(page: str, query: str) -> str:
    """The address of this page with this query string behind it."""
    address = (st.context.url or "").split("?")[0].rstrip("/")
    base = address[: -len(page)].rstrip("/") if address.endswith(f"/{page}") else address
    return f"{base}/{page}?{query}"


def address() -> dict[str, str]:
    """What the address says behind the question mark, for a page that reads it by itself."""
    return dict(st.query_params)


def set_address(query: Mapping[str, str]) -> None:
    """Writes behind the question mark what opens the page as it is, so that a reload does."""
    if dict(st.query_params) != dict(query):
        st.query_params.from_dict(dict(query))


def _read_link(page: str, base: Experiment) -> None:
    """Takes the settings from the address, once, and cleans the address."""
    given = dict(st.query_params)
    asked, complaints = Assignment.from_query(given)
    settings = {name: text for name, text in given.items() if not name.startswith(PREFIX)}
    opened, more = Experiment.from_query(_of_this_page(page, settings, base), base)
    leave_assignment(page)
    set_experiment(page, opened)
    if asked:
        st.session_state[f"{page}.assignment"] = asked
        st.session_state[f"{page}.assigned"] = opened
    st.session_state[f"link.{page}"] = [*more, *complaints]
    st.query_params.clear()


def _of_this_page(page: str, query: Mapping[str, str], base: Experiment) -> Mapping[str, str]:
    """Leaves the data to the page where the link names data of another shape."""
    wanted, own = query.get("data.name"), base.data.name
    images = ("five", "digits") if page == "perceptron" else ("digits", "fashion")
    if wanted is None or wanted == own or (wanted in images and own in images):
        return query
    return {**query, "data.name": f"{wanted} on this page"}

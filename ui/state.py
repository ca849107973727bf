"""The session's state and the link: the only file that touches `st.session_state`.

What a session holds, all of it:

    framed              this run came through streamlit_app.py
    session             the session's name
    link.<page>         what the link that opened the page could not set, sentences
    <page>.experiment   the page's settings: an Experiment, the one place where they live
    <page>.run          the page's run, if there is one
    <page>.<anything>   values of widgets, by their key

Widgets are views: before a widget is drawn its key is set from the experiment, and its change
is written back by a callback.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

from nncore.experiment import Experiment
from nncore.runner import Run

T = TypeVar("T")


def mark_framed() -> None:
    """Notes that this session's runs go through the frame."""
    st.session_state["framed"] = True


def is_framed() -> bool:
    """Whether this session's runs go through the frame."""
    return "framed" in st.session_state


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
    """Changes the page's settings; its widgets follow when they are drawn next."""
    st.session_state[f"{page}.experiment"] = experiment


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


def get(key: str, default: T) -> T:
    """A value that the session holds under a namespaced key, such as a widget's."""
    found: T = st.session_state.get(key, default)
    return found


def put(key: str, value: Any) -> None:
    """Sets a value, or a widget that is still to be drawn in this run."""
    st.session_state[key] = value


def drop(key: str) -> None:
    """Forgets a value."""
    st.session_state.pop(key, None)


def link(page: str, experiment: Experiment) -> str:
    """The address that opens this page with this experiment."""
    address = (st.context.url or "").split("?")[0].rstrip("/")
    base = address[: -len(page)].rstrip("/") if address.endswith(f"/{page}") else address
    return f"{base}/{page}?{experiment.to_query()}"


def _read_link(page: str, base: Experiment) -> None:
    """Takes the settings from the address, once, and cleans the address."""
    query = _of_this_page(dict(st.query_params), base)
    opened, complaints = Experiment.from_query(query, base)
    set_experiment(page, opened)
    st.session_state[f"link.{page}"] = complaints
    st.query_params.clear()


def _of_this_page(query: Mapping[str, str], base: Experiment) -> Mapping[str, str]:
    """Leaves the data to the page where the link names data of another shape."""
    wanted, own = query.get("data.name"), base.data.name
    images = ("digits", "fashion")
    if wanted is None or wanted == own or (wanted in images and own in images):
        return query
    return {**query, "data.name": f"{wanted} on this page"}

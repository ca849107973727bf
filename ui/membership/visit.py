"""Going to an address that a teacher has chosen: always by the learner's own click."""

from __future__ import annotations

from urllib.parse import parse_qsl

import streamlit as st

from ui.core.catalog import HOME, PAGES

#: Parameters of an address that are taken over at most.
MOST = 60


def read_address(target: str) -> tuple[str, dict[str, list[str]]]:
    """Return the page and the parameters of an address within the lab, with all values of each.

    Args:
        target: Such as `"/mnist?v=2&epochs=5"`; an unknown page is the start page.
    """
    path, _, query = target.partition("?")
    name = path.strip("/")
    known = {page.name for page in PAGES}
    parameters: dict[str, list[str]] = {}
    for parameter, value in parse_qsl(query, keep_blank_values=True)[:MOST]:
        parameters.setdefault(parameter, []).append(value)
    return (name if name in known else HOME.name), parameters


def go_to(target: str) -> None:
    """Open an address within the lab, as if its link had been followed."""
    name, parameters = read_address(target)
    st.switch_page(f"pages/{name}.py", query_params=parameters)


def write_address(page: str, query: str = "") -> str:
    """Return the address within the lab of a page with a query string."""
    return f"/{page}?{query}" if query else f"/{page}"

"""Small tables and printed facts that several lessons show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.core import cached_results


def show_table(columns: Mapping[str, Any], *, key: str, **more: Any) -> Any:
    """Draw a table of a few rows from columns by name; return what `st.dataframe` returns."""
    import pyarrow as pa

    return st.dataframe(pa.table(dict(columns)), hide_index=True, key=key, **more)


def show_counts(
    people: str, counts: Mapping[str, Sequence[int]], names: Sequence[str], *, key: str, **more: Any
) -> None:
    """Draw a table of how many drawings of each class each person has made.

    Args:
        people: The heading of the people.
        counts: A number for each class, by person.
        names: The classes' names; one may be the same as `people`.
        key: The table's key.
        **more: Of `st.dataframe`.
    """
    columns: dict[str, Any] = {"people": list(counts)}
    headings = {"people": people}
    for label, name in enumerate(names):
        columns[f"class {label}"] = [one[label] for one in counts.values()]
        headings[f"class {label}"] = name
    show_table(columns, key=key, column_config=headings, **more)


def show_model_summary(experiment: Experiment) -> None:
    """Draw the summary that Keras prints of a network; a worker makes it."""
    text = cached_results.summary(experiment)
    if text is None:
        st.caption("Keras's own `model.summary()` appears here when the worker is ready.")
        return
    st.caption("Keras's own summary: `model.summary()`")
    st.code(text, language=None)


def show_source(dataset: Dataset) -> None:
    """Draw the source of the data, and the sources that could not be used."""
    st.caption(dataset.source)
    for note in dataset.notes:
        st.caption(f":material/info: {note}")

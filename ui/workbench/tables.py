"""Small tables and printed facts that several lessons show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.core import cached_results


def show_table(columns: Mapping[str, Any], *, key: str, **more: Any) -> Any:
    """Draw a table of a few rows from columns by name; return what `st.dataframe` returns."""
    import pyarrow as pa

    return st.dataframe(pa.table(dict(columns)), hide_index=True, key=key, **more)


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

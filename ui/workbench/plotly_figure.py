"""Plotly figures on pages: drawing one, and the format in which its camera saves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from ui.charts.vega import Spec
from ui.core import state
from ui.core.keys import Key

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Formats of a saved Plotly figure, by the switch's label.
FORMATS = {"PNG": "png", "SVG": "svg"}
FIGURE_FORMAT = Key("pieces.form", "PNG")


def build_figure(spec: Spec) -> go.Figure:
    """Return a figure that Plotly has checked: `show_figure` does not check it again.

    Plotly looks into pandas as soon as anybody has begun to import it. Where another visitor's page
    does so in this moment, pandas is still half empty, and Plotly fails. So it is imported first:
    an import waits for one that is under way.

    Args:
        spec: The figure as `ui.charts` returns it.
    """
    import pandas  # noqa: F401
    import plotly.graph_objects as go

    return go.Figure(spec)


def show_figure(
    figure: Spec | go.Figure, *, key: str, alt: str, saved_as: str = "", **options: Any
) -> None:
    """Draw a Plotly figure.

    Args:
        figure: The figure.
        key: The widget's key.
        alt: What the figure shows, for those who do not see it.
        saved_as: Name of the file that its toolbar saves, without the ending; empty for no toolbar.
        **options: As for `st.plotly_chart`.
    """
    shown = build_figure(figure) if isinstance(figure, dict) else figure
    config = _describe_toolbar(saved_as) if saved_as else {"displayModeBar": False}
    st.plotly_chart(shown, key=key, alt=alt, config=config, **options)


def _describe_toolbar(name: str) -> dict[str, Any]:
    """Return the config of a toolbar that has only the button which saves the figure."""
    form = FORMATS[state.get(FIGURE_FORMAT)]
    saved = {"format": form, "filename": name, "scale": 2 if form == "png" else 1}
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": saved,
    }


def show_figure_format() -> None:
    """Draw the switch for the format of saved figures."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Save figures as",
            list(FORMATS),
            default="PNG",
            required=True,
            key=FIGURE_FORMAT.name,
            label_visibility="collapsed",
            persist_state="session",
        )
        st.caption(
            "The camera at a chart's corner saves it in this format. Curves and bars have a "
            "download button of their own, which always saves PNG.",
            width="content",
        )

"""Vega-Lite building blocks for live charts: a fixed spec and a table of rows that changes.

    st.vega_lite_chart(*decision_curve(x, outputs, 0.5), key="rounding.curve")

What changes from frame to frame is in the table alone. While the spec stays equal, Streamlit
replaces the rows inside the existing drawing; a changed spec, or data inside one of its layers,
replaces the drawing, and the page would flicker. The table is Arrow's, because Streamlit makes
pandas frames of lists and dictionaries, and importing pandas takes longer than the first paint.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from ui.charts.palette import INK, MUTED

Spec: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, float | str | None]


class Chart(NamedTuple):
    """A live chart, in the order in which `st.vega_lite_chart(*chart)` takes it.

    Attributes:
        data: The rows, a `pyarrow.Table`: what changes while something runs.
        spec: The Vega-Lite spec: stays equal while only numbers change.
    """

    data: Any
    spec: Spec


def stack_tables(above: Any, below: Any) -> Any:
    """Two tables as one, with the columns of both."""
    import pyarrow as pa

    return pa.concat_tables([above, below], promote_options="default")


def horizontal_bars(rows: list[Row], x: Spec, description: str) -> Chart:
    """Lying bars, one a row, each with its value written at its end."""
    names = {
        "field": "name",
        "type": "nominal",
        "sort": [row["name"] for row in rows],
        "axis": {"title": None, "labelOverlap": False},
    }
    value = {"type": "text", "align": "left", "dx": 4, "color": INK}
    layers = [
        build_layer("bar", build_mark("bar", MUTED), x=x, y=names),
        build_layer("winner", build_mark("bar", INK), x=x, y=names),
        build_layer("bar", value, x=x, y=names, text={"field": "label"}),
        build_layer(
            "winner", value | {"fontWeight": "bold"}, x=x, y=names, text={"field": "label"}
        ),
    ]
    return build_chart(rows, {"layer": layers, "height": 22 * len(rows) + 44}, description)


_CONFIG: Spec = {
    "axis": {"titlePadding": 6, "labelPadding": 5, "titleFontSize": 12, "labelFontSize": 11},
    "axisY": {"minExtent": 28},  # room for the labels, so that the plot stays where it is
    "legend": {
        "orient": "top",
        "title": None,
        "labelFontSize": 12,
        "symbolSize": 70,
        "symbolStrokeWidth": 2,
        "padding": 0,
        "offset": 6,
    },
    "text": {"fontSize": 11},
}
_PADDING = {"left": 2, "right": 8, "top": 4, "bottom": 4}
VALUE_FORMAT = ".6~g"  # with its precision named: else Vega writes 6e+2 for 600
FROM_TO = (("low", "from", VALUE_FORMAT), ("high", "to", VALUE_FORMAT))


def build_chart(rows: Iterable[Row], body: Spec, description: str) -> Chart:
    """Return a live chart of these rows; every chart shares its configuration and padding."""
    common = {"description": description, "config": _CONFIG, "padding": _PADDING}
    return Chart(arrow_table(rows), common | body)


def arrow_table(rows: Iterable[Row]) -> Any:
    """Records as an Arrow arrow_table, made without pandas.

    Args:
        rows: Dictionaries of numbers and texts; a name may be missing, a number may be NaN.

    Returns:
        A `pyarrow.Table` with a column for each name that occurs: text where a value is a text,
        else float64; what is missing or not finite is null.
    """
    import pyarrow as pa
    from pyarrow import json as arrow_json

    records = [{name: _json(value) for name, value in row.items()} for row in rows]
    kinds = {name: pa.float64() for row in records for name in row}
    for row in records:
        kinds |= {name: pa.string() for name, value in row.items() if isinstance(value, str)}
    if not records:
        return pa.Table.from_batches([], pa.schema([("part", pa.string())]))
    # Through JSON, since pyarrow imports pandas to see whether a list is one of its series.
    return arrow_json.read_json(
        io.BytesIO("\n".join(map(json.dumps, records)).encode()),
        read_options=arrow_json.ReadOptions(use_threads=False),
        parse_options=arrow_json.ParseOptions(explicit_schema=pa.schema(list(kinds.items()))),
    )


def _json(value: float | str | None) -> float | str | None:
    if value is None or isinstance(value, str):
        return value
    return float(value) if math.isfinite(value) else None


def shorten(value: float) -> float:
    """Five digits: more than a screen shows, and fewer bytes."""
    return float(f"{value:.5g}")


def build_layer(part: str, mark: Spec, **encoding: Any) -> Spec:
    """One layer, drawn from the arrow_table's rows of this part."""
    rows = {"filter": f"datum.part === '{part}'"}
    return {"transform": [rows], "mark": mark, "encoding": encoding}


def build_mark(kind: str, color: str | None = None, **properties: Any) -> Spec:
    """Return a mark, such as a line or a point, in one colour or none."""
    return {"type": kind, **({"color": color} if color else {}), **properties}


def quantity(
    field: str,
    title: str,
    *,
    format: str = "",
    ticks: int | None = None,
    step: float | None = None,
    **scale: Any,
) -> Spec:
    """A position by a number: its axis and its scale."""
    axis = {"title": title, "format": format, "tickCount": ticks, "tickMinStep": step}
    axis = {name: value for name, value in axis.items() if value not in (None, "")}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}


def by_name(field: str, names: Sequence[str], values: Sequence[Any]) -> Spec:
    """A channel that gives each of `names` its own of `values`."""
    scale = {"domain": list(names), "range": list(values)}
    return {"field": field, "type": "nominal", "scale": scale}


def condition(test: str, value: Any, otherwise: Any) -> Spec:
    """A channel with two values; unlike a scale it does not show in the legend."""
    return {"condition": {"test": test, "value": value}, "value": otherwise}


def tooltip(*fields: tuple[str, str] | tuple[str, str, str]) -> list[Spec]:
    """What hovering shows: texts as `(field, title)`, numbers as `(field, title, format)`."""
    return [
        {"field": field, "title": title, "type": "quantitative", "format": form[0]}
        if form
        else {"field": field, "title": title, "type": "nominal"}
        for field, title, *form in fields
    ]

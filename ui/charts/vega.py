"""Vega-Lite building blocks for live charts: a fixed spec and a table of rows that changes.

    st.vega_lite_chart(*decision_curve(x, outputs, 0.5), key="rounding.curve")

Only the table changes from frame to frame. While the spec stays equal, Streamlit replaces the rows
inside the existing drawing. A changed spec, or data inside one of its layers, replaces the whole
drawing, and the page flickers. The table is an Arrow table: Streamlit turns lists and dictionaries
into pandas frames, and importing pandas takes longer than the first paint.
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
    """A live chart, in the order of the parameters of `st.vega_lite_chart(*chart)`.

    Attributes:
        data: The rows, a `pyarrow.Table`. They change while a network trains.
        spec: The Vega-Lite spec. It stays equal while only numbers change.
    """

    data: Any
    spec: Spec

    def described(self, words: str) -> Chart:
        """Return the chart with another description: the spec changes, so not for every frame."""
        return self._replace(spec=self.spec | {"description": words})


def stack_tables(above: Any, below: Any) -> Any:
    """Return two tables as one, with the columns of both."""
    import pyarrow as pa

    return pa.concat_tables([above, below], promote_options="default")


def horizontal_bars(rows: list[Row], x: Spec, description: str) -> Chart:
    """Return a chart of horizontal bars, one for each row, each with its value at its end.

    Args:
        rows: Rows with `part` ("bar"), `name`, `value` and `label`, the text at the end of the bar.
        x: The axis of the values, see `quantity`.
        description: A sentence for readers who do not see the chart.
    """
    names = {
        "field": "name",
        "type": "nominal",
        "sort": [row["name"] for row in rows],
        "axis": {"title": None, "labelOverlap": False},
    }
    value = {"type": "text", "align": "left", "dx": 4, "color": INK}
    layers = [
        build_layer("bar", build_mark("bar", MUTED), x=x, y=names),
        build_layer("bar", value, x=x, y=names, text={"field": "label"}),
    ]
    return build_chart(rows, {"layer": layers, "height": 22 * len(rows) + 44}, description)


_CONFIG: Spec = {
    "mark": {"aria": False},  # the chart has a name; an empty mark would be one without
    "axis": {"titlePadding": 6, "labelPadding": 5, "titleFontSize": 12, "labelFontSize": 11},
    "axisY": {"minExtent": 28},  # room for longer labels, so that the plot does not move
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
VALUE_FORMAT = ".6~g"  # without a precision Vega writes 6e+2 for 600
FROM_TO = (("low", "from", VALUE_FORMAT), ("high", "to", VALUE_FORMAT))


def build_chart(rows: Iterable[Row], body: Spec, description: str) -> Chart:
    """Return a live chart; all charts share configuration and padding.

    Args:
        rows: The chart's data.
        body: The rest of the spec, such as its layers.
        description: A sentence for readers who do not see the chart.
    """
    common = {"description": description, "config": _CONFIG, "padding": _PADDING}
    return Chart(arrow_table(rows), common | body)


def arrow_table(rows: Iterable[Row]) -> Any:
    """Return records as an Arrow table, without pandas.

    Args:
        rows: Dictionaries of numbers and texts; a name may be missing, a number may be NaN.

    Returns:
        A `pyarrow.Table` with a column for each name: text where any value is a text, else
        float64. Missing and non-finite values are null.
    """
    import pyarrow as pa
    from pyarrow import json as arrow_json

    records = [{name: _json(value) for name, value in row.items()} for row in rows]
    kinds = {name: pa.float64() for row in records for name in row}
    for row in records:
        kinds |= {name: pa.string() for name, value in row.items() if isinstance(value, str)}
    if not records:
        return pa.Table.from_batches([], pa.schema([("part", pa.string())]))
    # Through JSON: given lists, pyarrow imports pandas to see whether they are its series.
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
    """Return a number in five digits: more than a screen shows, and fewer bytes."""
    return float(f"{value:.5g}")


def build_layer(part: str, mark: Spec, **encoding: Any) -> Spec:
    """Return a layer that draws the rows of one part.

    Args:
        part: The `part` of the rows.
        mark: See `build_mark`.
        **encoding: Channels, such as `x` and `color`.
    """
    rows = {"filter": f"datum.part === '{part}'"}
    return {"transform": [rows], "mark": mark, "encoding": encoding}


def build_mark(kind: str, color: str | None = None, **properties: Any) -> Spec:
    """Return a mark, such as a line or a point; without a colour the spec decides."""
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
    """Return a channel that places a number: its axis and its scale.

    Args:
        field: The column.
        title: The axis's title.
        format: The axis's number format, in d3's notation.
        ticks: About how many ticks.
        step: Smallest distance of two ticks.
        **scale: Properties of the scale, such as `domain`.
    """
    axis = {"title": title, "format": format, "tickCount": ticks, "tickMinStep": step}
    axis = {name: value for name, value in axis.items() if value not in (None, "")}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}


def by_name(field: str, names: Sequence[str], values: Sequence[Any]) -> Spec:
    """Return a channel that maps each name to its value, such as a colour or a shape."""
    scale = {"domain": list(names), "range": list(values)}
    return {"field": field, "type": "nominal", "scale": scale}


def condition(test: str, value: Any, otherwise: Any) -> Spec:
    """Return a channel with one of two values; unlike a scale it has no legend.

    Args:
        test: A Vega expression.
        value: The value where the test is true.
        otherwise: The value elsewhere.
    """
    return {"condition": {"test": test, "value": value}, "value": otherwise}


def tooltip(*fields: tuple[str, str] | tuple[str, str, str]) -> list[Spec]:
    """Return a tooltip of texts `(field, title)` and numbers `(field, title, format)`."""
    return [
        {"field": field, "title": title, "type": "quantitative", "format": form[0]}
        if form
        else {"field": field, "title": title, "type": "nominal"}
        for field, title, *form in fields
    ]

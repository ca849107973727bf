"""The building blocks of all live charts, and the rules that every chart keeps."""

import json
from typing import Any

import numpy as np
import pytest

from tests.ui.charts.charts import CHARTS, vega_lite
from ui.charts import vega


@pytest.mark.parametrize("name", CHARTS)
def test_spec_is_vega_lite(name: str) -> None:
    vega_lite().validate(CHARTS[name].spec | {"data": {"name": "source"}})


@pytest.mark.parametrize("name", CHARTS)
def test_data_are_next_to_the_spec_and_never_in_it(name: str) -> None:
    text = json.dumps(CHARTS[name].spec)
    assert '"data"' not in text
    assert '"datasets"' not in text


@pytest.mark.parametrize("name", CHARTS)
def test_every_axis_has_a_title(name: str) -> None:
    def axes(spec: Any) -> Any:
        if isinstance(spec, dict):
            yield from ([spec["axis"]] if "axis" in spec and "field" in spec else [])
            for value in spec.values():
                yield from axes(value)
        elif isinstance(spec, list):
            for value in spec:
                yield from axes(value)

    assert all("title" in axis for axis in axes(CHARTS[name].spec))


def test_table_has_a_typed_column_for_each_name() -> None:
    table = vega.arrow_table([{"part": "a", "x": 1}, {"part": "b", "label": "1.5"}])
    assert {field.name: str(field.type) for field in table.schema} == {
        "part": "string",
        "x": "double",
        "label": "string",
    }
    assert table.to_pylist() == [
        {"part": "a", "x": 1.0, "label": None},
        {"part": "b", "x": None, "label": "1.5"},
    ]


def test_table_leaves_out_what_is_not_finite() -> None:
    table = vega.arrow_table([{"x": value} for value in (1.0, np.nan, np.inf, None)])
    assert table["x"].to_pylist() == [1.0, None, None, None]


def test_table_of_nothing_has_no_rows() -> None:
    assert vega.arrow_table([]).num_rows == 0


def test_table_keeps_texts_that_look_like_times() -> None:
    assert vega.arrow_table([{"name": "2020-01-01"}])["name"].to_pylist() == ["2020-01-01"]

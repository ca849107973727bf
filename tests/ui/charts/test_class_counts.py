"""How many samples each class has."""

import numpy as np

from tests.ui.charts.charts import CHARTS, rows
from ui.charts.class_counts import number_histogram


def test_number_histogram_counts_by_label() -> None:
    x, y = np.array([[0.01], [0.02], [0.52], [0.53]]), [0, 1, 1, 1]
    bars = rows(number_histogram(x, y, 0.5, bins=2), "bar")
    assert [(bar["label"], bar["low"], bar["count"]) for bar in bars] == [
        ("< 0.5", 0.0, 1),
        (">= 0.5", 0.0, 1),
        (">= 0.5", 0.5, 2),
    ]


def test_class_counts_name_empty_classes_too() -> None:
    assert [(row["name"], row["label"]) for row in rows(CHARTS["counts"])] == [
        ("a", "1"),
        ("b", "2"),
        ("c", "0"),
    ]

"""What the tests of charts share: one chart of each kind, their rows, and Vega-Lite's schema."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import altair
import jsonschema
import numpy as np

from ui.charts import class_counts, decision, learning_curves, output_histograms, vega

X = np.linspace(0.0, 1.0, 11)  # 0, 0.1, ..., 1
HISTORY = {"loss": [1.0, 0.5], "accuracy": [0.6, 0.8], "val_loss": [2.0, 1.0]}
TRACE = [(0.5, 1.2, 0.5)]
CHARTS = {
    "loss": learning_curves.learning_curve("loss", HISTORY, TRACE, epochs=10, validated=True),
    "accuracy": learning_curves.learning_curve("accuracy", HISTORY, TRACE, epochs=10),
    "no curve yet": learning_curves.learning_curve("loss", {}, epochs=100),
    "decision": decision.decision_curve(X, np.stack([0.7 - X, X - 0.3], axis=1), 0.5),
    "extrapolation": decision.extrapolation_curve(
        10 * X, np.stack([0.7 - X, X - 0.3], axis=1), 0.5, bends=[(2.5, "unit 3")]
    ),
    "outputs": output_histograms.output_histogram([-1.0, 0.2, 2.0], [0, 0, 1], 0.5),
    "margins": output_histograms.margin_histogram([-0.5, 0.25, 1.0]),
    "activation": output_histograms.activation_curve("sigmoid", [-8.0, 0.0, 8.0], [0, 0, 1]),
    "numbers": class_counts.number_histogram([0.1, 0.6], [0, 1], 0.5),
    "counts": class_counts.class_counts([0, 1, 1], "abc"),
}


@cache
def vega_lite() -> Any:
    """Return a validator of the Vega-Lite schema that Altair contains."""
    folder = Path(altair.__file__).parent
    (path,) = folder.rglob("vega-lite-schema.json")
    return jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))


def rows(chart: vega.Chart, part: str | None = None) -> list[dict[str, Any]]:
    """Return a chart's rows, or those of one part, without their empty columns."""
    kept = [row for row in chart.data.to_pylist() if part in (None, row.get("part"))]
    return [{name: v for name, v in row.items() if v is not None} for row in kept]

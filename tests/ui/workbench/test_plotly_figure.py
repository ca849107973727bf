"""Plotly figures, also while somebody else imports pandas."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, threading, time
import plotly.graph_objects
from ui.workbench.plotly_figure import build_figure

other = threading.Thread(target=lambda: __import__("pandas"))
other.start()
while "pandas" not in sys.modules:
    time.sleep(0.001)
assert not hasattr(sys.modules["pandas"], "Series")
layout = {"title": {"text": "a"}}
figure = build_figure({"data": [{"type": "heatmap", "z": [[1]]}], "layout": layout})
other.join()
print(figure.layout.title.text)
"""


def test_a_figure_is_built_while_another_page_imports_pandas() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.stdout == "a\n", done.stderr[-500:]

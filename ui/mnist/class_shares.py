"""A live chart: the share of each class that the network predicts correctly."""

from __future__ import annotations

import numpy as np

from nncore.data.datasets import Dataset
from nncore.nn.network import Network
from ui.charts.palette import RIGHT
from ui.charts.share_bars import share_bars
from ui.charts.vega import Chart

#: Training images that the chart is measured on while the network trains.
WATCHED_IMAGES = 1000


def class_share_chart(network: Network | None, dataset: Dataset) -> Chart:
    """Build a chart of the share of each class that is predicted correctly.

    Args:
        network: The network to measure; None draws empty axes.
        dataset: Its first `WATCHED_IMAGES` training images are used.

    Returns:
        A live chart of one bar for each class.
    """
    labels = dataset.y_train[:WATCHED_IMAGES]
    shares = np.zeros(len(dataset.class_names))
    if network is not None:
        is_right = network.predict(dataset.x_train[:WATCHED_IMAGES]).argmax(axis=1) == labels
        counts = np.bincount(labels, minlength=len(shares))
        shares = np.bincount(labels[is_right], minlength=len(shares)) / np.maximum(counts, 1)
    return share_bars(shares, dataset.class_names, RIGHT, "", height=200, form=".0%")

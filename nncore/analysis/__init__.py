"""What can be learnt about a trained network: metrics, diagnosis, single units, significance.

Numbers only; pictures of them are drawn in `ui.charts`.
"""

"""Analysis of trained networks: metrics, diagnosis, single units, significance of differences.

Numbers only; charts of them are drawn in `ui.charts`.
"""

"""Handwritten digits: turn a drawing into 28 x 28 pixels, accept or refuse it, and keep it.

No network is trained here, and nothing is drawn on a page.
"""

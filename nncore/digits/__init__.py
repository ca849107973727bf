"""Handwritten digits: a drawing becomes 28 x 28 pixels, is accepted or refused, and is kept.

No network is trained here, and nothing is drawn on a page.
"""

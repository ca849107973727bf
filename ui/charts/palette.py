"""The lab's colours, and the meaning of each."""

from __future__ import annotations

# Okabe and Ito's colours, which can be told apart with any colour vision. Each has one meaning in
# the whole lab, and a dash, a shape or a place always says the same.
POSITIVE = "#0072B2"  # blue: a weight or bias above 0; solid
NEGATIVE = "#D55E00"  # vermillion: a weight or bias below 0; dashed
TRAINING = "#56B4E9"  # sky blue: measured on training samples; solid, circles
VALIDATION = "#E69F00"  # orange: measured on validation samples; dashed, squares
RIGHT = "#009E73"  # green: predicted as labelled; on the diagonal, on the right side
WRONG = "#CC79A7"  # purple: misclassified; off the diagonal, under a cross
# Everything else, such as the two classes of lessons 1 and 2, is drawn in two greys.
INK = "currentColor"  # the page's text colour, in light and in dark
MUTED = "#8C8C8C"

"""The lab's colours and what each of them means."""

from __future__ import annotations

# Okabe and Ito's colours, which people see apart whatever their colour vision. Each has one
# meaning in the whole lab, and never stands for it alone: a dash, a shape or a place says the same.
POSITIVE = "#0072B2"  # blue: a weight or bias above 0; solid
NEGATIVE = "#D55E00"  # vermillion: a weight or bias below 0; dashed
TRAINING = "#56B4E9"  # sky blue: measured on training samples; solid, circles
VALIDATION = "#E69F00"  # orange: measured on validation samples; dashed, squares
RIGHT = "#009E73"  # green: answered as the label says; on the diagonal, on the right side
WRONG = "#CC79A7"  # purple: answered otherwise; off the diagonal, under a cross
# What means none of these, the two classes of lessons 1 and 2 among it, is drawn in two greys.
INK = "currentColor"  # the page's text colour, in light and in dark
MUTED = "#8C8C8C"

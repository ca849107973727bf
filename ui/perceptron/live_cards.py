"""Step 3 of lesson 2: the two live cards, for one output or ten."""

from __future__ import annotations

from ui.perceptron.run_outputs import compute_outputs
from ui.perceptron.single_output import live_cards as unit_cards
from ui.perceptron.ten_outputs import live_cards as digit_cards
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View


def show_weights(page: LessonPage, shown: View) -> None:
    """Draw the weights as pictures, and the run's figures."""
    cards = digit_cards if shown.experiment.outputs > 1 else unit_cards
    cards.show_weights(page, shown, compute_outputs(shown))


def show_outputs(page: LessonPage, shown: View) -> None:
    """Draw a histogram of a single output, or the share found of each digit."""
    outputs = compute_outputs(shown)
    if shown.experiment.outputs > 1:
        digit_cards.show_recalls(shown, outputs)
    else:
        unit_cards.show_outputs(outputs)

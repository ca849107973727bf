"""Lesson 2: one unit says "five" or "not five"; rung by rung it becomes a reader of ten digits."""

from functools import partial

from ui.core import navigation

row = navigation.guard("perceptron")  # before all that takes long to import

import streamlit as st

from ui.perceptron.build import remove_hidden_layers, show_explanation, show_settings
from ui.perceptron.film import show_perceptron_film
from ui.perceptron.ladder import show_ladder, show_next_step
from ui.perceptron.ladder_progress import find_progress
from ui.perceptron.live_cards import show_outputs, show_weights
from ui.perceptron.look import show_look
from ui.perceptron.results import show_test
from ui.perceptron.rung_question import show_rung_question
from ui.tools.diagnosis_card import show_diagnosis
from ui.tools.microscope.tool import show_microscope
from ui.workbench import prediction_card
from ui.workbench.downloads import show_downloads
from ui.workbench.lesson_page import open_lesson
from ui.workbench.preset_cards import show_presets
from ui.workbench.tool_tabs import show_tool_tabs
from ui.workbench.workbench import show_workbench

page = open_lesson("perceptron", row, remove_hidden_layers)
progress = find_progress(page)
with st.container(gap="xsmall"):  # so that the workbench below is on the first screen
    with prediction_card.show_beside(page):
        show_look(page)
    next_step = show_ladder(progress)
shown = show_workbench(
    page,
    settings=show_settings,
    pictures=(show_weights, show_outputs),
    question=partial(show_rung_question, progress),
    speed="full speed" if page.dataset.embedded else "0.3 s an epoch",  # the sample: many epochs
)
show_next_step(next_step, progress, shown)
if not progress.waits_for_answer(shown):  # the diagnosis would give the answer away
    show_diagnosis(page, shown)
show_explanation(page, shown, progress)
show_test(page, shown, progress)
show_tool_tabs(page, shown, {"Film": show_perceptron_film, "One batch": show_microscope})
show_downloads(shown)
st.header("5 Ask", anchor=False)
show_presets(page)
st.subheader("Further", anchor=False)
st.markdown(page.text("further"))

"""Lesson 1: one number, eight hidden units, two outputs: is it at least 0.5?"""

from ui.core import navigation

row = navigation.guard("rounding")  # before all that takes long to import

import streamlit as st

from ui.rounding.build import show_explanation, show_settings
from ui.rounding.extrapolation.tool import show_extrapolation
from ui.rounding.film import show_rounding_film
from ui.rounding.held_out import show_held_out
from ui.rounding.look import show_look
from ui.rounding.manual_weights.tool import show_manual_weights
from ui.rounding.pictures import show_curve, show_network
from ui.rounding.results import show_test
from ui.tools.diagnosis_card import show_diagnosis
from ui.tools.microscope.tool import show_microscope
from ui.workbench import prediction_card
from ui.workbench.downloads import show_downloads
from ui.workbench.lesson_page import open_lesson
from ui.workbench.preset_cards import show_presets
from ui.workbench.tool_tabs import show_tool_tabs
from ui.workbench.workbench import show_workbench

page = open_lesson("rounding", row)
with prediction_card.show_beside(page):
    show_look(page)
shown = show_workbench(
    page, settings=show_settings, pictures=(show_network, show_curve), speed="0.3 s an epoch"
)
show_diagnosis(page, shown)
show_explanation(page, shown)
show_test(page, shown)
show_tool_tabs(
    page,
    shown,
    {
        "Film": show_rounding_film,
        "One batch": show_microscope,
        "By hand": show_manual_weights,
        "Outside the data": show_extrapolation,
    },
)
show_held_out(page, shown)
show_downloads(shown)
st.header("5 Ask", anchor=False)
show_presets(page)
st.subheader("Further", anchor=False)
st.markdown(page.text("further"))

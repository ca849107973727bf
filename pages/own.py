"""Lesson 5: the learner's own classes, a few drawings of each, and a network that tells them."""

from ui.core import navigation

row = navigation.guard("own")  # before the imports that take long

import streamlit as st

from nncore.data.datasets import DataUnavailable
from ui.own.build import show_build_notes
from ui.own.class_data import show_scores
from ui.own.data_choice import attach, find_settings
from ui.own.learning_curve import show_learning_curve
from ui.own.live_pictures import show_live_picture, show_network
from ui.own.look import show_look
from ui.own.missing import show_missing
from ui.own.neighbour import show_neighbour
from ui.own.reading_field import show_reading
from ui.own.results import show_results
from ui.own.settings import show_settings
from ui.tools.diagnosis_card import show_diagnosis
from ui.workbench import downloads, prediction_card
from ui.workbench.lesson_page import open_lesson
from ui.workbench.preset_cards import show_presets
from ui.workbench.workbench import show_workbench

try:
    page = open_lesson("own", row, complete=attach)
except DataUnavailable:
    show_look(*find_settings())
    show_missing(*find_settings())
else:
    show_look(page.lesson, page.experiment)
    with st.container():  # what appears in it must not move the field below, or strokes are lost
        prediction_card.show_card(page)
        pictures = (show_network, show_live_picture)
        view = show_workbench(page, settings=show_settings, pictures=pictures)
        show_diagnosis(page, view)
        show_build_notes(page)
    st.header("4 Test", anchor=False)
    show_reading(page, view)
    show_results(page, view)
    show_scores(page, view)
    downloads.show_downloads(view)
    st.header("5 Ask", anchor=False)
    show_learning_curve(page)
    show_neighbour(page, view)
    show_presets(page)
    st.subheader("Further", anchor=False)
    st.markdown(page.text("further"))

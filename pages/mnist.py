"""Lesson 3: the ten digits, from pixels to a network that reads them."""

from ui.core import navigation

row = navigation.guard("mnist")  # before the imports that take long

import streamlit as st

from nncore.data.datasets import DataUnavailable
from ui.mnist.build import show_build_notes, show_settings
from ui.mnist.film import show_mnist_film
from ui.mnist.live_pictures import show_live_picture, show_network
from ui.mnist.look import show_look
from ui.mnist.missing_data import show_missing_data
from ui.mnist.output_comparison import show_output_comparison
from ui.mnist.reproducibility import show_reproducibility
from ui.mnist.results import show_results
from ui.mnist.scaling_mistake import show_scaling_mistake
from ui.mnist.shape_errors import show_shape_errors
from ui.mnist.stage_panel import show_stages
from ui.mnist.training_loop import show_training_loop
from ui.tools.diagnosis_card import show_diagnosis
from ui.workbench import downloads, prediction_card
from ui.workbench.lesson_page import open_lesson
from ui.workbench.preset_cards import show_presets
from ui.workbench.workbench import show_workbench

try:
    page = open_lesson("mnist", row)
except DataUnavailable as error:
    show_missing_data(error)
else:
    with prediction_card.show_beside(page):
        show_look(page)
    view = show_workbench(page, settings=show_settings, pictures=(show_network, show_live_picture))
    show_diagnosis(page, view)
    show_build_notes(page)
    show_training_loop(page, view)
    show_mnist_film(page, view)
    show_results(page, view)
    downloads.show_downloads(view)
    st.header("5 Ask", anchor=False)
    show_stages(page, view)
    show_output_comparison(page, view)
    show_reproducibility(page)
    show_shape_errors(page)
    show_scaling_mistake(page)
    show_presets(page)
    st.subheader("Further", anchor=False)
    st.markdown(page.text("further"))

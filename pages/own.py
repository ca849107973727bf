"""Lesson 5: the learner's own classes, from drawing them to a network that tells them apart."""

from ui.core import navigation

row = navigation.guard("own")  # before the imports that take long

import streamlit as st

from nncore.data.datasets import DataUnavailable
from ui.own import drawings
from ui.own.missing import show_missing
from ui.own.pictures import show_network, show_shares
from ui.own.settings import show_settings
from ui.tools.diagnosis_card import show_diagnosis
from ui.workbench.downloads import show_downloads
from ui.workbench.lesson_page import open_lesson
from ui.workbench.preset_cards import show_presets
from ui.workbench.workbench import show_workbench

try:
    page = open_lesson("own", row, complete=drawings.attach)
except DataUnavailable as error:
    show_missing(error)
else:
    view = show_workbench(page, settings=show_settings, pictures=(show_network, show_shares))
    show_diagnosis(page, view)
    show_downloads(view)
    st.header("5 Ask", anchor=False)
    show_presets(page)

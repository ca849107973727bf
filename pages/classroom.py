"""The teacher's page: start a class, then lead it from one board."""

from ui.core import navigation

row = navigation.guard("classroom")  # before the imports that take long

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.class_store.errors import ClassError
from ui.classroom import desk
from ui.classroom.board import show_board
from ui.classroom.code_panel import show_secret_link
from ui.classroom.start_form import follow_secret_link, show_start
from ui.classroom.title_row import show_title_row
from ui.content.lesson import Lesson, load


def show_page(row: DeltaGenerator, texts: Lesson) -> None:
    follow_secret_link()
    found = desk.find_desk()
    if found is None:
        st.caption(texts.aim)
        show_start(texts)
        return
    show_title_row(texts, row, found)
    show_secret_link(texts, found)
    show_board(texts)


try:
    show_page(row, load("classroom"))
except ClassError as error:  # such as a database's address that cannot be used
    st.error(str(error), icon=":material/cloud_off:")

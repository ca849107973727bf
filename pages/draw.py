"""Lesson 4: draw a digit, and a network reads it."""

from ui.core import navigation

row = navigation.guard("draw")  # before the slow imports

import streamlit as st

from ui.draw import canvas, collection_gallery, image_offers
from ui.draw.canvas_and_prediction import Readers, show_drawing
from ui.draw.network_settings import show_settings
from ui.draw.reader_choice import choose_reader, show_progress
from ui.draw.reader_list import list_readers
from ui.workbench import downloads, lost_run, prediction_card
from ui.workbench.lesson_page import open_lesson
from ui.workbench.lost_run import show_lost_run
from ui.workbench.preset_cards import show_presets
from ui.workbench.run_view import View

page = open_lesson("draw", row)

# The network that reads: the page's own, or another one from the list.
listed = list_readers(page)
reader = choose_reader(listed)
readers = Readers(listed, reader)
show_progress(reader, page.dataset)
show_lost_run(page.name, lost_run.NOT_STORED if reader.record is None else lost_run.STORED)

# The drawing, its prediction, and the cards that explain it.
image_offers.receive_image()
canvas.show_tools()
show_drawing(page, readers)

# The learner's own digits, read by every network and used to train one further.
collection_gallery.show_section(page, readers)

# Predict first, then change the network of this page.
prediction_card.show_card(page)
show_settings(page)
downloads.show_downloads(View(reader.experiment, page.dataset, reader.checkpoint))

st.header("5 Ask", anchor=False)
show_presets(page)
st.subheader("Further", anchor=False)
st.markdown(page.text("further"))

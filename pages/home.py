"""The start: what the lab is, and its four lessons."""

import streamlit as st

from ui import frame

frame.guard()
st.title("Neural Network Lab", anchor=False)
st.markdown("Train a network, break it, find out why, mend it, and have it read your handwriting.")
for page in frame.PAGES[1:]:
    st.page_link(page.path, label=page.title, icon=page.icon)

"""The Neural Network Lab: page set-up and navigation, nothing else."""

import streamlit as st

from ui import frame

st.set_page_config(
    page_icon=":material/neurology:", layout="wide", initial_sidebar_state=frame.SIDEBAR_WIDTH
)
frame.open_lab().run()
frame.sidebar()

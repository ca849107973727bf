"""The least that a Streamlit app can be: what every page of the lab is held against."""

import streamlit as st

st.title("Empty")

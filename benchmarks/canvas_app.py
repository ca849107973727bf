"""The least that a canvas on a page can be: it prints the sum of what is drawn."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas

st.title("A canvas")
canvas = st_canvas(
    stroke_width=20,
    stroke_color="#000000",
    height=280,
    width=280,
    return_image_data=True,
    key="bare.canvas",
)
pixels = canvas.image_data
st.header(f"Sum {0 if pixels is None else int(pixels[..., 3].sum())}")

"""The least that a Streamlit app with pages can be, for the lab's pages that are not its first.

On the address of such a page Streamlit looks for its server below that address first: two requests
that a visitor of any app waits for.
"""

import streamlit as st


def show() -> None:
    """Draw the same as `empty_app.py`."""
    st.title("Empty")


pages = [st.Page(show, title="First", default=True), st.Page(show, title="Empty", url_path="page")]
st.navigation(pages).run()

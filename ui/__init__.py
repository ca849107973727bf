"""Pieces of Streamlit that the pages share."""

"""Misclassified test images as lesson 2 shows them: small pictures with a caption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

WIDTH = 84


class Mistake(NamedTuple):
    """A misclassified test image.

    Attributes:
        image: The address of its PNG.
        caption: Its label and the output.
    """

    image: str
    caption: str


def show_gallery(mistakes: Sequence[Mistake]) -> None:
    """Draw the pictures, each above its caption."""
    with st.container(horizontal=True, gap="small"):
        for mistake in mistakes:
            with st.container(width=WIDTH, gap="xxsmall"):
                st.image(mistake.image, width=WIDTH, alt=mistake.caption)
                st.caption(mistake.caption)

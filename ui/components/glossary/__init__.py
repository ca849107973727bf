"""Words of the field, each explained where it stands: on hover, focus or a tap.

Lessons' texts hold links such as `[epoch](#term-epoch)` (see `lesson_file.py`). One piece a page
listens for them wherever they are, and shows the definition beside the word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from ui.components.component import register

_component = register(
    "glossary",
    html='<div class="nncore-term" id="nncore-term" role="tooltip" popover="manual"></div>',
    isolate_styles=False,  # the links to be styled stand all over the page
)


def anchor(word: str) -> str:
    """Return the end of the address of links to a word: `"term-learning-rate"`."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")


def mount(words: Mapping[str, str]) -> None:
    """Puts the piece on the page, where nobody sees it: once a page, at its end.

    Args:
        words: Definitions by their words.
    """
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    _component(key="glossary.words", data=[{anchor(word): said for word, said in words.items()}])


def listed(words: Mapping[str, str]) -> None:
    """Draws all words with their definitions, by the alphabet.

    Args:
        words: Definitions by their words.
    """
    columns = st.columns(2, gap="medium")
    for column, part in zip(columns, _halves(sorted(words, key=str.lower)), strict=True):
        with column:
            st.markdown("\n\n".join(f"**{word}**: {words[word]}" for word in part))


def _halves(words: list[str]) -> tuple[list[str], list[str]]:
    middle = (len(words) + 1) // 2
    return words[:middle], words[middle:]

"""Definitions of the field's words, shown at the word on hover, focus or a tap.

Lessons' texts hold links such as `[epoch](#term-epoch)` (see `ui/content/toml_file.py`). One
invisible component on each page listens to all of them, and shows the definition at the word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from ui.components.component import register

_component = register(
    "glossary",
    html='<div class="nncore-term" id="nncore-term" role="tooltip" popover="manual"></div>',
    isolate_styles=False,  # it styles links all over the page
)


def anchor(word: str) -> str:
    """Return the end of the address of links to a word: `"term-learning-rate"`."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")


def mount(words: Mapping[str, str]) -> None:
    """Put the invisible component on the page: once a page, at its end.

    Args:
        words: Definitions by their words.
    """
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    _component(key="glossary.words", data=[{anchor(word): said for word, said in words.items()}])


def listed(words: Mapping[str, str], links: Mapping[str, str]) -> None:
    """Draw all words with their definitions in alphabetical order.

    Args:
        words: Definitions by their words.
        links: Addresses of Keras's page on a word.
    """
    columns = st.columns(2, gap="medium")
    for column, part in zip(columns, _halves(sorted(words, key=str.lower)), strict=True):
        with column:
            st.markdown("\n\n".join(_entry(word, words[word], links.get(word)) for word in part))


def _entry(word: str, definition: str, link: str | None) -> str:
    """Return a word with its definition and Keras's page on it, in Markdown."""
    return f"**{word}**: {definition}" + (f" [Keras: {word}]({link})" if link else "")


def _halves(words: list[str]) -> tuple[list[str], list[str]]:
    middle = (len(words) + 1) // 2
    return words[:middle], words[middle:]

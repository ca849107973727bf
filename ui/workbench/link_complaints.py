"""One box that says which parts of a link cannot be used, however many they are."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.core.wording import count

#: Sentences that the box lists at most; it counts the others.
MOST_LISTED = 8


def draw_complaints(complaints: Sequence[str]) -> None:
    """Draw the box; nothing where the whole link could be used.

    Args:
        complaints: A sentence for each part that could not be used, in Markdown.
    """
    if complaints:
        st.warning(describe_complaints(complaints), icon=":material/link_off:")


def describe_complaints(complaints: Sequence[str]) -> str:
    """Return one sentence as it is, and several as a list with a heading, in Markdown."""
    lines = [" ".join(complaint.split()) for complaint in dict.fromkeys(complaints)]
    if len(lines) == 1:
        return lines[0]
    listed = "\n".join(f"- {line}" for line in lines[:MOST_LISTED])
    left_out = len(lines) - MOST_LISTED
    more = f"\n- {count(left_out, 'more part')} of the link" if left_out > 0 else ""
    return f"**{len(lines)} parts of the link cannot be used.**\n\n{listed}{more}"

"""One box that says which parts of a link cannot be used, however many they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from ui.content.settings import SETTINGS
from ui.core.wording import count, lower_first

#: Sentences that the box lists at most; it counts the others.
MOST_LISTED = 6
_SETTING = re.compile(r"(?<=^The link's )[a-z]+\.[a-z0-9_]+(?= = | is )")


def draw_complaints(complaints: Sequence[str]) -> None:
    """Draw the box; nothing where the whole link could be used.

    Args:
        complaints: A sentence for each part that could not be used, in Markdown.
    """
    if complaints:
        st.warning(describe_complaints(complaints), icon=":material/link_off:")


def describe_complaints(complaints: Sequence[str]) -> str:
    """Return one sentence as it is, and several as a list with a heading, in Markdown."""
    lines = [_name_setting(" ".join(one.split())) for one in dict.fromkeys(complaints)]
    if len(lines) == 1:
        return lines[0]
    listed = "\n".join(f"- {line}" for line in lines[:MOST_LISTED])
    left_out = len(lines) - MOST_LISTED
    more = f"\n- {count(left_out, 'more part')} of the link" if left_out > 0 else ""
    return f"**{len(lines)} parts of the link cannot be used.**\n\n{listed}{more}"


def _name_setting(complaint: str) -> str:
    """Return a complaint about a setting with the name that the setting has on the page."""
    return _SETTING.sub(
        lambda name: lower_first(SETTINGS[name[0]].label) if name[0] in SETTINGS else name[0],
        complaint,
    )

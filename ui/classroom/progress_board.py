"""Progress on the board: who asks for help, and who is at which step, for how long."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from ui.class_store.values import MemberRow
from ui.classroom.desk import Desk
from ui.content.lesson import Lesson
from ui.core.catalog import find_lesson
from ui.core.wording import describe_seconds

if TYPE_CHECKING:
    from ui.class_store.store import ClassStore

STEPS = ("Look", "Build", "Train", "Test", "Ask")
#: Seconds without an event after which a member counts as idle, and steps of the time shown.
IDLE = 120
MINUTE = 60


def show_progress(texts: Lesson, found: Desk) -> None:
    """Draw the raised hands, and below them the members by the step that they are at."""
    read_at, members = found.read("members", lambda store: _read_members(store, found)) or (0.0, [])
    waited = time.monotonic() - read_at
    present = [replace(one, idle=one.idle + waited) for one in members if not one.has_left]
    if not present:
        st.markdown(texts.text("no_members"))
        return
    _show_hands(present)
    for column, (place, name) in zip(
        st.columns(len(STEPS), gap="small"), enumerate(STEPS, 1), strict=True
    ):
        here = [member for member in present if max(1, member.step) == place]
        with column, st.container(border=True, gap="small", height="stretch"):
            st.markdown(f"**{place} {name}** · {len(here)}")
            for member in here:
                st.markdown(describe_member(member, found.view.page))


def _read_members(store: ClassStore, found: Desk) -> tuple[float, list[MemberRow]]:
    """Return the members with the time at which they were read: idle times go on from there."""
    return time.monotonic(), store.list_members(found.key)


def _show_hands(members: Sequence[MemberRow]) -> None:
    waiting = [member for member in members if member.hand_raised_for is not None]
    waiting.sort(key=lambda member: -(member.hand_raised_for or 0))
    if waiting:
        names = " · ".join(f"**{member.name}**" for member in waiting)
        st.markdown(f":material/front_hand: Asks for help: {names}")
    else:
        st.markdown(":material/front_hand: Nobody asks for help.")


def describe_member(member: MemberRow, page: str) -> str:
    """Return a member's name, place and idle time, in Markdown.

    Args:
        member: The member.
        page: The class's lesson, which need not be named.
    """
    parts = [member.stage] if member.stage else []
    lesson = find_lesson(member.page)
    if lesson is not None and member.page != page:
        parts.insert(0, f"lesson {lesson.number}")
    if member.idle >= IDLE:
        parts.append(f"idle {describe_seconds(member.idle // MINUTE * MINUTE)}")
    hand = ":material/front_hand: " if member.hand_raised_for is not None else ""
    return f"{hand}**{member.name}**" + (f"  \n{' · '.join(parts)}" if parts else "")

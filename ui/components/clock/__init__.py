"""Has a fragment run again after some seconds, counted from when the browser got what it drew.

`st.fragment(run_every=...)` is not used in this lab, for two reasons. Its beat is fixed when the
page is run, and goes on while the server is still at work on the last one; here each run says when
the next is due, and a server that is late is not asked again before it has answered. And its
message may go out in the moment between a click and the click's own message, with the click in it:
then one click is done twice. This clock speaks through Streamlit's widgets, whose messages are put
together, and keeps silent for a moment after the learner has done something.

    @clock.every(0.5 if moving else None, key="home.clock")
    def progress() -> None:
        ...

    progress()
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import count

import streamlit as st

from ui.components.component import register

_component = register("clock")
_turns = count()


def every(seconds: float | None, *, key: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Makes a fragment of a function, one that is run again and again.

    Args:
        seconds: How long the browser waits after each run; None for a fragment without a clock.
        key: The clock's own, one on a page.
    """

    def fragment(draw: Callable[[], None]) -> Callable[[], None]:
        @wraps(draw)
        def drawn() -> None:
            draw()
            if seconds is not None:
                again(key, seconds)

        made: Callable[[], None] = st.fragment(drawn)
        return made

    return fragment


def again(key: str, seconds: float) -> bool:
    """Has the fragment that calls this run again: once, at its end, in each of its runs.

    Args:
        key: The clock's own, one on a page.
        seconds: How long the browser waits.

    Returns:
        Whether it was this clock that has brought this run.
    """
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    # Numbered: what is the same as before would not wind the clock up anew.
    data = [{"seconds": seconds, "turn": next(_turns)}]
    due = _component(key=key, data=data, on_due_change=_nothing).due
    if due == "page":  # the learner did something else in the moment of the clock's message
        st.rerun()
    return due is not None


def _nothing() -> None:
    """The run that the message brings is all that is wanted of it."""

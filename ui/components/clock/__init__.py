"""A clock in the browser that runs a fragment again some seconds after it was drawn.

`st.fragment(run_every=...)` draws nothing in this lab, for two reasons. Its beat is fixed when the
page is run, and goes on while the server is still at work on the last one; here each run says when
the next is due, and a server that is late is not asked again before it has answered. And its
message may go out in the moment between a click and the click's own message, with the click in it:
then one click is done twice. This clock speaks through Streamlit's widgets, whose messages are put
together, and keeps silent for a moment after the learner has done something.

    @clock.every(0.5 if moving else None, key="data.clock")
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
#: Seconds: a beat that hardly any page lives to hear.
DAY = 86_400.0


def every(seconds: float | None, *, key: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Make a function a fragment that runs again and again.

    Args:
        seconds: The wait after each run; None for a fragment without a clock.
        key: The clock's key, unique on a page.
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
    """Run the calling fragment once more: call this once, at the end of each of its runs.

    Args:
        key: The clock's key, unique on a page.
        seconds: The wait.

    Returns:
        True if this clock caused the present run.
    """
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    # Numbered: what is the same as before would not wind the clock up anew.
    data = [{"seconds": seconds, "turn": next(_turns)}]
    due = _component(key=key, data=data, on_due_change=_nothing).due
    if due == "page":  # the learner did something else in the moment of the clock's message
        st.rerun()
    return due is not None


@st.fragment(run_every=DAY)
def redraw_on_reconnect() -> None:
    """Have the page run again whenever its connection comes back: call this on every page.

    Streamlit's browser side asks for that only where something was under way or a fragment has a
    beat. A page at rest would stay as it was, and its session may be gone, or even its server. The
    next click would then be the first message of a new session, which knows no callback yet: it
    would do nothing.
    """


def _nothing() -> None:
    """Do nothing: the message only has to run the page."""

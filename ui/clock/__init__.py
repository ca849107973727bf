"""Has a fragment run again after some seconds, counted from when the browser got what it drew.

`st.fragment(run_every=...)` has a beat that is fixed when the page is run, and goes on beating
while the server is still at work on the last one. Here each run says when the next is due: soon
where a curve is about to begin, later where many train; and a server that is late is not asked
again before it has answered.
"""

from __future__ import annotations

from itertools import count

from ui.component import register

_component = register("clock")
_turns = count()


def again(key: str, seconds: float) -> None:
    """Has the fragment that calls this run again: once, at its end, in each of its runs.

    Args:
        key: The piece's own.
        seconds: How long the browser waits.
    """
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    # Numbered: what is the same as before would not wind the clock up anew.
    data = [{"seconds": seconds, "turn": next(_turns)}]
    _component(key=key, data=data, on_due_change=_nothing)


def _nothing() -> None:
    """The run that the message brings is all that is wanted of it."""

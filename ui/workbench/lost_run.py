"""The sentence about an earlier run: over because its tab was away or the lab restarted."""

from __future__ import annotations

import streamlit as st

from ui.core import page_runs
from ui.core.tabs import grace_of_environment
from ui.core.wording import describe_seconds

#: What to do next, where a stored result is on the page and where there is none.
STORED = "A stored result of these settings is shown here."
NOT_STORED = "Your settings are kept in the address: press **Train** to run it again."
SWEEP = "Runs that had finished keep their scores, and you can train the others."
LEDGER = "Runs that had finished are among *Everyone's*."


def show_lost_run(page: str, next_step: str, thing: str = "run") -> None:
    """Draw the sentence where the tab's last run on a page is gone.

    Args:
        page: The page.
        next_step: One of this module's sentences, in Markdown.
        thing: The word for what is gone.
    """
    if page in page_runs.list_lost():
        st.info(f"{explain_loss(thing)} {next_step}", icon=":material/history:")


def show_lost_runs() -> None:
    """Draw the sentence of the page that lists all runs, where runs on any page are gone."""
    if page_runs.list_lost():
        st.info(f"{explain_loss('run')} {LEDGER}", icon=":material/history:")


def explain_loss(thing: str) -> str:
    """Return why a run is no longer at hand, in a sentence."""
    time = describe_seconds(grace_of_environment())
    return (
        f"Your earlier {thing} is over: this tab was away for more than {time}, "
        "or the lab was restarted."
    )

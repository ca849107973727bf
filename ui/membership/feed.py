"""What a member's page knows of the class: read from the store, kept in the session.

A page that polls asks for a number that changes with all that the member can see, one cheap query,
and reads the rest only if it has changed. While the database cannot be reached, the last state is
shown and asked for less often.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import streamlit as st

from ui.class_store import access
from ui.class_store.access import ClassAccess
from ui.class_store.errors import ClassNotFound, NotAllowed, StoreUnavailable
from ui.class_store.values import Card, MemberKey, MemberView, Tally
from ui.core import server, state
from ui.core.keys import Key
from ui.membership import class_drawings, kept_keys

#: Seconds for which a database that could not be reached is not asked again.
PAUSE = 5.0


@dataclass(frozen=True)
class Feed:
    """The class as its member's page knows it.

    Args:
        key: The member's key.
        view: The class and the member.
        version: The number that the view belongs to, see `StoreViews.version`.
        cards: All that the teacher has sent, the oldest first.
        tallies: The votes on the present question whose spread is shown, the first vote first.
        lost_at: When the database could not be reached, by the monotonic clock; None if it can.
    """

    key: MemberKey
    view: MemberView
    version: int
    cards: tuple[Card, ...] = ()
    tallies: tuple[Tally, ...] = field(default=())
    lost_at: float | None = None

    @property
    def is_lost(self) -> bool:
        """Return True while the database cannot be reached."""
        return self.lost_at is not None


_FEED = Key[Feed | None]("class.feed", None)
#: When a first look at the class failed, by the monotonic clock.
_FAILED_AT = Key[float | None]("class.failed", None)


def open_classes() -> ClassAccess:
    """Return the classes of this lab. Its first call imports SQLAlchemy.

    Raises:
        ClassError: If the database's address cannot be used.
    """
    return server.share(access.open_access)


def read_feed() -> Feed | None:
    """Return what is known of the learner's class; None for a learner who is in none."""
    key, feed = kept_keys.find_member_key(), state.get(_FEED)
    if key is None:
        state.drop(_FEED)
        return None
    return feed if feed is not None and feed.key == key else None


def refresh() -> Feed | None:
    """Look whether the class has changed, and return it; None for a learner who is in none."""
    key, feed = kept_keys.find_member_key(), read_feed()
    if key is None:
        return None
    failed_at = feed.lost_at if feed is not None else state.get(_FAILED_AT)
    if failed_at is not None and time.monotonic() - failed_at < PAUSE:
        return feed
    try:
        feed = _read(key, feed)
        state.drop(_FAILED_AT)
    except StoreUnavailable:
        state.put(_FAILED_AT, time.monotonic())
        feed = None if feed is None else replace(feed, lost_at=time.monotonic())
    except (ClassNotFound, NotAllowed):
        forget()
        st.toast("The class has ended. Everything in it was deleted.", icon=":material/groups:")
        return None
    state.put(_FEED, feed)
    return feed


def forget() -> None:
    """Forget the class: it has ended, or the learner has left it."""
    kept_keys.keep_member_key(None)
    state.drop(_FEED)
    state.drop(class_drawings.COLLECTION)


def _read(key: MemberKey, feed: Feed | None) -> Feed:
    store = open_classes().store
    version = store.version(key)
    if feed is not None and feed.version == version:
        return replace(feed, lost_at=None)
    view = store.view_member(key)
    known = feed.cards if feed is not None else ()
    new = store.receive(key, known[-1].number if known else 0)
    question, tallies = view.classroom.question, []
    if question is not None:
        shown = question.round + 1 if question.is_shown else question.round
        tallies = [store.tally(key, question.name, number) for number in range(1, shown)]
    return Feed(key, view, version, (*known, *new), tuple(tallies))

"""The outbox: events of members that wait while the database cannot be reached.

An event is sent at once where that is possible. Otherwise it waits in this process, in bounded
memory, and a thread sends it again until it arrives or is refused. The events of a member arrive in
the order in which they were written.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from typing import NamedTuple, Protocol

from ui.class_store.errors import ClassError, LimitReached, StoreUnavailable
from ui.class_store.values import Answer, Hand, MemberEvent, MemberKey, Progress, new_event

LOG = logging.getLogger(__name__)
#: Events that wait at most: of one member, and of all members of this process.
MOST_OF_MEMBER, MOST_OF_ALL = 50, 2000
#: Seconds between two attempts to send what waits, and between two clean-ups of old classes.
RETRY, CLEAN_UP = 1.0, 600.0


class Recorder(Protocol):
    """The part of a store that an outbox needs."""

    def record(self, key: MemberKey, event: MemberEvent, identity: str = "") -> None:
        """Append a member's event; one that is sent again under its identity counts once."""

    def purge(self) -> int:
        """Delete the classes that are over, and return how many."""


class Letter(NamedTuple):
    """An event that waits, under the identity with which it is sent."""

    event: MemberEvent
    identity: str


class Outbox:
    """Sends the events of all members of this process. Its methods may be called from any thread.

    Args:
        store: The store that they are sent to.
        retry: Seconds between two attempts to send what waits.
    """

    def __init__(self, store: Recorder, retry: float = RETRY) -> None:
        self._store, self._retry = store, retry
        self._changed = threading.Condition()
        self._letters: OrderedDict[MemberKey, deque[Letter]] = OrderedDict()
        self._in_flight = ""
        self._is_closed = False
        threading.Thread(target=self._work, name="class-outbox", daemon=True).start()

    def send(self, key: MemberKey, event: MemberEvent, identity: str = "") -> bool:
        """Send an event, or keep it until it can be sent.

        Args:
            key: The member's key.
            event: The event.
            identity: Its identity, from `new_event`; a new one by default.

        Returns:
            True if the event is stored, False if it waits.

        Raises:
            ClassError: If the class refuses the event, or no more events can wait.
        """
        letter = Letter(event, identity or new_event())
        if not self.waiting(key):
            try:
                self._store.record(key, event, letter.identity)
                return True
            except StoreUnavailable:
                pass
        self._keep(key, letter)
        return False

    def post(self, key: MemberKey, event: MemberEvent, identity: str = "") -> None:
        """Hand an event to the outbox's thread, which sends it soon; never wait for the database.

        Args:
            key: The member's key.
            event: The event.
            identity: Its identity, from `new_event`; a new one by default.

        Raises:
            LimitReached: If no more events can wait.
        """
        self._keep(key, Letter(event, identity or new_event()))

    def waiting(self, key: MemberKey) -> int:
        """Return how many events of a member wait to be sent."""
        with self._changed:
            return len(self._letters.get(key, ()))

    def drop(self, key: MemberKey) -> None:
        """Forget what waits for a member, such as one who leaves."""
        with self._changed:
            self._letters.pop(key, None)

    def __len__(self) -> int:
        with self._changed:
            return self._count()

    def close(self) -> None:
        """End the thread; what waits is lost."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _count(self) -> int:
        return sum(map(len, self._letters.values()))

    def _keep(self, key: MemberKey, letter: Letter) -> None:
        with self._changed:
            letters = self._letters.setdefault(key, deque())
            for old in [one for one in letters if self._is_outdated(one, letter)]:
                letters.remove(old)
            if len(letters) >= MOST_OF_MEMBER or self._count() >= MOST_OF_ALL:
                raise LimitReached("The class cannot be reached, and no more events can wait.")
            letters.append(letter)
            self._changed.notify_all()

    def _is_outdated(self, old: Letter, new: Letter) -> bool:
        """Return True where a newer event says all that one that waits would say."""
        if old.identity == self._in_flight:
            return False
        match old.event, new.event:
            case (Progress(), Progress()) | (Hand(), Hand()):
                return True
            case Answer() as one, Answer() as other:
                return (one.question, one.round) == (other.question, other.round)
        return old.identity == new.identity

    # The thread

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._is_closed:
                    self._changed.wait(self._retry if self._letters else CLEAN_UP)
                if self._is_closed:
                    return
            try:
                self._store.purge()
                self._send_all()
            except StoreUnavailable:
                continue  # after a pause
            except Exception:  # the thread must go on
                LOG.exception("The outbox of classes failed.")

    def _send_all(self) -> None:
        """Send what waits, one event of each member in turn.

        Raises:
            StoreUnavailable: If the database still cannot be reached.
        """
        while (chosen := self._choose()) is not None:
            key, letter = chosen
            is_done = True
            try:
                self._store.record(key, letter.event, letter.identity)
            except StoreUnavailable:
                is_done = False
                raise
            except ClassError as error:
                LOG.info("A class refused an event that had waited: %s", error)
            except Exception:  # one event that cannot be sent must not hold up all others
                LOG.exception("An event of a class could not be sent.")
            finally:
                self._settle(key, letter, is_done)

    def _choose(self) -> tuple[MemberKey, Letter] | None:
        with self._changed:
            for key, letters in self._letters.items():
                if letters and not self._is_closed:
                    self._letters.move_to_end(key)
                    self._in_flight = letters[0].identity
                    return key, letters[0]
            self._letters.clear()
            return None

    def _settle(self, key: MemberKey, letter: Letter, is_done: bool) -> None:
        with self._changed:
            self._in_flight = ""
            letters = self._letters.get(key)
            if is_done and letters and letters[0] == letter:
                letters.popleft()
            if not letters:
                self._letters.pop(key, None)

"""Two threads of one session: what the old one still writes waits for what the new one reads."""

from __future__ import annotations

import threading

import pytest
from streamlit.runtime.state import SafeSessionState, SessionState

from ui.core import session_lock


@pytest.fixture(autouse=True)
def shared_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SafeSessionState, "__init__", SafeSessionState.__init__)  # as it was
    session_lock.share_lock()
    session_lock.share_lock()  # once more changes nothing


def test_a_thread_that_ends_does_not_write_while_its_successor_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = SessionState()
    old, new = (SafeSessionState(state, lambda: None) for _ in range(2))
    for number in range(5):
        old[f"key {number}"] = number
    writer = threading.Thread(target=lambda: old.__setitem__("late", True))
    get_id = SessionState._get_widget_id

    def interrupted(self: SessionState, key: str) -> str:
        if writer.ident is None:
            writer.start()
            writer.join(0.2)  # it is done by then if nothing holds it up
        return get_id(self, key)

    monkeypatch.setattr(SessionState, "_get_widget_id", interrupted)
    new.on_script_will_rerun(None)  # goes through all keys
    writer.join()
    assert {*new.filtered_state} == {*(f"key {number}" for number in range(5)), "late"}


def test_a_thread_that_is_to_stop_writes_nothing_after_its_successor() -> None:
    class Stopped(BaseException):
        """As Streamlit stops a page's thread."""

    def check() -> None:
        if asked.is_set():  # before it waited it might still go on
            raise Stopped
        asked.set()

    asked, state = threading.Event(), SessionState()
    old, new = SafeSessionState(state, check), SafeSessionState(state, lambda: None)
    ends: list[type[BaseException]] = []

    def write() -> None:
        try:
            old["tab"] = "old"
        except Stopped as error:
            ends.append(type(error))

    writer = threading.Thread(target=write)
    with new._lock:  # as while a callback runs
        writer.start()
        asked.wait(10)
        new["tab"] = "new"
    writer.join()
    assert new["tab"] == "new"
    assert ends == [Stopped]
    new["tab"] = "newer"  # the lock is free


def test_sessions_do_not_wait_for_each_other() -> None:
    one, other = (SafeSessionState(SessionState(), lambda: None) for _ in range(2))
    assert one._lock.lock is not other._lock.lock  # type: ignore[attr-defined]

"""The browser's address is taken up, also where the browser interrupts the run that does so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ui.core import address, state
from ui.core.keys import Key

BROUGHT = {"epochs": "12", "seed": "3"}


class Interrupted(Exception):
    """The browser has asked for another run."""


class Session:
    """A session's state that interrupts the run at one of its changes.

    Args:
        query: The browser's address.
        stop_at: The number of the change that is not made any more; None for none.
    """

    def __init__(self, query: dict[str, str], stop_at: int | None = None) -> None:
        self.query, self.values = query, dict[str, Any]()
        self.is_step = False
        self._left = stop_at

    def get(self, key: Key[Any]) -> Any:
        return self.values.get(key.name, key.default)

    def put(self, key: Key[Any], value: Any) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                self._left = None
                raise Interrupted
        self.values[key.name] = value


Use = Callable[[Session], Session]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Let the address keep its entries in a session of the test's own."""

    def use_it(session: Session) -> Session:
        monkeypatch.setattr(state, "get", session.get)
        monkeypatch.setattr(state, "put", session.put)
        monkeypatch.setattr(state, "get_query", lambda: dict(session.query))
        monkeypatch.setattr(state, "is_history_step", lambda: session.is_step)
        return session

    return use_it


def run_page() -> tuple[bool, dict[str, str]]:
    """Return whether a run of the page takes up an address, and what that says."""
    address.follow("mnist")
    with address.take_up("mnist") as is_fresh:
        return is_fresh, dict(address.read("mnist"))


def test_an_address_is_taken_up_once(use: Use) -> None:
    use(Session(BROUGHT))
    assert run_page() == (True, BROUGHT)
    assert run_page() == (False, BROUGHT)


@pytest.mark.parametrize("stop_at", range(6))
def test_an_interrupted_run_leaves_the_address_to_the_next_one(use: Use, stop_at: int) -> None:
    use(Session(BROUGHT, stop_at))
    with pytest.raises(Interrupted):
        run_page()
    assert run_page() == (True, BROUGHT)
    assert run_page() == (False, BROUGHT)


@pytest.mark.parametrize("stop_at", range(1, 6))
@pytest.mark.parametrize("is_shown", [True, False])
def test_so_does_one_that_follows_a_step_back(use: Use, stop_at: int, is_shown: bool) -> None:
    session = use(Session(BROUGHT))
    run_page()
    session.values["address.confirmed"] = is_shown
    session.query, session.is_step, session._left = {"epochs": "5"}, True, stop_at
    with pytest.raises(Interrupted):
        run_page()
    session.is_step = False
    assert run_page() == (True, {"epochs": "5"})


def test_a_page_that_fails_while_it_reads_its_address_reads_it_again(use: Use) -> None:
    use(Session(BROUGHT))
    address.follow("mnist")
    with pytest.raises(Interrupted), address.take_up("mnist"):
        raise Interrupted
    with address.take_up("mnist") as is_fresh:
        assert is_fresh

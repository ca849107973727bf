"""The limits on how often codes are tried, in bounded memory."""

import pytest

from tests.ui.class_store.conftest import Clock
from ui.class_store import limits
from ui.class_store.limits import Limiter, Tries, group_address


def test_a_limiter_counts_the_last_ten_minutes(clock: Clock) -> None:
    limiter = Limiter(2, now=clock)
    limiter.add("a")
    clock.now += 400
    limiter.add("a")
    assert limiter.is_full("a")
    assert not limiter.is_full("b")
    clock.now += 201
    assert limiter.count("a") == 1


def test_a_limiter_forgets_the_names_seen_longest_ago(clock: Clock) -> None:
    limiter = Limiter(1, remembered=3, now=clock)
    for name in "abca":
        limiter.add(name)
    limiter.add("d")
    assert [limiter.count(name) for name in "abcd"] == [1, 0, 1, 1]


def test_a_limiter_stays_small_however_often_it_is_asked(clock: Clock) -> None:
    limiter = Limiter(3, remembered=10, now=clock)
    for number in range(10_000):
        limiter.add(str(number // 10))
        limiter.count("never added")
    assert len(limiter) == 10
    assert limiter.count("999") == 3


def test_an_address_is_forgotten_once_no_limit_needs_it(clock: Clock) -> None:
    limiter = Limiter(3, now=clock)
    limiter.add("192.0.2.1")
    clock.now += 300
    limiter.add("192.0.2.2")
    clock.now += 300
    limiter.forget()
    assert len(limiter) == 1
    assert limiter.count("192.0.2.2") == 1


def test_codes_are_not_guessed_from_one_address(clock: Clock) -> None:
    tries = Tries(clock)
    guesses = 0
    for _ in range(24 * 6):  # a class's life, in steps of ten minutes
        while not tries.are_used_up("192.0.2.1"):
            tries.add("192.0.2.1")
            guesses += 1
        clock.now += limits.WINDOW
    assert guesses == 24 * 6 * limits.TRIES_OF_ADDRESS
    assert guesses / 64_000_000 < 1e-4  # the chance to guess one class's code


def test_an_address_that_never_failed_may_try_while_others_guess(clock: Clock) -> None:
    tries = Tries(clock)
    for number in range(limits.TRIES_OF_ALL):
        tries.add(f"192.0.2.{number}")
    assert tries.are_used_up("192.0.2.1")
    assert not tries.are_used_up("198.51.100.1")


def test_all_addresses_together_are_forgiven_after_a_while(clock: Clock) -> None:
    tries = Tries(clock)
    for number in range(limits.TRIES_OF_ALL):
        tries.add(f"192.0.2.{number}")
    clock.now += limits.WINDOW
    assert not tries.are_used_up("192.0.2.1")


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("", ""),
        ("x" * 1000, "x" * 64),
    ],
)
def test_addresses_of_one_household_count_as_one(address: str, group: str) -> None:
    assert group_address(address) == group

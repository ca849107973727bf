"""Codes, secrets and names."""

import secrets

import pytest

from ui.class_store import codes


def test_a_code_has_six_letters_that_nobody_mistakes() -> None:
    assert not set(codes.LETTERS) & set("AEIOUY0125")
    for _ in range(100):
        code = codes.make_code()
        assert len(code) == 6
        assert set(code) <= set(codes.LETTERS)


def test_there_are_64_million_codes() -> None:
    assert len(set(codes.LETTERS)) ** codes.LENGTH == 64_000_000


def test_codes_and_secrets_come_from_the_system_s_randomness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(secrets, "choice", lambda letters: letters[0])
    monkeypatch.setattr(secrets, "token_bytes", lambda count: b"\0" * count)
    assert codes.make_code() == "BBBBBB"
    assert codes.make_secret() == "A" * 32  # 24 bytes, in base64
    assert codes.make_token() == "0" * 32


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("KTRWPX", "KTRWPX"),
        (" ktr-wpx\n", "KTRWPX"),
        ("1 O S 2 8 V", "LQSZBV"),
        ("KTRWP", ""),
        ("KTRWPXX", ""),
        ("KTRWPA", ""),
        ("K" * 10**6, ""),
        ("\u212a" + "TRWPX", ""),
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str, code: str) -> None:
    assert codes.read_code(typed) == code


def test_a_secret_matches_its_own_hash_only() -> None:
    secret = codes.make_secret()
    stored = codes.hash_secret("KTRWPX", secret)
    assert codes.matches("KTRWPX", secret, stored)
    assert not codes.matches("KTRWPX", codes.make_secret(), stored)
    assert not codes.matches("KTRWPZ", secret, stored)


def test_one_browser_has_another_hash_in_each_class() -> None:
    token = codes.make_token()
    assert codes.hash_secret("KTRWPX", token) != codes.hash_secret("KTRWPZ", token)


def test_200_members_have_200_names() -> None:
    taken: list[str] = []
    for _ in range(200):
        taken.append(codes.choose_name(taken))
    assert len(set(taken)) == 200
    assert all(len(name.split()) == 2 for name in taken)


def test_the_last_name_is_found_too() -> None:
    assert codes.choose_name(codes.NAMES[1:]) == codes.NAMES[0]
    assert len(set(codes.NAMES)) == len(codes.NAMES) == 768

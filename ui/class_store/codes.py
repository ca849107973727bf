"""Codes that people type, secrets that browsers keep, and the friendly names of members."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection

#: Capital consonants but Y: no word can come out, and no two look alike in most typefaces.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
#: Letters of a code: 20 to the power of 6 are 64 million codes.
LENGTH = 6
#: What is typed for a letter that looks alike.
_LOOKALIKES = str.maketrans("01258IOU", "QLZSBLQV")
_CODE = re.compile(f"[{LETTERS}]{{{LENGTH}}}")
_TOKEN = re.compile(r"[0-9a-f]{32}")
#: Words of one sound each: a name can be called out in a classroom. 24 x 32 = 768 names.
COLOURS = tuple(
    """Amber Blue Bronze Brown Copper Coral Cream Crimson Golden Green Grey Indigo Ivory Jade Lilac
    Lemon Olive Orange Pearl Purple Ruby Scarlet Silver Violet""".split()
)
ANIMALS = tuple(
    """Badger Beaver Bison Camel Crane Dolphin Eagle Falcon Ferret Finch Fox Gecko Hare Hedgehog
    Heron Ibis Koala Lark Lynx Magpie Marten Otter Owl Panda Puffin Raven Robin Seal Swan Tiger
    Turtle Wombat""".split()
)
NAMES = tuple(f"{colour} {animal}" for colour in COLOURS for animal in ANIMALS)


def make_code() -> str:
    """Return a random code."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read_code(text: str) -> str:
    """Return the code that somebody typed; empty if it cannot be one.

    Small letters, blanks and hyphens are accepted, and characters that look like a letter of codes.
    """
    typed = re.sub(r"[\s-]", "", text[:40]).upper().translate(_LOOKALIKES)
    return typed if _CODE.fullmatch(typed) else ""


def make_secret() -> str:
    """Return a teacher's secret: 192 random bits as text that fits into a link."""
    return secrets.token_urlsafe(24)


def make_token() -> str:
    """Return a member's token: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def is_token(text: str) -> bool:
    """Return True for 32 hexadecimal digits."""
    return _TOKEN.fullmatch(text) is not None


def hash_secret(code: str, secret: str) -> str:
    """Return what the store keeps of a secret or a token.

    A secret has 128 random bits or more, so it needs no slow hash. The code goes in as well: one
    browser's token has another hash in each class, and rows of two classes cannot be joined by it.
    """
    return hashlib.sha256(f"{code}:{secret}".encode()).hexdigest()


def matches(code: str, secret: str, stored: str) -> bool:
    """Return True if a secret has the stored hash, in a time that tells nothing about it."""
    return hmac.compare_digest(hash_secret(code, secret), stored)


def choose_name(taken: Collection[str]) -> str:
    """Return a random name that is not taken.

    Args:
        taken: The names that are in use; fewer than there are names.
    """
    used = set(taken)
    return secrets.choice([name for name in NAMES if name not in used])

"""The theme's colours: text has at least 4.5 to 1 on its ground, marks 3 to 1 (WCAG 2.1, AA)."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

THEME = tomllib.loads((Path(__file__).parents[3] / ".streamlit/config.toml").read_text())["theme"]
#: Least contrast of text, and of marks such as a button's area.
TEXT, MARK = 4.5, 3.0
TEXTS = ("textColor", "codeTextColor", "linkColor")
COLOURED = ("blueTextColor", "greenTextColor", "orangeTextColor", "redTextColor", "violetTextColor")


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour such as "#0072B2"."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_every_ground(scheme: str) -> None:
    theme = THEME[scheme]
    grounds = (theme["backgroundColor"], theme["sidebar"]["backgroundColor"])
    for name in (*TEXTS, *COLOURED):
        assert all(contrast(theme[name], ground) >= TEXT for ground in grounds), name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_white_can_be_read_on_a_primary_button_and_the_button_seen(scheme: str) -> None:
    primary = THEME[scheme]["primaryColor"]
    assert contrast(primary, "#ffffff") >= TEXT
    assert contrast(primary, THEME[scheme]["backgroundColor"]) >= MARK

"""What axe-core finds on a page that is open in the browser."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import ROOT
from tests.browser.steps import PATIENCE

#: The source of axe-core, which `npm ci` installs beside TypeScript.
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: Parts of Streamlit's own frame, which the lab cannot change.
STREAMLITS_OWN = ["[data-testid=stSidebarNav]", "[data-testid=stHeader]"]
#: Of axe's best practices, the one on the order of headings.
RULES = {"heading-order": {"enabled": True}}
#: Return true if the page has these colours; if all of it is drawn, and nothing on it fades.
_HAS_COLOURS = """scheme =>
  getComputedStyle(document.querySelector("[data-testid=stApp]")).colorScheme === scheme"""
_IS_DRAWN = """() =>
  document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning"
  && document.getAnimations().every(({playState}) => playState !== "running")
  && !document.querySelector("[data-stale=true], [data-testid=stSkeleton]")"""


def find_violations(page: Page) -> list[Any]:
    """Return the rules that the page breaks, each with the elements; not Streamlit's own parts.

    What breaks a rule at the first look and not at the second was half faded.
    """
    if not AXE.is_file():
        (pytest.fail if "CI" in os.environ else pytest.skip)("Needs axe-core: run `npm ci`.")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return _look(page) and _look(page)


def find_in_any_colours(page: Page) -> list[Any]:
    """Return the rules that the page breaks in dark or light; leave it in light."""
    found = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_HAS_COLOURS, arg=scheme, timeout=PATIENCE)
        found += [[scheme, *violation] for violation in find_violations(page)]
    return found


def _look(page: Page) -> list[Any]:
    page.wait_for_function(_IS_DRAWN, timeout=PATIENCE)
    violations: list[Any] = page.evaluate(
        """async ({own, rules}) => {
            const result = await axe.run({exclude: own}, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
                rules,
            });
            return result.violations.map(({id, nodes}) => [id, ...nodes.map((node) =>
                [node.html.slice(0, 200), node.any[0]?.message ?? ""])]);
        }""",
        {"own": STREAMLITS_OWN, "rules": RULES},
    )
    return violations

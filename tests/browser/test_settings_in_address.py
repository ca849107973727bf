"""On every page with settings: change three, reload, compare; then Back three times."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Lab
from tests.browser.steps import PATIENCE, change, field, open_at, pick


class Setting(NamedTuple):
    """A setting as a visitor changes and reads it.

    Attributes:
        new: What its control is to show.
        part: A regular expression for what the address then says.
        find: Return the element that shows its value.
        set_it: Make it show a value.
    """

    new: str
    part: str
    find: Callable[[Page], Locator]
    set_it: Callable[[Page, str], None]


def number(name: str, new: str, part: str) -> Setting:
    """Return a setting with a number field."""
    return Setting(
        new,
        part,
        lambda page: field(page, name),
        lambda page, value: change(page, name, value, part),
    )


def choice(name: str, new: str, part: str) -> Setting:
    """Return a setting with a select box."""

    def find(page: Page) -> Locator:
        box = page.get_by_test_id("stSelectbox").filter(has_text=name).first
        return box.get_by_role("combobox")

    def choose(page: Page, value: str) -> None:
        pick(find(page), page.get_by_role("option", name=value, exact=True))
        page.wait_for_url(re.compile(part), timeout=PATIENCE)

    return Setting(new, part, find, choose)


def segments(name: str, new: str, part: str) -> Setting:
    """Return a setting with a row of buttons, one of them pressed."""

    def row(page: Page) -> Locator:
        return page.get_by_role("radiogroup", name=name)

    def choose(page: Page, value: str) -> None:
        row(page).get_by_role("radio", name=value).click()
        page.wait_for_url(re.compile(part), timeout=PATIENCE)

    return Setting(new, part, lambda page: row(page).locator("[aria-checked=true]"), choose)


PAGES: dict[str, tuple[Setting, Setting, Setting]] = {
    "rounding": (
        number("Epochs", "12", r"epochs=12(&|$)"),
        number("Batch size", "64", r"batch=64(&|$)"),
        choice("Learning rate", "0.03", r"rate=0\.03(&|$)"),
    ),
    "perceptron": (
        number("Epochs", "12", r"epochs=12(&|$)"),
        number("Batch size", "64", r"batch=64(&|$)"),
        choice("Learning rate", "0.03", r"rate=0\.03(&|$)"),
    ),
    "mnist": (
        number("Epochs", "12", r"epochs=12(&|$)"),
        number("Layer 1", "48", r"units=48(&|$)"),
        segments("Pixels", "0 to 255", r"scaled=false(&|$)"),
    ),
    "draw": (
        number("Seed", "3", r"seed=3(&|$)"),
        number("Batch size", "32", r"batch=32(&|$)"),
        number("Epochs", "2", r"epochs=2(&|$)"),
    ),
    "sweep": (
        segments("Combinations", "Random sample", r"sweep\.sample=20(&|$)"),
        number("Runs", "7", r"sweep\.sample=7(&|$)"),
        number("Seed", "3", r"sweep\.seed=3(&|$)"),
    ),
}


def read(page: Page, name: str, setting: Setting) -> str:
    """Return what a control shows; lesson 4's are in an expander."""
    if name == "draw":
        card = page.get_by_test_id("stExpander").filter(has_text="the network of this page")
        expect(card).to_be_visible(timeout=PATIENCE)
        if not setting.find(page).is_visible():
            card.locator("summary").click()
    shown = setting.find(page)
    expect(shown).to_be_visible(timeout=PATIENCE)
    is_field = shown.evaluate("element => element instanceof HTMLInputElement")
    return shown.input_value() if is_field else shown.inner_text()


def shows(page: Page, setting: Setting, value: str) -> None:
    """Wait until a control shows a value."""
    shown = setting.find(page)
    expect(shown).to_be_visible(timeout=PATIENCE)
    if shown.evaluate("element => element instanceof HTMLInputElement"):
        expect(shown).to_have_value(value, timeout=PATIENCE)
    else:
        expect(shown).to_have_text(value, timeout=PATIENCE)


@pytest.mark.parametrize("name", PAGES)
def test_three_changes_survive_a_reload_and_back_undoes_each(
    name: str, lab: Lab, page: Page
) -> None:
    settings, before = PAGES[name], []
    open_at(page, f"{lab.url}/{name}")
    for setting in settings:
        before.append(read(page, name, setting))
        assert before[-1] != setting.new
        setting.set_it(page, setting.new)
    address = page.url
    page.reload()
    assert [read(page, name, setting) for setting in settings] == [one.new for one in settings]
    assert page.url == address
    for setting, old in zip(reversed(settings), reversed(before), strict=True):
        page.go_back()
        shows(page, setting, old)
    assert read(page, name, settings[0]) == before[0]
    page.go_forward()
    shows(page, settings[0], settings[0].new)


def test_the_chosen_runs_survive_a_reload_and_back_undoes_each_choice(lab: Lab, page: Page) -> None:
    for seed in (1, 2, 3):
        open_at(page, f"{lab.url}/rounding?samples=100&epochs=1&batch=50&seed={seed}")
        page.get_by_test_id("stButton").get_by_role("button", name="Train").first.click()
        expect(page.get_by_text(re.compile("^Trained · "))).to_be_visible(timeout=PATIENCE)
    open_at(page, f"{lab.url}/runs")
    box = page.get_by_test_id("stMultiSelect").first
    for count in (1, 2, 3):
        option = page.get_by_role("option", name=re.compile(f"#{count} "))
        pick(box.get_by_role("combobox"), option)
        page.wait_for_url(re.compile(f"chosen=.*run-{count}(&|$)"), timeout=PATIENCE)
        page.keyboard.press("Escape")
    page.reload()
    for count in (3, 2, 1, 0):
        expect(box.locator("[data-tag]")).to_have_count(count, timeout=PATIENCE)
        if count:
            page.go_back()


def test_an_open_tool_survives_a_reload_and_back_closes_it(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/rounding")
    tools = page.get_by_role("radiogroup", name="Tool")
    tools.get_by_role("radio", name="By hand").click()
    page.wait_for_url(re.compile("tool=By"), timeout=PATIENCE)
    page.reload()
    chosen = tools.locator("[aria-checked=true]")
    expect(chosen).to_have_text("By hand", timeout=PATIENCE)
    page.go_back()
    expect(chosen).to_have_text("Film", timeout=PATIENCE)

    open_at(page, f"{lab.url}/mnist")
    film = page.get_by_test_id("stExpander").filter(has_text="how the first layer learns")
    film.locator("summary").click()
    page.wait_for_url(re.compile("tool=Film"), timeout=PATIENCE)
    page.reload()
    expect(film.locator("details[open]")).to_have_count(1, timeout=PATIENCE)
    page.go_back()
    expect(film.locator("details[open]")).to_have_count(0, timeout=PATIENCE)

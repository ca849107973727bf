"""Lesson 5 in a class: a teacher hands out classes, two learners draw and share, all is learnt."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, NewPage
from tests.browser.steps import PATIENCE, press
from tests.browser.test_classroom import read_code, show_part
from tests.browser.test_own import DIAMOND, PHONE, ZIGZAG, Draw, add_all, draw, touch

#: A name that would be markup elsewhere.
NAMES = ("**x** :smile: <b>", "moon")
#: Drawings of each class and learner, see `add_all`.
EACH = 5


def lead(page: Page, lab: Lab) -> str:
    """Start a class for lesson 5, and return its code."""
    page.goto(f"{lab.url}/classroom")
    page.get_by_role("button", name="Start the class").click(timeout=PATIENCE)
    return read_code(page)


def join(page: Page, lab: Lab, code: str) -> None:
    page.goto(f"{lab.url}/?class={code}")
    page.get_by_role("button", name="Join the class").click(timeout=PATIENCE)
    expect(page.get_by_text("No question is open.")).to_be_visible(timeout=PATIENCE)


def draw_and_share(page: Page, stroke: Draw, smaller: int) -> None:
    """Follow the card to lesson 5, draw both classes, and share what was drawn."""
    page.locator(".st-key-class-bar").get_by_role("button", name="Open").click(timeout=PATIENCE)
    first = page.get_by_role("radio", name=f"{NAMES[0]}, 0", exact=True)
    expect(first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("only after you press")).to_be_visible()
    field = page.locator("canvas.paper").first
    for name, shape in zip(NAMES, (ZIGZAG, DIAMOND), strict=True):
        page.get_by_role("radio", name=f"{name}, 0", exact=True).click()
        add_all(page, field, stroke, [(x - smaller, y - smaller) for x, y in shape])
    page.get_by_role("button", name=f"Share {2 * EACH} drawings").click(timeout=PATIENCE)
    expect(page.get_by_text(f"{2 * EACH} drawings shared.")).to_be_visible(timeout=PATIENCE)


def test_a_class_draws_and_its_teacher_trains_on_all(lab: Lab, new_page: NewPage) -> None:
    teacher, learner, other = new_page(), new_page(), new_page(PHONE)
    code = lead(teacher, lab)
    for page in (learner, other):
        join(page, lab, code)
    show_part(teacher, "Classes to draw")
    teacher.get_by_label("Names, one on each line").fill("\n".join(NAMES), timeout=PATIENCE)
    teacher.get_by_role("button", name="Hand out to all").click()
    expect(teacher.get_by_text("Handed out:")).to_contain_text("and moon", timeout=PATIENCE)

    draw_and_share(learner, draw, 0)
    expect(teacher.get_by_text("10 drawings by 1 learner")).to_be_visible(timeout=PATIENCE)
    draw_and_share(other, touch, 20)
    expect(teacher.get_by_text("20 drawings by 2 learners")).to_be_visible(timeout=PATIENCE)
    other.reload()
    expect(other.get_by_text("10 drawings shared.")).to_be_visible(timeout=PATIENCE)

    teacher.get_by_role("button", name="Offer to all").click()
    expect(teacher.get_by_text("Offered to all.").first).to_be_visible(timeout=PATIENCE)
    card = learner.locator(".st-key-class-bar")
    expect(card).to_contain_text("the drawings of the whole class", timeout=PATIENCE)
    card.get_by_role("button", name="Open").click()
    learner.get_by_role("button", name="Train on the drawings of all").click(timeout=PATIENCE)
    expect(learner.get_by_text("20 drawings by 2 people")).to_be_visible(timeout=PATIENCE)

    teacher.get_by_role("button", name="Open all in lesson 5").click()
    expect(teacher.get_by_text("20 drawings by 2 people")).to_be_visible(timeout=PATIENCE)
    press(teacher, "Train")
    expect(teacher.get_by_text(re.compile("^Trained"))).to_be_visible(timeout=PATIENCE)
    expect(teacher.get_by_text("Who is read well?")).to_be_visible(timeout=PATIENCE)
    teacher.reload()
    expect(teacher.get_by_text("20 drawings by 2 people")).to_be_visible(timeout=PATIENCE)

    other.get_by_role("button", name="Take them back").click()
    expect(other.get_by_text("only after you press")).to_be_visible(timeout=PATIENCE)

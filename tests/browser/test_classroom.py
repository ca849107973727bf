"""A class from its start to its end: a teacher and three learners, each in a separate browser."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from tests.browser.axe import find_in_any_colours
from tests.browser.conftest import Lab, NewPage
from tests.browser.test_drawing import SEVEN, ZERO, Point, canvas, draw

#: Milliseconds: what a busy machine may take for a page, and for a run or for training.
PATIENCE, LONG = 90_000, 240_000


@pytest.fixture
def teacher(lab: Lab, new_page: NewPage) -> Page:
    """The board of a class that was just made, for lesson 1 with a target of 60%."""
    page = new_page((1280, 800))
    page.goto(f"{lab.url}/classroom")
    target = page.get_by_label("Target: test accuracy")
    target.fill("60%", timeout=PATIENCE)
    target.press("Enter")
    page.get_by_role("button", name="Start the class").click()
    expect(page.get_by_text("Your secret link: copy it now")).to_be_visible(timeout=PATIENCE)
    return page


def read_code(teacher: Page) -> str:
    code = teacher.locator(".st-key-classroom-code h1")
    expect(code).to_have_text(re.compile("^[A-Z]{6}$"), timeout=PATIENCE)
    return code.inner_text()


def join(page: Page, lab: Lab, code: str) -> Page:
    """Open the class's address and join it; the learner is then in its lesson."""
    page.goto(f"{lab.url}/?class={code}")
    page.get_by_role("button", name="Join the class").click(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("/rounding"), timeout=PATIENCE)
    expect(page.get_by_text("No question is open.")).to_be_visible(timeout=PATIENCE)
    return page


def on_board(teacher: Page, text: str) -> Locator:
    """Return a text of the board itself; a screen reader is told some of them, too."""
    return teacher.get_by_test_id("stMainBlockContainer").get_by_text(text)


def show_part(teacher: Page, name: str) -> None:
    teacher.get_by_role("radio", name=name).click()


def vote(learner: Page, answer: int) -> None:
    """Answer the open question."""
    send = learner.get_by_role("button", name="Send my answer")
    card = learner.locator(".st-key-class-bar-card")
    learner.get_by_role("button", name="Answer it").click(timeout=PATIENCE)
    choices = card.locator("label").filter(has=learner.get_by_role("radio"))
    choices.nth(answer).click(timeout=PATIENCE)
    send.click()
    expect(learner.get_by_role("button", name="Change my answer")).to_be_visible(timeout=PATIENCE)
    learner.get_by_role("button", name="Close").click()


def vote_all(learners: Sequence[Page], answers: Sequence[int]) -> None:
    for learner, answer in zip(learners, answers, strict=True):
        vote(learner, answer)


def draw_once_settled(learner: Page, strokes: Sequence[Point]) -> None:
    """Draw on the canvas; try again on its successor where *Clear* replaces it in that moment."""
    for _ in range(20):
        try:
            return draw(learner, strokes)
        except Error as error:
            if "not attached" not in str(error):
                raise
    raise AssertionError("The canvas was replaced again and again.")


def share_digit(learner: Page, strokes: Sequence[Point], label: str) -> None:
    """Draw a digit, say which one it is, and share it."""
    canvas(learner).evaluate("canvas => { canvas.dataset.before = ''; }")
    learner.get_by_role("button", name="Clear").click()
    invitation = learner.get_by_role("heading", name="Draw a digit from 0 to 9")
    expect(invitation).to_be_visible(timeout=PATIENCE)
    cleared = learner.locator("canvas.upper-canvas:visible:not([data-before])")
    expect(cleared).to_have_count(1, timeout=PATIENCE)  # what is drawn on the old one is lost
    draw_once_settled(learner, strokes)
    learner.get_by_role("button", name="No, it is").click(timeout=PATIENCE)
    asked = learner.get_by_role("radiogroup", name="Which digit is it?")
    asked.get_by_role("radio", name=label, exact=True).click()
    learner.get_by_role("button", name="Share with the class").click(timeout=PATIENCE)
    expect(learner.get_by_role("button", name="Take it back")).to_be_visible(timeout=PATIENCE)


def test_a_class_through_a_whole_lesson(lab: Lab, teacher: Page, new_page: NewPage) -> None:
    code = read_code(teacher)
    learners = [join(new_page(), lab, code) for _ in range(3)]
    expect(teacher.get_by_text("3 learners here")).to_be_visible(timeout=PATIENCE)

    show_part(teacher, "Predictions")
    teacher.get_by_role("button", name="Ask the class").click(timeout=PATIENCE)
    vote_all(learners, (0, 0, 1))
    expect(teacher.get_by_text("3 of 3 have answered").first).to_be_visible(timeout=PATIENCE)
    expect(on_board(teacher, "67% (2)")).to_have_count(0)
    teacher.get_by_role("button", name="Show the answers").click()
    expect(on_board(teacher, "67% (2)")).to_be_visible(timeout=PATIENCE)
    teacher.get_by_role("button", name="Run it once for all").click()
    expect(teacher.get_by_text("It is:").first).to_be_visible(timeout=LONG)
    learners[0].get_by_role("button", name="Look").click(timeout=PATIENCE)
    expect(learners[0].get_by_text("It is:").first).to_be_visible(timeout=PATIENCE)
    learners[0].get_by_role("button", name="Close").click()

    teacher.get_by_role("button", name="Vote again").click()
    vote_all(learners, (1, 1, 1))
    expect(teacher.get_by_text("Vote 2: 3 of 3 have answered").first).to_be_visible(
        timeout=PATIENCE
    )
    teacher.get_by_role("button", name="Show the answers").click()
    expect(on_board(teacher, "Vote 1: 67% (2)")).to_be_visible(timeout=PATIENCE)
    expect(on_board(teacher, "Vote 2: 100% (3)")).to_be_visible()

    show_part(teacher, "Runs")
    for learner in learners[:2]:
        learner.get_by_role("button", name="Train", exact=True).click()
    expect(teacher.get_by_text("2 runs by 2 learners")).to_be_visible(timeout=LONG)
    expect(teacher.get_by_text("Best so far")).to_be_visible()

    show_part(teacher, "Progress")
    learners[2].get_by_role("button", name="Raise my hand").click()
    expect(teacher.get_by_text("Asks for help:")).to_be_visible(timeout=PATIENCE)

    show_part(teacher, "Our handwriting")
    for learner in learners:
        learner.get_by_role("link", name="Your handwriting").first.click()
        expect(canvas(learner)).to_be_visible(timeout=PATIENCE)
        share_digit(learner, SEVEN, "7")
        share_digit(learner, ZERO, "0")
    expect(teacher.get_by_text("of 6 digits read right")).to_be_visible(timeout=PATIENCE)
    teacher.get_by_role("button", name="Train on our digits").click()
    expect(teacher.get_by_text("It was trained on 6 digits.")).to_be_visible(timeout=LONG)
    card = learners[0].get_by_text("Our class has a reader of its own.")
    expect(card).to_be_visible(timeout=PATIENCE)

    teacher.get_by_role("button", name="Export").click()
    with teacher.expect_download() as download:
        teacher.get_by_role("button", name="All as JSON").click()
    whole = json.loads(download.value.path().read_text())
    kinds = [event["kind"] for event in whole["events"]]
    counts = {kind: kinds.count(kind) for kind in ("answer", "run", "drawing")}
    assert counts == {"answer": 6, "run": 2, "drawing": 6}
    teacher.keyboard.press("Escape")
    teacher.get_by_role("button", name="End", exact=True).click()
    teacher.get_by_role("button", name="End the class").click()
    expect(teacher.get_by_role("button", name="Start the class")).to_be_visible(timeout=PATIENCE)
    for learner in learners:
        expect(learner.locator(".st-key-class-bar")).to_have_count(0, timeout=PATIENCE)


def test_axe_finds_nothing_on_the_board_and_the_pages_that_lead_to_it(
    lab: Lab, teacher: Page, new_page: NewPage
) -> None:
    code = read_code(teacher)
    found = {"secret link": find_in_any_colours(teacher)}
    learner = new_page()
    learner.goto(f"{lab.url}/?class={code}")
    expect(learner.get_by_role("button", name="Join the class")).to_be_visible(timeout=PATIENCE)
    found["join"] = find_in_any_colours(learner)
    join(learner, lab, code)
    show_part(teacher, "Predictions")
    teacher.get_by_role("button", name="Ask the class").click(timeout=PATIENCE)
    vote(learner, 0)
    found["lesson"] = find_in_any_colours(learner)
    expect(teacher.get_by_text("1 of 1 have answered").first).to_be_visible(timeout=PATIENCE)
    teacher.get_by_role("button", name="Show the answers").click()
    expect(on_board(teacher, "100% (1)")).to_be_visible(timeout=PATIENCE)
    found["Predictions"] = find_in_any_colours(teacher)
    learner.goto(f"{lab.url}/rounding?fit.seed=13")  # nobody has trained it yet
    learner.get_by_role("button", name="Train", exact=True).click()
    learner.get_by_role("button", name="Raise my hand").click()
    show_part(teacher, "Progress")
    expect(teacher.get_by_text("Asks for help:")).to_be_visible(timeout=PATIENCE)
    found["Progress"] = find_in_any_colours(teacher)
    show_part(teacher, "Runs")
    expect(teacher.get_by_text("1 run by 1 learner")).to_be_visible(timeout=LONG)
    found["Runs"] = find_in_any_colours(teacher)
    learner.get_by_role("link", name="Your handwriting").first.click()
    expect(canvas(learner)).to_be_visible(timeout=PATIENCE)
    share_digit(learner, SEVEN, "7")
    for part in ("Our handwriting", "Classes to draw", "Send"):
        show_part(teacher, part)
        expect(teacher.get_by_role("radio", name=part)).to_be_checked(timeout=PATIENCE)
        found[part] = find_in_any_colours(teacher)
    assert not {where: violations for where, violations in found.items() if violations}


def test_a_reload_keeps_learner_and_teacher_in_the_class(
    lab: Lab, teacher: Page, new_page: NewPage
) -> None:
    code = read_code(teacher)
    learner = new_page()
    learner.goto(lab.url)
    field = learner.get_by_label("Code of your class")
    field.fill(f"{code[:3].lower()} {code[3:].lower()}", timeout=PATIENCE)
    field.press("Enter")
    learner.get_by_role("button", name="Join", exact=True).click()
    expect(learner).to_have_url(re.compile("/rounding"), timeout=PATIENCE)
    name = learner.get_by_text(re.compile("You are .+ here"))
    expect(name).to_be_visible(timeout=PATIENCE)
    before = name.inner_text()
    learner.reload()
    expect(name).to_have_text(before, timeout=PATIENCE)
    teacher.reload()
    assert read_code(teacher) == code
    expect(teacher.get_by_text("1 learner here")).to_be_visible(timeout=PATIENCE)

"""Lesson 5 in a real Chromium: two classes are invented, drawn, learnt and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Lab, NewPage
from tests.browser.steps import PATIENCE, lose_message, open_at, press

Point = tuple[float, float]
Draw = Callable[[Page, Locator, Sequence[Point]], None]

#: On a field of 280 x 280, for each class.
ZIGZAG = ((60, 60), (220, 70), (150, 150), (60, 220))
DIAMOND = ((140, 50), (60, 140), (140, 230), (220, 140), (140, 50))
#: A name that would be markup elsewhere.
NAME = "**x** :smile: <b>"
#: Drawings of each class.
EACH = 5
PHONE = (390, 844)


def places_on(field: Locator, points: Sequence[Point]) -> list[Point]:
    """Return points of the field as points of the page, with the field in view."""
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box is not None
    scale = box["width"] / 280
    return [(box["x"] + scale * x, box["y"] + scale * y) for x, y in points]


def draw(page: Page, field: Locator, points: Sequence[Point]) -> None:
    """Draws one stroke with the mouse."""
    first, *rest = places_on(field, points)
    page.mouse.move(*first)
    page.mouse.down()
    for place in rest:
        page.mouse.move(*place, steps=3)
    page.mouse.up()


def touch(page: Page, field: Locator, points: Sequence[Point]) -> None:
    """Draws one stroke with a finger."""
    finger = page.context.new_cdp_session(page)
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    for number, (x, y) in enumerate(places_on(field, points)):
        kind = "touchMove" if number else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    finger.detach()


def walk(page: Page, lab: Lab, stroke: Draw) -> None:
    """Goes from an empty page to a network that has read a drawing."""
    open_at(page, f"{lab.url}/own")
    collecting, reading = (page.locator("canvas.paper").nth(number) for number in (0, 1))
    page.get_by_role("textbox", name="Class 1").fill(NAME)
    page.get_by_role("textbox", name="Class 1").press("Enter")
    named = page.get_by_role("radio", name=f"{NAME}, 0", exact=True)
    expect(named).to_be_visible(timeout=PATIENCE)
    add_all(page, collecting, stroke, ZIGZAG)
    page.get_by_role("radio", name="Class 2, 0", exact=True).click()
    add_all(page, collecting, stroke, DIAMOND)
    expect(page.get_by_text("Enough for a first try.")).to_be_visible(timeout=PATIENCE)
    press(page, "Train")
    expect(page.get_by_text(re.compile("^Trained"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("of 2 held-out drawings right")).to_be_visible(timeout=PATIENCE)
    stroke(page, reading, ZIGZAG)
    prediction = page.get_by_role("heading", name=f"{NAME}, more than 99% confident")
    expect(prediction).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Which pixels decide?")).to_be_visible(timeout=PATIENCE)


def add_all(page: Page, field: Locator, stroke: Draw, points: Sequence[Point]) -> None:
    """Draws a shape some times, a little different each time, without waiting for the server."""
    first, second, *rest = points
    for number in range(EACH):
        stroke(page, field, [first, (second[0] - 5 * number, second[1] + 4 * number), *rest])
        page.get_by_role("button", name=re.compile("^Add to ")).click()


def test_two_classes_are_invented_learnt_and_kept_over_a_reload(lab: Lab, page: Page) -> None:
    walk(page, lab, draw)
    page.reload()
    kept = page.get_by_role("radio", name=f"{NAME}, {EACH}", exact=True)
    expect(kept).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("^Trained"))).to_be_visible(timeout=PATIENCE)


def test_a_drawing_that_is_not_added_or_not_sent_yet_survives_a_reload(
    lab: Lab, page: Page
) -> None:
    open_at(page, f"{lab.url}/own")
    page.get_by_role("radio", name="Class 2, 0", exact=True).click()
    draw(page, page.locator("canvas.paper").first, ZIGZAG)
    page.reload()
    add = page.get_by_role("button", name="Add to Class 2", exact=True)
    expect(add).to_be_enabled(timeout=PATIENCE)
    assert page.evaluate("sessionStorage.getItem('nncore.sketch.collecting')") is None
    add.click()
    page.reload()  # the drawing is on its way to the server
    expect(page.get_by_role("radio", name="Class 2, 1", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name=re.compile("^Add to"))).to_be_disabled()


def test_a_drawing_whose_message_is_lost_is_sent_again_by_the_next_field(
    lab: Lab, page: Page
) -> None:
    lost = lose_message(page, b'"drawings"')
    open_at(page, f"{lab.url}/own")
    draw(page, page.locator("canvas.paper").first, ZIGZAG)
    page.get_by_role("button", name="Add to Class 1", exact=True).click()
    expect(page.get_by_role("radio", name="Class 1, 1", exact=True)).to_be_visible()
    page.get_by_role("link", name="Runs").first.click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Teach it your own").first.click()
    expect(page.get_by_text("1 of 200")).to_be_visible(timeout=PATIENCE)
    assert lost


def test_a_finger_does_it_on_a_phone(lab: Lab, new_page: NewPage) -> None:
    walk(new_page(PHONE), lab, touch)


def test_the_keyboard_draws_and_adds(lab: Lab, page: Page) -> None:
    open_at(page, f"{lab.url}/own")
    page.locator("canvas.paper").first.focus()
    for key in ("Space", *("ArrowRight",) * 6, *("ArrowDown",) * 6, "Space", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("radio", name="Class 1, 1", exact=True)).to_be_visible()

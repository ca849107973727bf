"""Lesson 4 in a real Chromium: a digit is drawn with mouse, finger and keyboard, and read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.conftest import Lab, NewPage

Point = tuple[float, float]

#: On the canvas of 280 x 280 pixels.
SEVEN = ((75, 60), (205, 60), (115, 225))
ZERO = ((140, 50), (95, 75), (80, 140), (95, 205), (140, 230), (185, 205), (200, 140), (185, 75),
        (140, 50))  # fmt: skip
NARROW = (390, 844)


@pytest.fixture
def drawing(lab: Lab, page: Page) -> Page:
    """The page with an empty canvas."""
    return opened(lab, page)


def opened(lab: Lab, page: Page) -> Page:
    page.goto(f"{lab.url}/draw")
    expect(canvas(page)).to_be_visible(timeout=60_000)
    expect(page.get_by_role("heading", name="Draw a digit from 0 to 9")).to_be_visible()
    return page


def canvas(page: Page) -> Locator:
    # Streamlit may keep one that was cleared away, hidden, until the page runs again as a whole.
    return page.locator("canvas.upper-canvas:visible")


def place_of(page: Page) -> FloatRect:
    """Return the place of the canvas, once a cleared one has gone."""
    expect(canvas(page)).to_have_count(1)
    canvas(page).scroll_into_view_if_needed()
    field = canvas(page).bounding_box()
    assert field is not None
    return field


def draw(page: Page, points: Sequence[Point]) -> None:
    """Draws one stroke with the mouse."""
    field = place_of(page)
    places = [(field["x"] + x, field["y"] + y) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def touch(page: Page, points: Sequence[Point]) -> None:
    """Draws one stroke with a finger."""
    field = place_of(page)
    finger = page.context.new_cdp_session(page)
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    for number, (x, y) in enumerate(between(points)):
        kind = "touchMove" if number else "touchStart"
        place = {"x": field["x"] + x, "y": field["y"] + y}
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
        page.wait_for_timeout(40)  # a frame or two: moves within one are made a single one
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def between(points: Sequence[Point], steps: int = 5) -> list[Point]:
    """The points, and some on the straight lines between them."""
    return [points[0]] + [
        (x + (to_x - x) * step / steps, y + (to_y - y) * step / steps)
        for (x, y), (to_x, to_y) in pairwise(points)
        for step in range(1, steps + 1)
    ]


def expect_read(page: Page, digit: str) -> None:
    """Waits for the server's answer, which replaces the live one."""
    answer = page.get_by_role("heading", name=re.compile(rf"I read an? {digit}, .* sure\."))
    expect(answer).to_be_visible()
    expect(page.locator("[data-live]")).to_have_count(0)
    expect(answer).to_be_visible()


def test_a_digit_drawn_with_the_mouse_is_read(drawing: Page) -> None:
    draw(drawing, SEVEN)
    expect_read(drawing, "7")
    drawing.get_by_role("button", name="Clear").click()
    expect(drawing.get_by_role("heading", name="Draw a digit from 0 to 9")).to_be_visible()
    draw(drawing, ZERO)
    expect_read(drawing, "0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_finger_draws_on_a_narrow_screen(lab: Lab, new_page: NewPage, scheme: str) -> None:
    page = opened(lab, new_page(NARROW, scheme))
    field = place_of(page)
    assert field["x"] >= 0
    assert field["x"] + field["width"] <= NARROW[0]
    touch(page, SEVEN)
    expect_read(page, "7")


def test_a_digit_filled_in_with_the_keyboard_alone_is_read(drawing: Page) -> None:
    keyboard = drawing.keyboard
    drawing.get_by_role("radio", name="Pen").focus()
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")  # past the eraser to the grid
    keyboard.press("Enter")
    expect(canvas(drawing)).to_be_hidden()
    keyboard.press("Tab")
    expect(drawing.get_by_role("button", name="Clear")).to_be_focused()
    keyboard.press("Tab")
    expect(drawing.get_by_role("slider", name="Pen width")).to_be_focused()
    for row, cells in enumerate(["0123456", "6", "5", "5", "4", "4", "3", "3", "3"]):
        keyboard.press("Tab")
        line = drawing.get_by_role("toolbar", name=f"Row {row + 1} of 9").get_by_role("button")
        expect(line.first).to_be_focused()
        for cell in range(int(cells[-1]) + 1):
            if cell:
                keyboard.press("ArrowRight")
            if str(cell) in cells:
                keyboard.press("Space")
                expect(line.nth(cell)).to_have_attribute("aria-pressed", "true")
    expect_read(drawing, "7")


def test_the_drawing_stays_when_another_page_was_visited(drawing: Page) -> None:
    draw(drawing, SEVEN)
    expect_read(drawing, "7")
    drawing.get_by_role("link", name="Round a number").first.click()
    expect(drawing.get_by_role("heading", name="Round a number")).to_be_visible()
    drawing.get_by_role("link", name="Your handwriting").first.click()
    expect_read(drawing, "7")
    draw(drawing, ((120, 140), (190, 140)))  # what was drawn before is still under the pen
    expect_read(drawing, "7")


def test_a_test_image_is_put_on_the_canvas_and_read(drawing: Page) -> None:
    drawing.get_by_role("radio", name="6", exact=True).click()
    expect(drawing.get_by_text("Its label is 6.")).to_be_visible()
    expect_read(drawing, "6")


def test_path_and_lights_follow_the_drawing_until_it_is_undone(drawing: Page) -> None:
    draw(drawing, SEVEN)
    expect_read(drawing, "7")
    drawing.get_by_text("1 Look").click()
    back = drawing.get_by_role("button", name="Back to MNIST's steps")
    expect(back).to_be_disabled()
    drawing.get_by_role("slider", name="Shift to the right, pixels").press("ArrowRight")
    expect(back).to_be_enabled()
    back.click()
    expect(back).to_be_disabled()
    drawing.get_by_text("1 Look").click()

    drawing.get_by_text("Look inside").click()
    lights = drawing.locator("canvas.lights")
    expect(lights).to_have_attribute("aria-label", re.compile("largest output is number 7"))
    chosen = drawing.get_by_label(re.compile("^(Unit|Digit), "))
    before = chosen.input_value()
    place = lights.bounding_box()
    assert place is not None
    lights.click(position={"x": place["width"] - 24, "y": place["height"] / 2})  # an output
    expect(chosen).not_to_have_value(before)
    expect(drawing.get_by_role("cell", name="softmax")).to_be_visible()

    drawing.get_by_role("button", name="Undo", exact=True).click()
    expect(drawing.get_by_role("heading", name="Draw a digit from 0 to 9")).to_be_visible()


def test_the_learners_digits_outlive_clear_and_a_reload(drawing: Page) -> None:
    draw(drawing, SEVEN)
    drawing.get_by_role("button", name="No, it is").click()
    asked = drawing.get_by_test_id("stPopoverBody")
    asked.get_by_role("radio", name="1", exact=True).click()
    expect(drawing.get_by_text("as a 1. You have 1 now.")).to_be_visible()
    drawing.get_by_role("button", name="Clear").click()
    expect(drawing.get_by_role("heading", name="Draw a digit from 0 to 9")).to_be_visible()
    drawing.reload()
    expect(drawing.get_by_text("Your own digits · 1 digit")).to_be_visible()
    other = drawing.context.new_page()  # another window of the same browser
    opened_again(other, drawing.url)
    drawing.get_by_text("Your own digits · 1 digit").click()
    drawing.get_by_role("button", name="Remove all").click()
    expect(drawing.get_by_text("Your own digits · none yet")).to_be_visible()
    drawing.get_by_role("button", name="Undo: removed all 1").click()
    expect(drawing.get_by_text("Your own digits · 1 digit")).to_be_visible()
    draw(other, ZERO)
    other.get_by_role("button", name="No, it is").click()
    asked = other.get_by_test_id("stPopoverBody")
    asked.get_by_role("radio", name="0", exact=True).click()
    expect(other.get_by_text("Your own digits · 2 digits")).to_be_visible()  # and kept by now
    drawing.reload()
    expect(drawing.get_by_text("Your own digits · 2 digits")).to_be_visible()


def opened_again(page: Page, address: str) -> None:
    page.goto(address)
    expect(canvas(page)).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Your own digits · 1 digit")).to_be_visible()

"""The pen in a real Chromium: it reads while it moves, and only what is meant to draw draws."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.conftest import Lab, NewPage
from tests.browser.steps import lose_message
from tests.browser.test_drawing import (
    SEVEN,
    ZERO,
    Point,
    canvas,
    draw,
    expect_read,
    opened,
    place_of,
)

SHORT = (390, 700)
#: The place of ink on the canvas, and its amount.
INK = """() => {
  const root = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
    .map((host) => host.shadowRoot)
    .find((root) => root?.querySelector('canvas.upper-canvas')?.getClientRects().length);
  const lower = root?.querySelector('canvas.dc-canvas.lower-canvas');
  if (!lower) return null;
  const { data } = lower.getContext('2d').getImageData(0, 0, 280, 280);
  let ink = 0;
  for (let i = 3; i < data.length; i += 4) ink += data[i];
  return Math.round(ink / 255);
}"""
#: Pixels that are random whatever was drawn, as some browsers give them out.
RANDOM_PIXELS = """
CanvasRenderingContext2D.prototype.getImageData = function (x, y, width, height) {
  const data = new ImageData(width, height);
  for (let i = 0; i < data.data.length; i += 1) data.data[i] = (i * 2654435761) >>> 24;
  return data;
};"""
WHITE_PIXELS = """
CanvasRenderingContext2D.prototype.getImageData = function (x, y, width, height) {
  const data = new ImageData(width, height);
  data.data.fill(255);
  return data;
};"""


@pytest.fixture
def drawing(lab: Lab, page: Page) -> Page:
    """The page with an empty canvas and a network that the browser has."""
    opened(lab, page)
    wait_for_weights(page)
    return page


def wait_for_weights(page: Page) -> None:
    page.wait_for_function("window.nncorePen?.isReady")


def heading(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("heading", name=text)


def at(page: Page, points: Sequence[Point]) -> list[Point]:
    field = place_of(page)
    return [(field["x"] + x, field["y"] + y) for x, y in points]


def ink_of(page: Page) -> int:
    return int(page.evaluate(INK))


class Frames:
    """Counts the frames that go between the page and its server."""

    def __init__(self, page: Page) -> None:
        self.count = 0
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.webSocketFrameSent", self._note)
        session.on("Network.webSocketFrameReceived", self._note)

    def _note(self, _: Any) -> None:
        self.count += 1


def test_the_answer_follows_the_pen_before_it_is_lifted(drawing: Page) -> None:
    frames = Frames(drawing)
    start, *rest = at(drawing, SEVEN)
    drawing.mouse.move(*start)
    drawing.mouse.down()
    before = frames.count
    drawing.mouse.move(*rest[0], steps=8)
    drawing.mouse.move(*rest[1], steps=8)
    expect(heading(drawing, re.compile(r"I read a 7, .* sure\."))).to_be_visible()
    expect(drawing.locator(".nncore-bars .best .name")).to_have_text("7")
    picture = drawing.get_by_role("img", name=re.compile("28 by 28 pixels: your drawing"))
    expect(picture).to_be_visible()
    drawing.wait_for_timeout(600)  # longer than the canvas waits before it sends a stroke
    assert frames.count == before
    drawing.mouse.up()
    expect_read(drawing, "7")
    expect(drawing.get_by_role("button", name="Right, a 7")).to_be_enabled()
    assert frames.count > before


def test_the_lights_follow_the_pen(drawing: Page) -> None:
    draw(drawing, SEVEN)
    expect_read(drawing, "7")
    drawing.get_by_text("Look inside").click()
    lights = drawing.locator("canvas.lights")
    expect(lights).to_be_visible()
    before = lights.evaluate("canvas => canvas.toDataURL()")
    start, end = at(drawing, ((60, 160), (220, 160)))
    drawing.mouse.move(*start)
    drawing.mouse.down()
    drawing.mouse.move(*end, steps=8)
    handle = lights.element_handle()
    drawing.wait_for_function(
        "([canvas, before]) => canvas.toDataURL() !== before", arg=[handle, before]
    )
    drawing.mouse.up()


#: Returns true once the browser has kept the weights of a reader.
KEEPS_WEIGHTS = """async () => {
  const name = "nncore.readers";
  if (!(await indexedDB.databases()).some((database) => database.name === name)) return false;
  const answer = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await answer(indexedDB.open(name));
  const count = await answer(database.transaction("weights").objectStore("weights").count());
  database.close();
  return count > 0;
}"""


def test_weights_come_over_once_for_each_browser(lab: Lab, page: Page) -> None:
    longest: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.webSocketFrameReceived",
        lambda event: longest.append(len(event["response"]["payloadData"])),
    )
    opened(lab, page)
    wait_for_weights(page)
    assert max(longest) > 500_000
    page.wait_for_function(KEEPS_WEIGHTS)
    longest.clear()
    page.reload()
    wait_for_weights(page)
    assert max(longest) < 500_000


def test_weights_are_asked_for_again_where_the_question_was_lost(lab: Lab, page: Page) -> None:
    lost = lose_message(page, b'"wanted"')
    opened(lab, page)
    wait_for_weights(page)
    assert lost


def test_undo_and_redo_are_beside_the_pen(drawing: Page) -> None:
    undo = drawing.get_by_role("button", name="Undo", exact=True)
    redo = drawing.get_by_role("button", name="Redo", exact=True)
    expect(undo).to_be_disabled()
    draw(drawing, SEVEN)
    expect_read(drawing, "7")
    full = ink_of(drawing)
    expect(redo).to_be_disabled()
    undo.click()
    expect(heading(drawing, "Draw a digit from 0 to 9")).to_be_visible()
    assert ink_of(drawing) == 0
    redo.click()
    expect_read(drawing, "7")
    assert ink_of(drawing) == full


def test_the_canvas_has_no_toolbar_that_takes_strokes(drawing: Page) -> None:
    start, *rest = at(drawing, ((250, 6), (250, 150), (60, 220)))  # where its toolbar was
    drawing.mouse.move(start[0], start[1] + 300)
    drawing.mouse.move(*start)
    drawing.mouse.down()  # at once: before the toolbar would have faded in
    for place in rest:
        drawing.mouse.move(*place, steps=5)
    drawing.mouse.up()
    expect(drawing.get_by_role("button", name="Undo", exact=True)).to_be_enabled()
    assert ink_of(drawing) > 3000
    expect(drawing.get_by_role("button", name="Edit", exact=True)).to_have_count(0)


def test_a_stray_tap_draws_nothing(drawing: Page) -> None:
    draw(drawing, SEVEN)
    expect_read(drawing, "7")
    before = ink_of(drawing)
    (tap,) = at(drawing, ((30, 260),))
    drawing.mouse.move(*tap)
    drawing.mouse.down()
    drawing.mouse.move(tap[0] + 4, tap[1] + 4, steps=4)
    drawing.mouse.up()
    draw(drawing, ((120, 140), (190, 140)))
    expect_read(drawing, "7")
    drawing.get_by_role("button", name="Undo", exact=True).click()  # the stroke, not the tap
    expect_ink(drawing, before)


def expect_ink(page: Page, ink: int) -> None:
    page.wait_for_function(f"wanted => ({INK})() === wanted", arg=ink)


def touch(session: CDPSession, kind: str, *places: tuple[int, Point]) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in places]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_palm_beside_the_finger_draws_nothing(drawing: Page) -> None:
    alone = drawn_with_touch(drawing, palm=False)
    drawing.get_by_role("button", name="Clear").click()
    expect_ink(drawing, 0)
    assert abs(drawn_with_touch(drawing, palm=True) - alone) < 20


def drawn_with_touch(page: Page, *, palm: bool) -> int:
    """Draws a line with a finger, with or without a palm that moves too; gives the ink."""
    finger = page.context.new_cdp_session(page)
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    start, hand = at(page, ((60, 60), (200, 200)))
    touch(finger, "touchStart", (0, start))
    for step in range(1, 13):
        tip = (0, (start[0] + 10 * step, start[1]))
        rest = (1, (hand[0], hand[1] + 4 * step))
        if palm and step == 3:
            touch(finger, "touchStart", tip, rest)
        touch(finger, "touchMove", *((tip, rest) if palm and step >= 3 else (tip,)))
        page.wait_for_timeout(20)
    touch(finger, "touchEnd")
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    page.wait_for_function(f"() => ({INK})() > 0")  # the stroke is drawn with the next frame
    return ink_of(page)


def test_the_grid_and_back_keeps_the_ink(drawing: Page) -> None:
    draw(drawing, SEVEN)
    expect_read(drawing, "7")
    before = ink_of(drawing)
    drawing.get_by_role("radio", name="Grid").click()
    expect(canvas(drawing)).to_be_hidden()
    drawing.get_by_role("radio", name="Pen").click()
    expect(canvas(drawing)).to_be_visible()
    expect_read(drawing, "7")
    expect(canvas(drawing)).to_have_count(1)
    drawing.wait_for_function(f"wanted => Math.abs(({INK})() - wanted) < 20", arg=before)
    draw(drawing, ((120, 140), (190, 140)))
    expect_read(drawing, "7")


def test_canvas_and_answer_are_on_one_small_screen(lab: Lab, new_page: NewPage) -> None:
    page = opened(lab, new_page(SHORT))
    draw(page, SEVEN)
    expect_read(page, "7")
    canvas(page).evaluate("canvas => canvas.scrollIntoView({block: 'center'})")
    field = canvas(page).bounding_box()
    answer = heading(page, re.compile("I read a 7")).bounding_box()
    assert field is not None
    assert answer is not None
    assert field["y"] >= 60  # below the page's bar
    assert answer["y"] + answer["height"] <= SHORT[1]
    assert max(field["x"] + field["width"], answer["x"] + answer["width"]) <= SHORT[0]


@pytest.mark.parametrize("pixels", [RANDOM_PIXELS, WHITE_PIXELS], ids=["random", "white"])
def test_a_browser_that_hides_its_canvas_is_noticed(lab: Lab, page: Page, pixels: str) -> None:
    page.add_init_script(pixels)
    opened_canvas(lab, page)
    says = heading(page, re.compile("Your browser does not let this page see what you draw"))
    expect(says).to_be_visible()
    expect(heading(page, "Draw a digit from 0 to 9")).to_be_hidden()
    page.get_by_role("radio", name="Grid").click()
    expect(says).to_be_hidden()
    expect(heading(page, "Draw a digit from 0 to 9")).to_be_visible()


def opened_canvas(lab: Lab, page: Page) -> None:
    page.goto(f"{lab.url}/draw")
    expect(canvas(page)).to_be_visible(timeout=60_000)


def test_quick_strokes_are_sent_together(drawing: Page) -> None:
    frames, clock = Frames(drawing), drawing.clock
    clock.install(time=0)
    clock.pause_at(1000)  # the page's time goes on only where this test says so
    draw(drawing, ZERO)
    clock.run_for(100)
    before = frames.count
    draw(drawing, ((120, 140), (190, 140)))
    clock.run_for(150)
    assert frames.count == before  # the second stroke came before the first was sent
    clock.resume()
    expect(drawing.locator("[data-live]")).to_have_count(0)
    assert frames.count > before

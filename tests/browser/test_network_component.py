"""The drawn network and the charts, on a page that changes five times a second."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import serving, watched_pages

POSITIVE, NEGATIVE = "rgb(0, 114, 178)", "rgb(213, 94, 0)"
PAGE = """
import numpy as np
import streamlit as st
from ui.charts import confusion, decision, learning_curves
from ui.components import clock
from ui.components.network import draw_network

st.set_page_config(layout="wide")
st.title("Networks")

def weights(*sizes, by=0.0):
    rng = np.random.default_rng(0)
    shapes = [s for a, b in zip(sizes, sizes[1:]) for s in ((a, b), (b,))]
    return [rng.normal(size=shape) + by for shape in shapes]

@clock.every(0.2, key="clock")
def live():
    n = st.session_state["n"] = st.session_state.get("n", -1) + 1
    st.text(f"frame {n}")
    moved = weights(1, 4, 2, by=n / 100)
    names = (("x",), ("a", "b"))
    clicked = draw_network((1, 4, 2), moved, key="live", clickable=True, labels=names)
    if clicked:
        st.session_state["clicked"] = clicked
    st.text(f"clicked {st.session_state.get('clicked')}")
    trace = [(i / 8, 1 / (1 + i), 0.5) for i in range(n)]
    st.vega_lite_chart(*learning_curves.learning_curve("loss", {}, trace, epochs=50), key="curves")
    x = np.linspace(0, 1, 21)
    outputs = np.stack([1 - x, x + n / 500], axis=1)
    st.vega_lite_chart(*decision.decision_curve(x, outputs, 0.5), key="line")

live()
kernel = np.array([[2.0, -1.0]])
draw_network((1, 2), [kernel, np.array([0.5, -0.5])], key="signs")
draw_network((1, 3), weights(1, 3), key="lit", lit=[(0, 0), (1, 1)])
classes = ["T-shirt/top", "Trouser", "Ankle boot"]
many = ((784, 1), (784, 32, 3), (784, 300, 99, 3), (784, 512, 9, 9, 3), (1, 16, 3))
for i, sizes in enumerate(many):
    names = (("x",) if sizes[0] == 1 else (), classes[-sizes[-1]:])
    kinds = ("leaky_relu",) * (len(sizes) - 2) + ("softmax",)
    draw_network(sizes, weights(*sizes), key=f"size{i}", activations=kinds, labels=names)

matrix = confusion.confusion_matrix([[5, 3], [1, 8]], ["cat", "dog"])
chosen = st.plotly_chart(matrix, key="matrix", on_select="rerun", selection_mode="points")
st.text(f"chosen {[point['customdata'] for point in chosen.selection.points]}")
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that shows `PAGE`."""
    with serving(PAGE, tmp_path_factory.mktemp("networks")) as address:
        yield address


def open_page(page: Page, url: str) -> Page:
    page.goto(url)
    shown = page.locator("svg.network[aria-label], [data-testid=stVegaLiteChart] svg.marks")
    expect(shown).to_have_count(8 + 2, timeout=30_000)
    wait_for_frames(page, 2)
    return page


@pytest.fixture(scope="module")
def shown(browser: Browser, url: str) -> Iterator[Page]:
    """The page, opened once for all tests that leave it as wide as it was."""
    with watched_pages(browser) as open_empty:
        yield open_page(open_empty(), url)


def network(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key} figure")


def wait_for_frames(page: Page, count: int) -> None:
    """Waits until the live part of the page has run so many times more."""
    text = page.get_by_text(re.compile(r"^frame \d+$"))
    last = int(text.inner_text().split()[1]) + count
    page.wait_for_function(
        """last => [...document.querySelectorAll("[data-testid=stText]")]
        .some((e) => Number(/^frame (\\d+)/.exec(e.innerText)?.[1]) >= last)""",
        arg=last,
    )


def ends(line: Locator) -> dict[str, float]:
    """Return both ends of a line on the page."""
    found: dict[str, float] = line.evaluate(
        """line => {
            const box = line.ownerSVGElement.getBoundingClientRect();
            const at = (name) => Number(line.getAttribute(name));
            return { x1: box.x + at("x1"), y1: box.y + at("y1"),
                     x2: box.x + at("x2"), y2: box.y + at("y2") };
        }"""
    )
    return found


def test_it_changes_in_place(shown: Page) -> None:
    line = network(shown, "live").locator("g line").first
    line.evaluate("line => { line.theSame = true }")
    before = network(shown, "live").inner_html()
    wait_for_frames(shown, 5)
    assert line.evaluate("line => line.theSame")
    assert network(shown, "live").inner_html() != before


def test_live_charts_keep_their_drawing(shown: Page) -> None:
    charts = shown.locator("[data-testid=stVegaLiteChart] svg.marks")
    for i in range(2):
        charts.nth(i).evaluate("svg => { svg.theSame = true }")
    before = charts.nth(0).inner_html(), charts.nth(1).inner_html()
    wait_for_frames(shown, 5)
    for i in range(2):
        assert charts.nth(i).evaluate("svg => svg.theSame")
        assert charts.nth(i).inner_html() != before[i]


def test_nothing_on_the_page_moves_while_it_runs(shown: Page) -> None:
    shown.evaluate(
        """() => { window.moved = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((e) => { moved += e.value }))
            .observe({ type: "layout-shift" }) }"""
    )
    wait_for_frames(shown, 5)
    assert shown.evaluate("moved") == 0


def test_sign_is_colour_and_dash_and_size_is_width(shown: Page) -> None:
    lines = network(shown, "signs").locator("g line")
    styles = lines.evaluate_all(
        """lines => lines.map((line) => {
            const style = getComputedStyle(line);
            return [style.stroke, style.strokeDasharray, parseFloat(style.strokeWidth)];
        })"""
    )
    assert styles == [[NEGATIVE, "5px, 2px", 2.25], [POSITIVE, "none", 4]]  # the strongest last
    rings = network(shown, "signs").locator("circle")
    strokes = rings.evaluate_all("all => all.map((c) => getComputedStyle(c).stroke)")
    assert strokes[1:] == [POSITIVE, NEGATIVE]


def test_hovering_names_the_weight_and_the_bias(shown: Page) -> None:
    signs = network(shown, "signs")
    note = signs.locator(".note")
    expect(note).to_have_text("Lines are weights, rings are biases.")
    signs.scroll_into_view_if_needed()
    at = ends(signs.locator("g line").last)
    shown.mouse.move((at["x1"] + at["x2"]) / 2, (at["y1"] + at["y2"]) / 2 + 3)
    expect(note).to_have_text("input 0 \u2192 output 0: weight 2")
    signs.locator("circle").nth(2).hover()
    expect(note).to_have_text("output 1: bias \u22120.5")
    shown.mouse.move(0, 0)
    expect(note).to_have_text("Lines are weights, rings are biases.")


def test_a_click_reaches_the_page_in_mid_run(shown: Page) -> None:
    live = network(shown, "live")
    live.locator("circle").nth(3).click()
    expect(shown.get_by_text("clicked Node(layer=1, unit=2)")).to_be_visible()
    live.locator("circle").nth(0).click()  # where its label stands
    expect(shown.get_by_text("clicked Node(layer=0, unit=0)")).to_be_visible()


def test_circles_are_buttons_for_the_keyboard(shown: Page) -> None:
    live = network(shown, "live")
    expect(live.get_by_role("button", name="output b")).to_have_count(1)
    live.locator("circle").nth(5).focus()
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    expect(shown.get_by_text("clicked Node(layer=2, unit=1)")).to_be_visible()


def test_what_cannot_be_clicked_is_an_image_with_a_text(shown: Page) -> None:
    image = network(shown, "signs").get_by_role("img")
    expect(image).to_have_attribute("aria-label", "Network with 1 input, 2 outputs; 4 parameters")


def test_what_is_not_lit_is_dim(shown: Page) -> None:
    lit = network(shown, "lit")
    dim = "all => all.map((e) => e.classList.contains('dim'))"
    assert lit.locator("circle").evaluate_all(dim) == [False, True, False, True]
    assert sorted(lit.locator("g line").evaluate_all(dim)) == [False, True, True]


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off(new_page: Any, url: str, size: tuple[int, int], scheme: str) -> None:
    page = open_page(new_page(size, scheme), url)
    cut = page.locator("svg.network").evaluate_all(
        """all => all.flatMap((svg) => {
            const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll("text, circle, rect")].filter((e) => {
                const { left, right, top, bottom } = e.getBoundingClientRect();
                return left < box.left - 1 || right > box.right + 1
                    || top < box.top - 1 || bottom > box.bottom + 1;
            }).map((e) => e.outerHTML);
        })"""
    )
    assert cut == []
    overlapping = page.locator("svg.network").evaluate_all(
        """all => all.flatMap((svg) => {
            const boxes = [...svg.querySelectorAll("text:not(.halo)")]
                .map((e) => [e.textContent, e.getBoundingClientRect()]);
            return boxes.flatMap(([a, one], i) => boxes.slice(i + 1)
                .filter(([, other]) => one.left < other.right && other.left < one.right
                    && one.top + 3 < other.bottom - 3 && other.top + 3 < one.bottom - 3)
                .map(([b]) => `${a} on ${b}`));
        })"""
    )
    assert overlapping == []


def test_colours_of_text_follow_the_theme(new_page: Any, url: str) -> None:
    colours = []
    for scheme in ("light", "dark"):
        page = open_page(new_page(scheme=scheme), url)
        text = network(page, "signs").locator("text").first
        colours.append(text.evaluate("e => getComputedStyle(e).fill"))
        assert colours[-1] == page.locator(".stApp").evaluate("e => getComputedStyle(e).color")
    assert colours[0] != colours[1]


def test_it_fits_itself_to_a_new_width(page: Page, url: str) -> None:
    open_page(page, url)
    page.set_viewport_size({"width": 600, "height": 800})
    wait_for_frames(page, 2)
    width = network(page, "signs").locator("svg.network").evaluate("e => e.clientWidth")
    outputs = network(page, "signs").locator("circle").last
    assert width * 0.8 < float(outputs.get_attribute("cx") or 0) < width


def test_a_square_of_the_confusion_matrix_can_be_clicked(shown: Page) -> None:
    tiles = shown.locator(".st-key-matrix .heatmaplayer image")
    tiles.scroll_into_view_if_needed()
    box = tiles.bounding_box()
    assert box
    shown.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25)
    expect(shown.get_by_text("chosen [[0, 1, 3, 0.375]]")).to_be_visible()

"""The button *Share*: a task's link is large, and can be copied where the clipboard is closed."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab

#: Milliseconds: what a busy machine may take for a page.
PATIENCE = 120_000


def open_share(page: Page, lab: Lab) -> None:
    page.goto(f"{lab.url}/rounding")
    page.get_by_role("button", name="Share").click(timeout=PATIENCE)
    expect(page.get_by_label("Link", exact=True)).to_be_visible(timeout=PATIENCE)


def make_task(page: Page) -> str:
    """Fill in the form and return the link that appears in place of the page's own."""
    page.get_by_label("Instruction").fill("Reach it")
    page.get_by_label("Instruction").press("Enter")
    page.get_by_label("Target: test accuracy").fill("0,95")
    page.get_by_label("Target: test accuracy").press("Enter")
    link = page.get_by_label("Link", exact=True)
    expect(link).to_have_value(re.compile(r"task=Reach\+it&target=0.95$"), timeout=PATIENCE)
    return link.input_value()


def test_a_task_s_link_alone_is_shown_and_larger_than_a_page_s(lab: Lab, page: Page) -> None:
    open_share(page, lab)
    field, code = page.get_by_label("Link", exact=True), page.get_by_alt_text("as a QR code")
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    small, narrow = field.evaluate(size), code.bounding_box()
    make_task(page)
    expect(page.get_by_text("The link of your task")).to_be_visible()
    assert field.count() == code.count() == 1
    assert field.evaluate(size) > 1.2 * small
    wide = code.bounding_box()
    assert wide is not None
    assert narrow is not None
    assert wide["width"] > narrow["width"]
    assert field.evaluate("element => element.scrollHeight <= element.clientHeight")


def test_the_link_is_copied_where_the_clipboard_is_open(lab: Lab, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_share(page, lab)
    link = make_task(page)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.goto(link)
    expect(page.get_by_text("Reach it")).to_be_visible(timeout=PATIENCE)


def test_the_link_is_selected_where_the_clipboard_is_closed(lab: Lab, page: Page) -> None:
    """Browsers hide `navigator.clipboard` on plain http, but not on 127.0.0.1: so the test does."""
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    open_share(page, lab)
    make_task(page)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_text("Selected. Now press Ctrl+C")).to_be_visible()
    field = page.get_by_label("Link", exact=True)
    expect(field).to_be_focused()
    assert field.evaluate("f => f.selectionStart === 0 && f.selectionEnd === f.value.length")


def test_a_link_to_localhost_names_the_machine_s_other_addresses(lab: Lab, page: Page) -> None:
    open_share(page, lab)
    expect(page.get_by_text("Only this computer can open this link.")).to_be_visible()
    expect(page.get_by_text("make run HOST=0.0.0.0")).to_be_visible()

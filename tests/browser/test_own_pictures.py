"""Pictures that a learner brings to lesson 4: pasted, from a phone's camera, a filled sheet."""

from __future__ import annotations

import base64
import io

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab
from tests.browser.test_drawing import opened
from tests.nncore.digits.conftest import drawn_ink, on_paper, save, turned
from tests.nncore.digits.test_sheet import ASKEW, photograph, render

#: Pastes a picture into the page, as a browser does after Ctrl+V; says whether it was taken.
PASTE = """(picture) => {
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([bytes], "image.png", { type: "image/png" }));
  const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  return !document.dispatchEvent(pasted);
}"""


def sheet_photo() -> bytes:
    picture = io.BytesIO()
    Image.fromarray(photograph(render(), ASKEW)).save(picture, "JPEG", quality=85)
    return picture.getvalue()


def bring(page: Page, name: str, data: bytes) -> None:
    """Choose a file, as the chooser and a phone's camera do."""
    uploader = page.locator("input[type=file]")
    uploader.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": data})


def expect_found(page: Page, count: int) -> None:
    expect(page.get_by_text(f"{count} found.")).to_be_visible(timeout=30_000)


def discard(page: Page) -> None:
    page.get_by_role("button", name="Discard all").click()
    expect(page.get_by_text("found.")).to_have_count(0)


def test_pasted_photographed_and_sheet_digits_are_found(lab: Lab, page: Page) -> None:
    opened(lab, page)
    page.get_by_text("Your own digits").click()
    expect(page.get_by_text("Bring digits along.")).to_be_visible()

    picture = base64.b64encode(save(on_paper(drawn_ink()), "PNG")).decode()
    page.wait_for_function(PASTE, arg=picture)  # the page listens once the part is drawn
    expect_found(page, 1)
    expect(page.get_by_text("image.png").first).to_be_visible()
    discard(page)

    bring(page, "IMG_0001.JPG", turned(drawn_ink(), 6))
    expect_found(page, 1)
    discard(page)

    bring(page, "sheet.jpg", sheet_photo())
    expect_found(page, 100)
    page.get_by_role("button", name="Add 100 digits").click()
    expect(page.get_by_text("Your own digits · 100 digits")).to_be_visible()

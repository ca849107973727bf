"""A run that was reloaded, paused and continued ends with the weights of an undisturbed one."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from nncore.checkpoint import Checkpoint
from tests.browser.conftest import Lab, NewPage
from tests.browser.steps import PATIENCE, epoch_of, open_at, pick, press, train, wait_beyond

#: 36 seconds in slow motion, a moment at full speed.
EPOCHS = 120  # no other test trains so many
RUN = f"rounding?epochs={EPOCHS}&samples=2000&batch=32&seed=5"
THIRD = 40
TRAINED = re.compile(f"^Trained · {EPOCHS} epochs")


def list_entries(lab: Lab) -> list[Path]:
    """Return the trained networks with this test's settings in the lab's store: one or none."""
    settings = [*(lab.cache_dir / "models").glob("*-*/settings.json")]
    epochs = [(json.loads(file.read_text())["epochs"], file) for file in settings]
    return [file.with_name("checkpoint.npz") for number, file in epochs if number == EPOCHS]


def take_entry(lab: Lab, page: Page, folder: Path) -> list[bytes]:
    """Take the network that a page has trained out of the lab's store, and return its weights.

    So the next run of the same settings cannot be answered from the store, and what it puts there
    is its own.
    """
    expect(page.get_by_text(TRAINED)).to_be_visible(timeout=PATIENCE)
    while not (found := list_entries(lab)):
        page.wait_for_timeout(100)  # the store writes after the page has shown the end
    (file,) = found
    file.parent.rename(folder)
    return [
        array.tobytes()
        for array in Checkpoint.from_bytes((folder / file.name).read_bytes()).weights
    ]


def choose_full_speed(page: Page) -> None:
    box = page.get_by_test_id("stSelectbox").filter(has=page.get_by_label("Speed")).first
    pick(box.get_by_role("combobox"), page.get_by_role("option", name="full speed"))


def test_a_disturbed_run_ends_with_an_undisturbed_runs_weights(
    lab: Lab, new_page: NewPage, tmp_path: Path
) -> None:
    """The undisturbed run goes at full speed, in a few slices; the other one in many."""
    page = new_page()
    open_at(page, f"{lab.url}/{RUN}")
    choose_full_speed(page)
    press(page, "Train")
    undisturbed = take_entry(lab, page, tmp_path / "undisturbed")

    page = new_page()
    open_at(page, f"{lab.url}/{RUN}")
    train(page)
    wait_beyond(page, THIRD)
    page.reload()
    assert epoch_of(page) > THIRD
    press(page, "Pause")
    expect(page.get_by_text(re.compile("^Paused · "))).to_be_visible(timeout=PATIENCE)
    choose_full_speed(page)
    press(page, "Continue")
    disturbed = take_entry(lab, page, tmp_path / "disturbed")

    assert undisturbed
    assert disturbed == undisturbed

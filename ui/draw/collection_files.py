"""Files of the learner's own digits: downloads, a sheet to print, and uploads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from nncore.digits import sheet
from nncore.digits.collection import DigitCollection, DigitError
from nncore.digits.digit_files import FoundDigit, read_file, shorten, to_zip
from ui.components import paste
from ui.core import state
from ui.core.keys import Key
from ui.draw import import_review
from ui.workbench.lesson_page import LessonPage

#: The most files in one upload, and their endings.
MOST_FILES = 50
ENDINGS = ["json", "zip", "png", "jpg", "jpeg", "webp", "bmp", "gif", "heic", "heif"]

#: The number of the uploader: a new number empties it.
TURN = Key("draw.digits.turn", 0)
#: The uploaded files, and the camera's photo.
FILES = Key[list[Any]]("draw.digits.files", [])
PHOTO = Key[Any]("draw.digits.photo", None)
#: True if a picture may show several digits.
MAY_HAVE_SEVERAL = Key("draw.digits.several", False)
#: A sentence for each file of the last upload that could not be read.
COMPLAINTS = Key[tuple[str, ...]]("draw.digits.complaints", ())


class FileContents(NamedTuple):
    """The digits in uploaded files.

    Attributes:
        digits: The digits, before their labels are confirmed.
        complaints: A sentence for each file that could not be read.
    """

    digits: list[FoundDigit]
    complaints: list[str]


def show_downloads(digits: DigitCollection) -> None:
    """Draw the buttons that download the collection."""
    _show_download("All as JSON", digits.to_json, "my-digits.json", "application/json")
    _show_download("Pictures as ZIP", lambda: to_zip(digits), "my-digits.zip", "application/zip")


def _show_download(label: str, make: Callable[[], str | bytes], name: str, kind: str) -> None:
    st.download_button(
        label,
        make,
        name,
        kind,
        icon=":material/download:",
        on_click="ignore",
        key=f"draw.digits.download.{name}",
    )


def show_upload(page: LessonPage) -> None:
    """Draw the ways to bring digits along: files, the camera, and a sheet to print."""
    st.markdown(page.text("digits_upload", most=MOST_FILES))
    turn = state.get(TURN)
    st.file_uploader(
        "Pictures, photos, a filled sheet, a ZIP or JSON",
        type=ENDINGS,
        accept_multiple_files=True,
        key=FILES.of(turn).name,
        on_change=_read_files,
        args=(turn,),
    )
    paste.mount(FILES.of(turn).name)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.toggle("Several digits in a picture", key=MAY_HAVE_SEVERAL.name)
        _show_camera(turn)
        _show_sheet(page)
    complaints = state.get(COMPLAINTS)
    if complaints:
        with st.container(border=True, key="draw.digits.complaints.box"):
            st.text("\n".join(complaints))  # as text: a file's name is not Markdown


def _show_camera(turn: int) -> None:
    box = st.popover(
        "Take a photo",
        icon=":material/photo_camera:",
        key=f"draw.digits.camera.{turn}",
        on_change="rerun",
    )
    if box.open:  # the camera starts only when it is wanted
        with box:
            st.camera_input(
                "A digit on paper",
                key=PHOTO.of(turn).name,
                on_change=_read_photo,
                args=(turn,),
            )


def _show_sheet(page: LessonPage) -> None:
    with st.popover("Print a sheet", icon=":material/print:", key="draw.digits.sheet"):
        st.markdown(page.text("digits_sheet"))
        title = page.text("digits_sheet_title")
        for paper in sheet.PAPERS:
            make = partial(sheet.to_pdf, paper, title)
            name = f"digits-{paper.lower()}.pdf"
            _show_download(f"{paper} as PDF", make, name, "application/pdf")


def _read_files(turn: int) -> None:
    files = state.get(FILES.of(turn))
    if not files:
        return
    contents = read_files(
        [(file.name, file.getvalue()) for file in files[:MOST_FILES]],
        may_have_several=state.get(MAY_HAVE_SEVERAL),
    )
    complaints = list(contents.complaints)
    if len(files) > MOST_FILES:
        left_out = len(files) - MOST_FILES
        complaints.append(f"At most {MOST_FILES} files at once: {left_out} were left out.")
    _review(contents.digits, complaints, turn)


def _read_photo(turn: int) -> None:
    photo = state.get(PHOTO.of(turn))
    if photo is not None:
        several = state.get(MAY_HAVE_SEVERAL)
        contents = read_files([("your photo", photo.getvalue())], may_have_several=several)
        _review(contents.digits, contents.complaints, turn)


def _review(digits: list[FoundDigit], complaints: list[str], turn: int) -> None:
    state.put(TURN, turn + 1)
    state.put(COMPLAINTS, tuple(complaints))
    import_review.start(digits)


def read_files(
    files: Iterable[tuple[str, bytes]], *, may_have_several: bool = False
) -> FileContents:
    """Read the digits in files.

    Args:
        files: Names and bytes; both may be anything.
        may_have_several: True to cut a picture into several digits.
    """
    contents = FileContents([], [])
    for name, data in files:
        try:
            contents.digits.extend(read_file(name, data, may_have_several=may_have_several))
        except DigitError as error:
            contents.complaints.append(f"{shorten(name)}: {error}")
    return contents

"""Files of the learner's own digits: downloads, and digits from uploaded files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.collection import CLASSES, Digit, DigitCollection, DigitError
from nncore.digits.pictures import label_from_name, read_picture, to_zip
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key
from ui.draw import canvas, digit_collection
from ui.draw.answer import is_dark

#: The most files in one upload.
MOST_FILES = 50


class UnlabelledPicture(NamedTuple):
    """A picture of a digit whose label is not known yet.

    Attributes:
        name: Its file's name, shortened.
        image: (28, 28) uint8.
    """

    name: str
    image: NDArray[np.uint8]


class FileContents(NamedTuple):
    """The digits in uploaded files.

    Attributes:
        digits: Digits whose label is known.
        unlabelled: Pictures whose label is not known.
        complaints: A sentence for each file that could not be read.
    """

    digits: list[Digit]
    unlabelled: list[UnlabelledPicture]
    complaints: list[str]


#: The number of the uploader: a new number empties it. The uploaded files.
TURN, FILES = Key("draw.digits.turn", 0), Key[list[Any]]("draw.digits.files", [])
#: What is shown of the last upload.
COMPLAINTS = Key[tuple[str, ...]]("draw.digits.complaints", ())
UNLABELLED = Key[list[UnlabelledPicture]]("draw.digits.unlabelled", [])
#: The label of the next picture.
ASK = Key[int | None]("draw.digits.ask", None)
#: True after files were read, until the page has run.
HAS_CHANGED = Key("draw.digits.changed", False)


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
        key=f"draw.digits.{kind.partition('/')[2]}",
    )


def show_upload(lesson: Lesson) -> bool:
    """Draw the uploader, and ask for the labels of pictures. Return True after a change."""
    key = FILES.of(state.get(TURN))
    st.file_uploader(
        lesson.text("digits_upload", most=MOST_FILES),
        type=["json", "png"],
        accept_multiple_files=True,
        key=key.name,
        on_change=_read_upload,
        args=(key,),
    )
    for complaint in state.get(COMPLAINTS):
        st.error(complaint, icon=":material/upload_file:")
    _ask_for_labels()
    has_changed = state.get(HAS_CHANGED)
    state.drop(HAS_CHANGED)
    return has_changed


def _read_upload(key: Key[list[Any]]) -> None:
    files = state.get(key)
    state.put(TURN, state.get(TURN) + 1)
    if not files:
        return
    contents = read_files([(file.name, file.getvalue()) for file in files[:MOST_FILES]])
    complaints = list(contents.complaints)
    if len(files) > MOST_FILES:
        left_out = len(files) - MOST_FILES
        complaints.append(f"At most {MOST_FILES} files at once: {left_out} were left out.")
    old = digit_collection.load()
    try:
        new = old.add(*contents.digits)
        if len(new) > len(old):
            digit_collection.change(f"added {len(new) - len(old)} from files", new)
            state.put(HAS_CHANGED, True)
    except DigitError as error:
        complaints.append(str(error))
    state.put(COMPLAINTS, tuple(complaints))
    state.put(UNLABELLED, contents.unlabelled)


def read_files(files: Iterable[tuple[str, bytes]]) -> FileContents:
    """Read digits from the lab's JSON and from PNG pictures.

    Args:
        files: Names and bytes; both may be anything.
    """
    contents = FileContents([], [], [])
    for name, data in files:
        short = name if len(name) <= 40 else f"{name[:37]}…"
        try:
            if name.lower().endswith(".json"):
                contents.digits.extend(DigitCollection.from_json(data).digits)
                continue
            image, label = read_picture(data), label_from_name(name)
            if label is None:
                contents.unlabelled.append(UnlabelledPicture(short, image))
            else:
                contents.digits.append(Digit.from_image(image, label))
        except DigitError as error:
            contents.complaints.append(f"{short}: {error}")
    return contents


def _ask_for_labels() -> None:
    """Show the next picture without a label, and ask for it."""
    waiting = state.get(UNLABELLED)
    if not waiting:
        return
    name, image = waiting[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        picture = canvas.ink_data_uri(image, dark=is_dark())
        st.image(picture, width=84, alt="The picture, 28 by 28 pixels")
        key = _ask_key(waiting)
        with st.container(gap="xsmall"):
            st.pills(
                f"Which digit is {name}? ({len(waiting)} to go)",
                range(CLASSES),
                key=key.name,
                on_change=_label,
                args=(key,),
            )
            st.button("Leave it out", key="draw.digits.skip", on_click=_label, args=(None,))


def _ask_key(waiting: list[UnlabelledPicture]) -> Key[int | None]:
    return ASK.of(state.get(TURN), len(waiting))


def _label(key: Key[int | None] | None) -> None:
    waiting = state.get(UNLABELLED)
    if not waiting or (key is not None and key != _ask_key(waiting)):  # a repeated message
        return
    picture, *rest = waiting
    state.put(UNLABELLED, rest)
    label = None if key is None else state.get(key)
    if label is not None:
        digit_collection.add(picture.image, int(label))
        state.put(HAS_CHANGED, True)

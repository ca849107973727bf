"""Look: drawings on paper, brought along as pictures, photos or a filled sheet."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import streamlit as st

from nncore.digits import sheet
from nncore.digits.collection import DigitError
from nncore.digits.digit_files import shorten
from nncore.digits.own_pictures import read_drawings
from nncore.own_drawings import Drawing, DrawingError, OwnDrawings
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key
from ui.core.wording import count
from ui.own import drawings
from ui.own.drawing_field import show_own_drawings

#: The most files in one upload, and their endings.
MOST_FILES = 50
ENDINGS = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "heic", "heif"]

#: The number of the uploader: a new number empties it.
TURN = Key("own.pictures.turn", 0)
FILES, PHOTO = Key[list[Any]]("own.pictures", []), Key[Any]("own.photo", None)
#: The class that the pictures show, and whether one may show several drawings.
SHOWN_CLASS, HAS_SEVERAL = Key[int | None]("own.pictures.class", None), Key("own.several", False)
#: A sentence for each picture of the last upload that could not be read.
COMPLAINTS = Key[tuple[str, ...]]("own.pictures.complaints", ())


def show_pictures(lesson: Lesson, own: OwnDrawings) -> None:
    """Draw the ways to bring drawings on paper along: files, the camera, a sheet to print.

    Args:
        lesson: The lesson, for its texts.
        own: The learner's classes and drawings.
    """
    st.markdown(lesson.text("pictures", most=MOST_FILES))
    turn = state.get(TURN)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            lesson.text("pictures_class"),
            range(own.classes),
            index=0,
            format_func=own.names.__getitem__,
            key=SHOWN_CLASS.of(own.classes).name,
            width=200,
        )
        st.toggle(lesson.text("several"), key=HAS_SEVERAL.name)
    st.file_uploader(
        lesson.text("pictures_field"),
        type=ENDINGS,
        accept_multiple_files=True,
        key=FILES.of(turn).name,
        on_change=_read_files,
        args=(turn,),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _show_camera(turn)
        _show_sheet(lesson, own)
    if complaints := state.get(COMPLAINTS):
        with st.container(border=True):
            st.text("\n".join(complaints))  # as text: a file's name is not Markdown


def _show_camera(turn: int) -> None:
    box = st.popover(
        "Take a photo",
        icon=":material/photo_camera:",
        key=f"own.camera.{turn}",
        on_change="rerun",
    )
    if box.open:  # the camera starts only when it is wanted
        with box:
            st.camera_input(
                "A drawing on paper", key=PHOTO.of(turn).name, on_change=_read_photo, args=(turn,)
            )


def _show_sheet(lesson: Lesson, own: OwnDrawings) -> None:
    with st.popover("Print a sheet", icon=":material/print:", key="own.sheet"):
        st.markdown(lesson.text("sheet"))
        numbers = [str(number) for number in range(1, own.classes + 1)]
        title = ", ".join(f"{n}: {name}" for n, name in zip(numbers, own.names, strict=True))
        for paper in sheet.PAPERS:
            st.download_button(
                f"{paper} as PDF",
                partial(sheet.to_pdf, paper, title, numbers),
                f"drawings-{paper.lower()}.pdf",
                "application/pdf",
                icon=":material/download:",
                on_click="ignore",
                key=f"own.sheet.{paper}",
            )


def _read_files(turn: int) -> None:
    files = state.get(FILES.of(turn))
    if not files:
        return
    complaints = _add((file.name, file.getvalue()) for file in files[:MOST_FILES])
    if len(files) > MOST_FILES:
        complaints.append(
            f"At most {MOST_FILES} files at once: {len(files) - MOST_FILES} were left out."
        )
    state.put(COMPLAINTS, tuple(complaints))
    state.put(TURN, turn + 1)


def _read_photo(turn: int) -> None:
    photo = state.get(PHOTO.of(turn))
    if photo is not None:
        state.put(COMPLAINTS, tuple(_add([("Your photo", photo.getvalue())])))
        state.put(TURN, turn + 1)


def _add(files: Iterable[tuple[str, bytes]]) -> list[str]:
    """Add the drawings of pictures, and return a sentence for each that cannot be read."""
    own, complaints, new = drawings.load(), [], []
    label = state.get(SHOWN_CLASS.of(own.classes)) or 0
    for name, data in files:
        try:
            found = read_drawings(data, may_have_several=state.get(HAS_SEVERAL))
        except (DigitError, DrawingError) as error:
            complaints.append(f"{shorten(name)}: {error}")
            continue
        rows = [(one.image, label if one.row is None else one.row) for one in found]
        new += [Drawing.from_image(image, row) for image, row in rows if row < own.classes]
    title = f"added {count(len(new), 'drawing')} from pictures"
    if new and drawings.try_change(title, lambda: own.add(*new)):
        show_own_drawings()
    return complaints

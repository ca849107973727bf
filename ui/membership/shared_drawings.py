"""Sharing a drawing with the class: only when the learner presses *Share*."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.collection import Digit
from ui.class_store.errors import ClassError
from ui.class_store.values import Drawing, Withdrawal, new_event
from ui.core import state
from ui.core.keys import Key
from ui.membership import feed

SHARE_BUTTON = Key("class.drawing.share", False)
BACK_BUTTON = Key("class.drawing.back", False)
#: Identities of the shared drawings, by a digest of class, label and pixels; the newest are kept.
SHARED = Key[Mapping[str, str]]("class.drawings", {}, "tab")
MOST = 200


def show_share(
    image: NDArray[np.uint8] | None,
    label: int | None,
    reading: int | None,
    outputs: NDArray[np.float32] | None,
) -> None:
    """Draw the button that shares a labelled drawing, or takes it back; nothing outside a class.

    Args:
        image: (28, 28) uint8; None for none.
        label: The digit that the learner says it is; None before that.
        reading: The predicted digit; None if the network refused to read it.
        outputs: (10,) the network's outputs; None without a network.
    """
    found = feed.read_feed()
    if image is None or label is None or found is None:
        return
    name = _name(found.key.code, image, label)
    identity = state.get(SHARED).get(name)
    if identity is not None:
        st.button(
            "Shared with the class. Take it back",
            icon=":material/undo:",
            type="tertiary",
            key=BACK_BUTTON.name,
            on_click=_take_back,
            args=(name, identity),
        )
        return
    confidence = 0.0 if outputs is None else float(np.clip(np.nan_to_num(outputs.max()), 0, 1))
    st.button(
        "Share with the class",
        icon=":material/group_add:",
        key=SHARE_BUTTON.name,
        on_click=_share,
        args=(name, Drawing(Digit.from_image(image, label), reading, confidence)),
    )


def _name(code: str, image: NDArray[np.uint8], label: int) -> str:
    return hashlib.sha256(f"{code}{label}".encode() + image.tobytes()).hexdigest()[:32]


def _share(name: str, drawing: Drawing) -> None:
    found, identity = feed.read_feed(), new_event()
    if found is None:
        return
    try:
        is_stored = feed.open_classes().outbox.send(found.key, drawing, identity)
    except ClassError as error:
        st.toast(str(error), icon=":material/error:")
        return
    state.put(SHARED, dict([*state.get(SHARED).items(), (name, identity)][-MOST:]))
    if not is_stored:
        st.toast("The class cannot be reached. Your drawing waits and is sent as soon as it can.")


def _take_back(name: str, identity: str) -> None:
    found = feed.read_feed()
    if found is None:
        return
    try:
        feed.open_classes().outbox.send(found.key, Withdrawal(identity))
    except ClassError as error:
        st.toast(str(error), icon=":material/error:")
        return
    state.put(SHARED, {key: one for key, one in state.get(SHARED).items() if key != name})

"""The code of a class for the projector, and the teacher's secret link."""

from __future__ import annotations

from urllib.parse import urlparse

import streamlit as st

from ui.classroom.desk import NEW, Desk
from ui.classroom.start_form import PARAMETER as SECRET
from ui.components import copy_link
from ui.content.lesson import Lesson
from ui.core import address, state
from ui.core.keys import Key
from ui.membership.joining import PARAMETER
from ui.workbench.share import draw_qr, explain_local, is_local

PANEL = Key("classroom.code", None)
SECRET_LINK = Key("classroom.secret", None)
SECRET_BUTTON = Key("classroom.secret.done", False)


def show_secret_link(texts: Lesson, desk: Desk) -> None:
    """Draw the teacher's link of a class that was just made, until the teacher puts it away."""
    if state.get(NEW) != desk.code:
        return
    with st.expander("Your secret link: copy it now", icon=":material/key:"):  # not for the class
        st.markdown(texts.text("secret"))
        secret = {SECRET: f"{desk.code}.{desk.key.secret}"}
        copy_link.draw(address.build_page_link("classroom", secret), key=SECRET_LINK.name)
        st.button(
            "I have copied it",
            icon=":material/check:",
            key=SECRET_BUTTON.name,
            on_click=state.drop,
            args=(NEW,),
        )


def show_code(desk: Desk) -> None:
    """Draw the code of a class, large enough for the last row."""
    link = address.build_page_link("", {PARAMETER: desk.code})
    host = urlparse(link)
    with st.container(border=True, key=PANEL.name):
        words, picture = st.columns(2, gap="medium", vertical_alignment="center")
        with words:
            st.markdown("Open this address, or type the code on the start page:")
            st.markdown(f"**{host.netloc}{host.path}?{host.query}**")
            st.title(desk.code, anchor=False)
        with picture:
            code = draw_qr(link)
            if code:
                st.image(code, width="stretch", alt="The address of the class as a QR code")
        if is_local(link):
            st.warning(explain_local(host.port), icon=":material/computer:")

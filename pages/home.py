"""The start: what the lab is, its four lessons, and its data."""

from ui.core import navigation

navigation.guard("home")  # before all that takes long to import

import base64

import streamlit as st

from nncore import environment
from nncore.data import download as download_module
from nncore.experiment import DataConfig
from ui.components import clock, glossary
from ui.content.lesson import FOLDER, load
from ui.content.lesson import glossary as words
from ui.core import resources
from ui.core.catalog import LESSONS, LessonInfo

PAGE = "home"
PICTURE = 112


def card(page: LessonInfo) -> None:
    with st.container(border=True, height="stretch"):
        picture, words = st.columns([1, 2.4], gap="small", wrap=False)
        with picture:
            st.image(svg(page.name), width=PICTURE, alt="")
        with words:
            st.subheader(page.label, anchor=False)
            st.markdown(lesson.text(page.name))
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.caption(lesson.text(f"{page.name}_takes"), width="content")
                st.page_link(
                    page.path,
                    label=f"**Open lesson {page.number}**",
                    icon=":material/arrow_forward:",
                    icon_position="right",
                )


def svg(name: str) -> str:
    """A lesson's picture as an address that holds it, its ink in the theme's text colour."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    ink = str(st.get_option(f"theme.{theme}.textColor"))
    text = (FOLDER / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
    text = text.replace("currentColor", ink)
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()


def images() -> None:
    dataset = resources.dataset(DataConfig())
    st.markdown(f":material/database: **Data.** {dataset.source}")
    for note in dataset.notes:
        st.warning(note, icon=":material/warning:")
    if dataset.embedded and environment.offline():
        st.caption(lesson.text("how_to_get"))
    elif dataset.embedded:
        st.caption(lesson.text("download"))
        download()


def download() -> None:
    fetched = resources.download("digits")
    running = fetched.state.status == "running"

    @clock.every(0.5 if running else None, key="home.clock")
    def progress() -> None:
        now = fetched.state
        if now.status == "running":
            st.progress(now.share, f"Downloading MNIST: {now.share:.0%}")
        elif running:
            st.rerun()

    progress()
    if fetched.state.status == "failed":
        st.warning(fetched.state.sentence, icon=":material/cloud_off:")
    if not running:
        st.button(
            "Download all of MNIST",
            icon=":material/download:",
            key="home.download",
            on_click=begin,
            args=(fetched,),
        )


def begin(fetched: download_module.Download) -> None:
    fetched.start()


lesson = load(PAGE)
st.markdown(lesson.aim)
for first in range(0, len(LESSONS), 2):
    for page, column in zip(LESSONS[first : first + 2], st.columns(2, gap="small"), strict=False):
        with column:
            card(page)
st.markdown(lesson.text("teachers"))
images()
with st.expander("**Glossary** · every word that is explained in the lessons"):
    glossary.listed(words())

"""The frame of every page: browser storage, errors in lessons, the sidebar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import streamlit as st

from nncore.runtime.background import Background
from nncore.runtime.lab import Lab
from ui.browser import bring_back, changes, notice
from ui.class_store import access
from ui.components import assist, clock, glossary, keep, tab
from ui.content import stages
from ui.content.lesson import glossary as words
from ui.content.toml_file import LessonError
from ui.core import address, resources, server, state
from ui.core.catalog import BROWSER, CLASSROOM, HOME, LESSONS, PAGES, find_lesson
from ui.draw import digit_collection
from ui.home import tour
from ui.membership import class_bar, kept_keys, sharing, sidebar
from ui.own import drawings as own_drawings
from ui.perceptron import ladder_progress
from ui.workbench import predictions, run_history, run_marks
from ui.workbench.lesson_progress import draw_next
from ui.workbench.other_tabs import draw_other_tabs

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.navigation.page import Page as StreamlitPage

#: Slots of the browser's storage.
SLOTS: tuple[keep.Slot[Any], ...] = (
    *(predictions.slot(page.name) for page in LESSONS),
    ladder_progress.SLOT,
    run_marks.SLOT,
    kept_keys.MEMBER,
    kept_keys.TAUGHT,
    stages.SLOT,
    tour.SLOT,
    digit_collection.SLOT,
    own_drawings.SLOT,
)

#: Seconds after the first page at which the database of classes is opened, if there is one.
CLASSES_AFTER = 20.0


def run(page: StreamlitPage, row: DeltaGenerator) -> None:
    """Run a page in its frame.

    Args:
        page: The requested page.
        row: The row that holds its title.
    """
    state.mark_framed()
    state.hold_tab()
    with st.sidebar:
        keep.mount(SLOTS)  # first: what a click has put is written before a page is drawn
    name = page.url_path or HOME.name
    if name != BROWSER.name:  # for the next person at a shared computer
        changes.drop_change()
        bring_back.drop_result()
    with state.hold_title_row(row), _teachers_errors():
        notice.draw_notice(name)
        if name != CLASSROOM.name:
            class_bar.show_bar()
        sharing.share_runs()
        page.run()
        if (lesson := find_lesson(page.url_path)) is not None:
            draw_next(lesson)
        glossary.mount(words())
        assist.mount()
        if st.context.is_embedded:
            _draw_page_links()
    with st.sidebar:
        tab.mount(address.to_restore(name))
    run_history.tidy()
    sharing.share_place(name)
    _sidebar()
    if keep.has_unsent():
        st.rerun()


def _draw_page_links() -> None:
    """Draw a link to each page: in another site's frame the sidebar is often folded away."""
    with st.container(horizontal=True, key="frame.links"):
        for page in PAGES:
            st.page_link(page.path, label=page.title, icon=page.icon, width="content")


@contextmanager
def _teachers_errors() -> Iterator[None]:
    """Show a fault in a lesson's file as one sentence; the rest of the lab goes on."""
    try:
        yield
    except LessonError as error:
        st.error(str(error), icon=":material/edit_off:")


def _sidebar() -> None:
    """Draw the data, the worker's state, one's own runs in other tabs, how many others train."""
    with st.sidebar:
        sidebar.show_class()
        _facts(server.lab())
        draw_other_tabs()
        clock.redraw_on_reconnect()
    server.start_lab()
    server.share(_end_old_classes)
    resources.fetch_digits()


def _end_old_classes() -> Background:
    """Open the database of classes in a while, if there is one: classes that are over go."""
    background = Background(threads=1)
    background.run(_open_classes, delay=CLASSES_AFTER)
    return background


def _open_classes() -> None:
    if access.has_database():
        server.share(access.open_access)


def _facts(lab: Lab) -> None:
    fetched = resources.download("digits")
    moving = not lab.status.ready or fetched.state.status == "running"

    @clock.every(1.0 if moving else None, key="frame.clock")
    def facts() -> None:
        status, fetching = lab.status, fetched.state
        st.caption(":material/database: " + resources.data_fact())
        if fetching.status == "running":
            st.caption(f":material/download: Fetching all of MNIST: {fetching.share:.0%}")
        icon = "check_circle" if status.ready else "hourglass_top"
        st.caption(f":material/{icon}: {status.sentence}")
        if moving and status.ready and fetching.status != "running":
            st.rerun()

    facts()

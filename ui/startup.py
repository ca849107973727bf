"""What the server does before its first visitor comes, and after its last one has gone."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App

from ui.core import server, session_lock


@asynccontextmanager
async def start_up(app: App) -> AsyncIterator[None]:
    """Import what every page needs before the first visitor waits for it; end the workers.

    The imports need Streamlit's runtime: modules declare components and caches.

    Args:
        app: The server's application; Streamlit passes it.
    """
    importlib.import_module("ui.app")
    session_lock.share_lock()
    # Until `st.navigation` was called once, Streamlit takes `pages/` for its older kind of app: the
    # address of a page would run the page's file alone, and `navigation.guard` would run it again.
    PagesManager.uses_pages_directory = False
    try:
        yield
    finally:
        server.end_lab()

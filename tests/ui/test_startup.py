"""What the server has done before its first visitor comes."""

from __future__ import annotations

import subprocess
import sys

from tests.test_house import ROOT

#: As `streamlit run` and an ASGI server start the application, in a process of its own.
SERVE = """
import asyncio, sys
from streamlit.runtime.pages_manager import PagesManager
from streamlit_app import streamlit_app
from ui.core import server

async def serve():
    streamlit_app._build_starlette_app()
    async with streamlit_app._combined_lifespan(streamlit_app._starlette_app):
        print("ui.app" in sys.modules, PagesManager("streamlit_app.py").uses_pages_directory)
        server.lab().close = lambda: print("ended")

print("ui.app" in sys.modules)
asyncio.run(serve())
"""


def test_all_modules_are_there_before_the_first_visitor_and_the_lab_ends_after_the_last() -> None:
    command = [sys.executable, "-c", SERVE]
    served = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert served.stdout.split() == ["False", "True", "False", "ended"]


def test_streamlit_runs_the_entry_point_as_an_application() -> None:
    from streamlit.web.server.app_discovery import discover_asgi_app

    found = discover_asgi_app(ROOT / "streamlit_app.py")
    assert found.import_string == "streamlit_app:streamlit_app"

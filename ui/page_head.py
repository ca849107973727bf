"""The style that a page has from its first moment, before Streamlit has drawn anything.

A component's style arrives with the component, when much of the page is on the screen. What must
hold from the start is put into the HTML that the browser asks for first: the places that Streamlit
does not reserve itself, for otherwise the page would move while its parts arrive.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The style; `page_head.css` says why each of its rules is needed.
STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
#: Headers of a request whose answer could be compressed, or could be "not modified".
_SHORTCUTS = (b"accept-encoding", b"if-none-match", b"if-modified-since")
#: Headers of an answer that hold for the file without the style.
_FILE_HEADERS = ("etag", "last-modified", "content-length")


class PageHead:
    """Middleware that adds the style to the head of each HTML page that the server sends.

    Args:
        app: The server's application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _asks_for_page(scope):
            headers = [(name, value) for name, value in scope["headers"] if name not in _SHORTCUTS]
            page = _Page(send, is_embedded=_is_embedded(scope))
            await self.app({**scope, "headers": headers}, receive, page.send)
        else:
            await self.app(scope, receive, send)


class _Page:
    """An answer on its way: HTML is held back until all of it is there, all else passes.

    Args:
        send: Sends to the browser.
        is_embedded: Whether the page is in another site's frame, where it has no sidebar.
    """

    def __init__(self, send: Send, *, is_embedded: bool) -> None:
        self._send = send
        self._is_embedded = is_embedded
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Take a part of the answer, and send what is complete."""
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        body = add_style(self._body, is_embedded=self._is_embedded) if self._body else b""
        headers = MutableHeaders(raw=list(start["headers"]))
        for name in _FILE_HEADERS:
            del headers[name]
        if body:  # a request for the headers alone gets no length
            headers["content-length"] = str(len(body))
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def add_style(page: bytes, *, is_embedded: bool) -> bytes:
    """Return an HTML page with the style at the end of its head.

    Args:
        page: The page, in UTF-8.
        is_embedded: Whether the page is in another site's frame, where it has no sidebar.
    """
    root = b'<html data-embedded="" ' if is_embedded else b"<html "
    style = f"<style>\n{STYLE}</style>\n  </head>".encode()
    return page.replace(b"<html ", root, 1).replace(b"</head>", style, 1)


def _asks_for_page(scope: Scope) -> bool:
    accepted = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] in ("GET", "HEAD") and b"text/html" in accepted


def _is_embedded(scope: Scope) -> bool:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return "true" in query.get("embed", ())


def _is_html(start: Message) -> bool:
    headers = MutableHeaders(raw=list(start["headers"]))
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html")

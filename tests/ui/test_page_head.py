"""The first style of a page: it is in each HTML page, and in nothing else that the server sends."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from ui.core.navigation import SIDEBAR_WIDTH
from ui.page_head import STYLE, PageHead

HTML = b'<html lang="en"><head><title>Lab</title></head><body></body></html>'
BROWSER = [(b"accept", b"text/html,*/*"), (b"accept-encoding", b"gzip"), (b"if-none-match", b"1")]


class Server:
    """An application that answers each request with two parts of a body.

    Args:
        body: The whole body.
        kind: Its media type.
    """

    def __init__(self, body: bytes = HTML, kind: bytes = b"text/html; charset=utf-8") -> None:
        self.body, self.kind = body, kind
        self.headers: dict[bytes, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers = dict(scope["headers"])
        length = str(len(self.body)).encode()
        headers = [(b"content-type", self.kind), (b"content-length", length), (b"etag", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body[:9], "more_body": True})
        await send({"type": "http.response.body", "body": self.body[9:]})


def ask(
    server: Server, headers: list[tuple[bytes, bytes]] = BROWSER, query: bytes = b""
) -> tuple[dict[bytes, bytes], bytes]:
    """Return the headers and the body of an answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/mnist"}
    scope |= {"headers": headers, "query_string": query}
    asyncio.run(PageHead(server)(scope, receive, send))
    return dict(sent[0]["headers"]), b"".join(part["body"] for part in sent[1:])


def test_a_page_has_the_style_in_its_head_and_its_true_length() -> None:
    headers, body = ask(Server())
    head = body[: body.index(b"</head>")]
    assert STYLE.encode() in head
    assert body.endswith(HTML[HTML.index(b"<body>") :])
    assert headers[b"content-length"] == str(len(body)).encode()


def test_a_page_is_neither_compressed_nor_answered_from_the_browsers_cache() -> None:
    server = Server()
    headers, _ = ask(server)
    assert server.headers == {b"accept": b"text/html,*/*"}
    assert b"etag" not in headers


def test_what_is_no_page_passes_unchanged() -> None:
    headers, body = ask(Server(b"let x = 1;", b"text/javascript"))
    assert (headers[b"content-length"], body) == (b"10", b"let x = 1;")
    server = Server()
    assert ask(server, [(b"accept", b"*/*"), (b"accept-encoding", b"gzip")])[1] == HTML
    assert b"accept-encoding" in server.headers


def test_a_page_in_another_sites_frame_keeps_no_place_for_a_sidebar() -> None:
    assert b"<html data-embedded" in ask(Server(), query=b"embed=true&fit.epochs=3")[1]
    assert b"<html data-embedded" not in ask(Server(), query=b"fit.epochs=3")[1]


def test_the_place_of_the_sidebar_is_as_wide_as_the_sidebar() -> None:
    assert re.search(rf"padding-left: {SIDEBAR_WIDTH}px", STYLE)


def test_the_style_ends_no_element_of_the_page() -> None:
    assert "</" not in STYLE

"""A link to hand on: its text to copy, a QR code to scan, and whom it reaches."""

from __future__ import annotations

import socket
from urllib.parse import urlparse

import psutil
import streamlit as st

#: Side of the QR code, in pixels.
QR_WIDTH = 180
_LOCAL = ("localhost", "127.0.0.1", "::1")


def show_link(link: str) -> None:
    """Draw a link as text to copy and as a QR code, and say where only this computer can open it.

    Args:
        link: The whole address.
    """
    st.code(link, language=None, wrap_lines=True)
    picture = draw_qr(link)
    if picture:
        st.image(picture, width=QR_WIDTH, alt="The same link as a QR code")
    if urlparse(link).hostname in _LOCAL:
        st.caption(f":material/computer: {explain_local(urlparse(link).port)}")


def draw_qr(link: str) -> str:
    """Return a QR code as a data URI of a PNG; empty where the link is too long for one."""
    import segno  # not before somebody shares a link

    try:
        return str(segno.make(link, error="m").png_data_uri(scale=4, border=4))
    except segno.DataOverflowError:
        return ""


def explain_local(port: int | None) -> str:
    """Return who can open a link to this very computer, and what would let others open it."""
    addresses = [f"http://{address}:{port or 80}" for address in list_own_addresses()]
    others = f", then use {' or '.join(addresses)}" if addresses else ""
    return (
        "Only this computer can open this link. For others, start the lab with "
        f"`make run HOST=0.0.0.0`{others}."
    )


def list_own_addresses() -> list[str]:
    """Return this machine's IPv4 addresses in its networks, without those of the machine alone."""
    found = [
        entry.address
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family == socket.AF_INET
    ]
    return [address for address in found if not address.startswith(("127.", "169.254."))]

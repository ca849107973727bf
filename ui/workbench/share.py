"""A link to hand on: its text to copy, a QR code to scan, and who can open it."""

from __future__ import annotations

import socket
from urllib.parse import urlparse

import psutil
import streamlit as st

from ui.components import copy_link

#: Side of the QR code, in pixels: of a link alone, and of one that a class scans from a projector.
QR_WIDTH, LARGE_QR_WIDTH = 180, 280
_LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::")
#: Values of `server.address` with which Streamlit listens on all networks of this machine.
_ALL_NETWORKS = (None, "", "0.0.0.0", "::")


def show_link(link: str, *, key: str, is_task: bool = False) -> None:
    """Draw a link as text to copy and as a QR code, and say where only this computer can open it.

    Args:
        link: The whole address.
        key: Key of the field with the link, unique on a page.
        is_task: True for a class's link, which is drawn large.
    """
    copy_link.draw(link, key=key, is_large=is_task)
    if is_local(link):
        st.warning(explain_local(urlparse(link).port), icon=":material/computer:")
    picture = draw_qr(link)
    if picture:
        width = LARGE_QR_WIDTH if is_task else QR_WIDTH
        st.image(picture, width=width, alt="The same link as a QR code")


def is_local(link: str) -> bool:
    """Return True for a link that only this very computer can open."""
    host = urlparse(link).hostname or ""
    return host in _LOCAL or host.endswith(".localhost")


def draw_qr(link: str) -> str:
    """Return a QR code as a data URI of a PNG; empty where the link is too long for one."""
    import segno  # not before somebody shares a link

    try:
        return str(segno.make(link, error="m").png_data_uri(scale=4, border=4))
    except segno.DataOverflowError:
        return ""


def explain_local(port: int | None) -> str:
    """Return who can open a link to this very computer, and what would let others open it."""
    addresses = " or ".join(f"http://{address}:{port or 80}" for address in list_own_addresses())
    alone = "Only this computer can open this link."
    if st.get_option("server.address") in _ALL_NETWORKS and addresses:
        return f"{alone} For others, open the lab at {addresses} yourself and share from there."
    then = f", then use {addresses}" if addresses else ""
    return f"{alone} For others, start the lab with `make run HOST=0.0.0.0`{then}."


def list_own_addresses() -> list[str]:
    """Return this machine's IPv4 addresses in its networks, without those of the machine alone."""
    found = [
        entry.address
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family == socket.AF_INET
    ]
    return [address for address in found if not address.startswith(("127.", "169.254."))]

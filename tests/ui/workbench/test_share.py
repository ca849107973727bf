"""A link to hand on: as a QR code, and with a word on whom it reaches."""

from __future__ import annotations

import base64
import io
import socket
from types import SimpleNamespace

import psutil
import pytest
import streamlit as st
from PIL import Image

from ui.workbench import share


def test_a_link_becomes_a_qr_code_with_a_quiet_margin() -> None:
    picture = share.draw_qr("http://lab.example.org/mnist?v=2&units=64")
    data = base64.b64decode(picture.removeprefix("data:image/png;base64,"))
    image = Image.open(io.BytesIO(data)).convert("L")
    assert image.width == image.height
    assert {image.getpixel((x, 5)) for x in range(image.width)} == {255}
    assert image.getpixel((4 * 4, 4 * 4)) == 0  # the corner of the first finder pattern


def test_a_link_that_is_too_long_has_no_qr_code() -> None:
    assert share.draw_qr("x" * 5000) == ""


def connect(monkeypatch: pytest.MonkeyPatch, listens_on: str) -> None:
    """Give this machine an address in a network, and the lab an address to listen on."""

    def address(text: str) -> SimpleNamespace:
        return SimpleNamespace(family=socket.AF_INET, address=text)

    networks = {"lo": [address("127.0.0.1")], "wlan0": [address("192.168.1.5")]}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: networks)
    monkeypatch.setattr(st, "get_option", {"server.address": listens_on}.get)


def test_a_local_link_says_how_to_open_the_lab_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "localhost")
    assert share.explain_local(8501).endswith(
        "`make run HOST=0.0.0.0`, then use http://192.168.1.5:8501."
    )


def test_a_local_link_of_an_open_lab_names_the_address_to_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect(monkeypatch, "0.0.0.0")
    sentence = share.explain_local(8501)
    assert "open the lab at http://192.168.1.5:8501 yourself" in sentence
    assert "make run" not in sentence


def test_without_a_network_a_local_link_names_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "net_if_addrs", dict)
    assert share.explain_local(8501).endswith("`make run HOST=0.0.0.0`.")

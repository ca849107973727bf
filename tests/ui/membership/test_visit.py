"""Addresses that a teacher sends."""

import pytest

from ui.classroom.send_form import shorten_link
from ui.membership.visit import MOST, read_address


def test_an_address_is_a_page_with_parameters() -> None:
    assert read_address("/mnist?v=2&epochs=5") == ("mnist", {"v": ["2"], "epochs": ["5"]})


def test_a_parameter_may_have_several_values() -> None:
    assert read_address("/own?class=a%26b&class=")[1] == {"class": ["a&b", ""]}


@pytest.mark.parametrize("target", ["", "/", "/nowhere?x=1", "//example.org/mnist/.."])
def test_an_unknown_page_is_the_start_page(target: str) -> None:
    assert read_address(target)[0] == "home"


def test_parameters_are_bounded() -> None:
    query = "&".join(f"p{i}=1" for i in range(500))
    assert len(read_address(f"/mnist?{query}")[1]) == MOST


def test_a_pasted_link_keeps_its_page_and_parameters_and_loses_its_host() -> None:
    assert shorten_link("https://lab.example.org/own?class=a&class=b") == "/own?class=a&class=b"
    assert shorten_link("https://lab.example.org/lab/mnist?v=2&units=64") == "/mnist?v=2&units=64"

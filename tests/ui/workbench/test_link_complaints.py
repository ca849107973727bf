"""The box of complaints about a link: one, whatever the link holds."""

from __future__ import annotations

from nncore.experiment import Experiment
from ui.workbench.link_complaints import MOST_LISTED, describe_complaints


def test_one_complaint_is_a_sentence() -> None:
    assert describe_complaints(["It is wrong."]) == "It is wrong."


def test_several_complaints_are_a_list() -> None:
    text = describe_complaints(["One is\nwrong.", "Two is wrong.", "One is\nwrong."])
    assert text == ("**2 parts of the link cannot be used.**\n\n- One is wrong.\n- Two is wrong.")


def test_a_long_list_is_cut_and_the_rest_is_counted() -> None:
    text = describe_complaints([f"Part {number} is wrong." for number in range(200)])
    assert text.startswith("**200 parts")
    assert text.count("\n- ") == MOST_LISTED + 1
    assert text.endswith(f"- {200 - MOST_LISTED} more parts of the link")


def test_a_setting_is_named_as_on_the_page() -> None:
    _, complaints = Experiment.from_query("fit.batch_size=many&fit.x=1")
    assert describe_complaints(complaints[:1]) == (
        "The link's batch size = 'many' cannot be used; '128' is used instead."
    )
    assert describe_complaints(complaints[1:]) == "The link names 'fit.x', which is not a setting."
    assert describe_complaints(["The link's sweep.x = 'y' is odd."]).startswith(
        "The link's sweep.x"
    )

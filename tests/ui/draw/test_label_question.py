"""The question which digit a drawing shows, and when its answer is on the screen."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    from types import SimpleNamespace
    from typing import Any

    import numpy as np
    import streamlit as st

    from ui.core import state
    from ui.draw import digit_collection, label_question

    image, said = np.full((28, 28), 99, np.uint8), st.session_state.setdefault("said", [])

    def text(name: str, **_: Any) -> str:
        said.append(name)
        return name

    if not said:  # as after a click on the label
        digit_collection.add(image, 3)
    elif said == ["run"]:  # as the whole page does
        state.drop(digit_collection.IS_CHANGED)
    said.append("run")
    lesson: Any = SimpleNamespace(text=text)
    label_question.ask_for_label(lesson, image, 7)


def test_the_browser_is_given_a_digit_before_the_page_says_that_it_has_it() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert app.session_state["said"] == ["run", "run", "digits_added"]

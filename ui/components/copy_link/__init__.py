"""A link in a text field with a button that copies it.

Browsers open the clipboard to pages on https and on this computer only. On plain http, as in most
classrooms, the button selects the whole link and says which keys copy it.
"""

from __future__ import annotations

from ui.components.component import register

_component = register(
    "copy_link",
    html=(
        '<div class="copy-link"><textarea readonly rows="1" aria-label="Link"></textarea>'
        '<button type="button">Copy</button><p role="status"></p></div>'
    ),
)


def draw(link: str, *, key: str, is_large: bool = False) -> None:
    """Draw the field and its button.

    Args:
        link: The whole address.
        key: The component's key, unique on a page.
        is_large: True for a link that a class reads from a projector.
    """
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    _component(key=key, data=[{"link": link, "large": is_large}])

"""Typed keys: what a session's state holds, each entry declared once with its type and default.

A room declares its own keys at the top of the module that uses them; keys that several rooms share
are declared here. `ui.core.state` reads and writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeAlias, TypeVar

T = TypeVar("T")
Life: TypeAlias = Literal["session", "tab"]


@dataclass(frozen=True)
class Key(Generic[T]):
    """An entry of the session's state, or a widget that keeps its value there.

    Args:
        name: A name with the page or room in front, such as `"draw.tool"`. A widget is drawn
            with `key=KEY.name`.
        default: What `state.get` returns before anything is stored. It must not be changed.
        lives: `"session"` ends with the connection; `"tab"` is found again after a reload.
    """

    name: str
    default: T
    lives: Life = "session"

    def of(self, *parts: object) -> Key[T]:
        """Return the key of one of a family: `Key("draw.row", ()).of(3)` is `"draw.row.3"`."""
        return Key(".".join((self.name, *map(str, parts))), self.default, self.lives)


@dataclass(frozen=True)
class PageKey(Generic[T]):
    """An entry that each page has for itself.

    Args:
        name: A name without the page's, such as `"speed"`.
        default: What `state.get` returns before anything is stored. It must not be changed.
        lives: As for a `Key`.
    """

    name: str
    default: T
    lives: Life = "session"

    def on(self, page: str) -> Key[T]:
        """Return the key on one page: `PageKey("speed", "").on("mnist")` is `"mnist.speed"`."""
        return Key(f"{page}.{self.name}", self.default, self.lives)


#: An image on its way to lesson 4's canvas: a dictionary of `image`, `label` and `from`.
SENT_IMAGE: Key[dict[str, Any] | None] = Key("draw.sent", None)

"""The environment variables that say where files lie."""

from pathlib import Path

import platformdirs
import pytest

from nncore import environment


def test_the_cache_is_where_the_environment_says(cache_dir: Path) -> None:
    assert environment.cache_dir() == cache_dir


@pytest.mark.parametrize("value", [None, ""])
def test_the_cache_is_else_the_users_own(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NNCORE_CACHE_DIR")
    if value is not None:
        monkeypatch.setenv("NNCORE_CACHE_DIR", value)
    assert environment.cache_dir() == platformdirs.user_cache_path("neural-network-lab", False)

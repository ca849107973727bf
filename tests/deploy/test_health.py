"""The image's health check asks the right address, with and without a sub-path."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "deploy" / "health.py"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("", "/_stcore/health"), ("lab", "/lab/_stcore/health"), ("/lab/", "/lab/_stcore/health")],
)
def test_the_address_has_the_port_and_the_sub_path(
    path: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "9000")
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", path)
    spec = importlib.util.spec_from_file_location("health", FILE)
    assert spec is not None
    assert spec.loader is not None
    health = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(health)
    assert health.address() == f"http://127.0.0.1:9000{expected}"

"""Exit with 0 if the lab in this container answers, also below a sub-path."""

import os
import sys
import urllib.request


def address() -> str:
    """Return the address that answers `ok` while the lab is well."""
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    path = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    return "/".join(filter(None, (f"http://127.0.0.1:{port}", path, "_stcore/health")))


if __name__ == "__main__":
    try:
        with urllib.request.urlopen(address(), timeout=4):
            sys.exit(0)
    except OSError as error:
        sys.exit(f"{address()}: {error}")

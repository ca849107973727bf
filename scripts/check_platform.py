"""Check whether the lab can run here: exit with 0, or print why not and exit with 1.

Any Python 3 may run this, before anything is installed. So it uses the standard library only, and
no syntax that an old Python 3 cannot read.
"""

import platform
import sys
import sysconfig

OLDEST, NEWEST = (3, 11), (3, 13)


def complaint(
    version: "tuple[int, ...]",
    system: str,
    machine: str,
    abi: str = "",
    has_venv: bool = True,
) -> "str | None":
    """Return why the lab cannot run, or None if it can.

    Args:
        version: Python's version: `(3, 12)`.
        system: `sys.platform`: `"linux"`, `"darwin"`, `"win32"`.
        machine: `platform.machine()`: `"x86_64"`, `"arm64"`.
        abi: Python's `SOABI`: implementation, version and C library, `"cpython-312-darwin"`.
        has_venv: True if this Python can make a virtual environment with pip in it.

    Returns:
        One sentence that ends with what was received, or None.
    """
    python = "Python %d.%d" % tuple(version[:2])
    if system not in ("linux", "darwin"):
        return "The lab runs on Linux, on macOS and, on Windows, inside WSL. Received: %s" % system
    if system == "darwin" and machine != "arm64":
        return (
            "On macOS the lab needs an Apple chip and a Python built for it, because TensorFlow "
            "no longer supports Intel there. Received: %s" % machine
        )
    if system == "linux" and (machine not in ("x86_64", "aarch64") or "musl" in abi):
        return (
            "On Linux the lab needs an x86_64 or aarch64 processor and glibc, because TensorFlow "
            "supports no others. Received: %s" % (abi or machine)
        )
    if not OLDEST <= tuple(version[:2]) <= NEWEST:
        return (
            "The lab needs Python 3.11, 3.12 or 3.13. If you have one under another name, say so: "
            "make run PYTHON=/path/to/python3.12. Received: %s" % python
        )
    if abi and not abi.startswith("cpython-%d%d-" % tuple(version[:2])):
        return "The lab needs the standard build of CPython. Received: %s (%s)" % (python, abi)
    if not has_venv:
        return (
            "The lab needs the module venv with pip; on Debian and Ubuntu install the package "
            "python3-venv. Received: %s without them" % python
        )
    return None


def can_make_venv() -> bool:
    """Return True if this Python has what `python -m venv` needs (Debian: python3-venv)."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(
        complaint(
            sys.version_info[:2],
            sys.platform,
            platform.machine(),
            sysconfig.get_config_var("SOABI") or "",
            can_make_venv(),
        )
    )

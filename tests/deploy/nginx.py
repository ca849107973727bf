"""An nginx of the tests' own: a site file of deploy/ with other addresses."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import certificates

SITES = Path(__file__).parents[2] / "deploy" / "nginx"
#: Seconds that nginx may take to listen, and to end.
_PATIENCE = 30.0
#: What surrounds a site file; Debian's own has other folders, which only root may write.
_MAIN = """
daemon off;
pid {folder}/pid;
error_log stderr warn;
{user}
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def find_nginx() -> str:
    """Return nginx's path; without it the test is skipped, and so fails where CI is set."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        pytest.skip("Needs nginx (Debian: apt-get install nginx-light).")
    return found


@contextmanager
def running(site: str, folder: Path, changes: Mapping[str, str]) -> Iterator[str]:
    """Run nginx with a site file of deploy/nginx/.

    Args:
        site: The file's name.
        folder: Where its files go; created.
        changes: What the file says, and what it is to say in this test.

    Yields:
        The address at which it listens, `https://127.0.0.1:PORT`.
    """
    program = find_nginx()
    folder.mkdir()
    port = free_port()
    pair = certificates.write(folder / "tls", "127.0.0.1")
    own = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/ssl/lab/fullchain.pem": str(pair.cert),
        "/etc/ssl/lab/privkey.pem": str(pair.key),
    }
    text = replace_all((SITES / site).read_text(encoding="utf-8"), {**own, **changes})
    (folder / "site.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=user), encoding="utf-8")
    with (folder / "log").open("w") as log:
        command = [program, "-c", str(folder / "nginx.conf"), "-p", str(folder)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for_port(port, process, folder / "log")
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def replace_all(text: str, changes: Mapping[str, str]) -> str:
    """Replace each of some texts, all of which must be there."""
    for old, new in changes.items():
        assert old in text, f"{old!r} is not in the file any more"
        text = text.replace(old, new)
    return text


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when something listens at a port of this machine.

    Raises:
        RuntimeError: If the process ends before, or nothing listens for too long.
    """
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"Nothing listens at {port}:\n{log.read_text()}")

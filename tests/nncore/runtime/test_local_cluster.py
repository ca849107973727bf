"""The lab's own cluster: private, encrypted, without HTTP, and gone without a trace."""

from __future__ import annotations

import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from nncore.runtime import cluster as cluster_module
from nncore.runtime.cluster import DaskCluster, is_lost, open_cluster
from nncore.runtime.local_cluster import HOST

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskCluster]:
    found = open_cluster()
    end = time.monotonic() + 60
    while not found.workers():
        assert time.monotonic() < end
        time.sleep(0.05)
    yield found
    found.close()


def folder_of(cluster: DaskCluster) -> Path:
    assert cluster._local is not None
    return cluster._local.folder


def processes() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_every_listening_port_asks_for_a_key(cluster: DaskCluster) -> None:
    listening = [
        connection.laddr
        for process in processes()
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) == 3  # scheduler, nanny, worker: none for HTTP
    assert {address.ip for address in listening} == {HOST}
    for address in listening:
        assert not opens(address.port)


def opens(port: int) -> bool:
    """Return True if a visitor without a key gets an answer."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    import socket

    with socket.create_connection((HOST, port), timeout=10) as plain:
        try:
            with context.wrap_socket(plain) as encrypted:
                encrypted.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return bool(encrypted.recv(1))
        except OSError:
            return False


def test_only_the_user_can_read_its_files(cluster: DaskCluster) -> None:
    folder = folder_of(cluster)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "keys" / "key.pem").stat().st_mode) == 0o600
    where = cluster.executor.submit(tempdir).result(30)
    assert Path(where).is_relative_to(folder)


def tempdir() -> str:
    import tempfile

    return tempfile.gettempdir()


def test_no_process_writes_into_a_pipe_that_nobody_reads(cluster: DaskCluster) -> None:
    written = cluster.executor.submit(chatter).result(60)
    assert written == 2**20
    assert cluster.workers()
    assert cluster._local is not None
    pipes = [(one.stdin, one.stdout, one.stderr) for one in cluster._local._processes]
    assert pipes == [(None, None, None)] * len(pipes)  # stderr goes where the server's goes


def chatter() -> int:
    """Writes more than a pipe holds."""
    import os

    null = os.open(os.devnull, os.O_WRONLY)
    os.close(null)
    return sys.stdout.write("x" * 2**20)


def test_a_scheduler_that_stops_answering_is_an_error_and_not_a_wait(
    cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "CALL_LIMIT", 0.5)
    assert cluster._local is not None
    scheduler = psutil.Process(cluster._local._processes[0].pid)
    scheduler.suspend()
    try:
        with pytest.raises(ConnectionError, match="does not answer"):
            cluster.workers()
    finally:
        scheduler.resume()


def test_a_server_that_ends_takes_processes_and_files_along(tmp_path: Path) -> None:
    program = (
        "from nncore.runtime.cluster import open_cluster\n"
        "import sys\n"
        "found = open_cluster()\n"
        "print(found._local.folder, flush=True)\n"
        "sys.stdin.read()\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    folder = Path(server.stdout.readline().decode().strip())
    family = psutil.Process(server.pid).children(recursive=True)
    assert folder.is_dir()
    server.communicate()
    _, alive = psutil.wait_procs(family, 20)
    assert not alive
    assert not folder.exists()


@pytest.mark.parametrize("which", [0, 1], ids=["scheduler", "nanny"])
def test_a_process_that_was_killed_closes_the_cluster_at_once(which: int) -> None:
    cluster = open_cluster()
    assert cluster._local is not None
    assert cluster.is_open()
    process = cluster._local._processes[which]
    process.kill()
    process.wait()
    assert not cluster.is_open()
    cluster.close()


def test_each_of_several_closers_finds_the_processes_gone() -> None:
    cluster = open_cluster()
    assert cluster._local is not None
    started = [process.pid for process in cluster._local._processes]
    threads = [threading.Thread(target=cluster._local.close) for _ in range(4)]
    for thread in threads:
        thread.start()
    cluster._local.close()
    assert not any(psutil.pid_exists(pid) for pid in started)
    for thread in threads:
        thread.join()
    cluster.close()


def test_a_connection_that_fails_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {process.pid for process in processes()}

    def refuse(*arguments: object) -> None:
        raise ConnectionError("The scheduler at tls://there does not answer.")

    monkeypatch.setattr(cluster_module, "_connect", refuse)
    with pytest.raises(ConnectionError, match="at tls://there"):
        open_cluster()
    assert {process.pid for process in processes()} <= before


def test_the_address_of_a_scheduler_that_does_not_answer_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_LIMIT", 0.5)
    with pytest.raises(ConnectionError, match=r"at tcp://127\.0\.0\.1:9 does not answer"):
        open_cluster("tcp://127.0.0.1:9")


def test_a_lost_connection_counts_as_a_lost_worker() -> None:
    assert is_lost(ConnectionError())
    assert not is_lost(ValueError())

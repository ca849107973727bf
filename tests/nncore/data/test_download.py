"""Downloads, from a server on this machine: whole and checked, or nothing and a sentence."""

import functools
import hashlib
import http.server
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nncore.data import download
from nncore.data.datasets import load
from nncore.data.download import Download, DownloadError
from tests import certificates
from tests.nncore.data.image_files import (
    DIGITS,
    FASHION,
    IDX_FILES,
    arrays,
    same,
    save,
    save_idx,
)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, without a line for each request."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a server that stands in for the place the data are fetched from."""
    folder = tmp_path / "served"
    folder.mkdir()

    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        monkeypatch.setenv("NNCORE_OFFLINE", "0")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(download, "_ORIGIN", f"http://127.0.0.1:{running.server_port}/")
        yield folder
        running.shutdown()
        thread.join()


def expect(monkeypatch: pytest.MonkeyPatch, stem: str, files: list[Path]) -> int:
    """Makes the lab expect these files; gives back how many bytes they have."""
    remotes = tuple(
        download._Remote(
            file.name,
            f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}",
            file.stat().st_size,
        )
        for file in files
    )
    monkeypatch.setitem(download._REMOTES, stem, remotes)
    return sum(remote.size for remote in remotes)


def test_what_is_fetched_are_the_files_that_keras_fetches() -> None:
    from keras.src.datasets import fashion_mnist, mnist

    constants = mnist.load_data.__code__.co_consts
    assert download._ORIGIN in constants
    assert download._REMOTES["mnist"][0].known_hash.removeprefix("sha256:") in constants
    assert download._ORIGIN in fashion_mnist.load_data.__code__.co_consts


def test_mnist_is_fetched_into_the_cache_with_progress(
    server: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = expect(monkeypatch, "mnist", [save(server / "mnist.npz", arrays(train=500))])
    seen: list[tuple[int, int]] = []
    path = download.download("digits", lambda done, total: seen.append((done, total)))
    assert path == cache / "mnist.npz"
    assert same(load(DIGITS), arrays(train=500))
    assert seen == sorted(seen)
    assert seen[-1] == (size, size)
    assert len(set(seen)) > 2
    assert sorted(os.listdir(cache)) == ["mnist.npz", "mnist_5000.npz"]


def test_fashion_is_fetched_as_four_files_and_kept_as_one(
    server: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [save_idx(server, arrays()) / f"{name}-ubyte.gz" for name in IDX_FILES]
    size = expect(monkeypatch, "fashion_mnist", files)
    seen: list[tuple[int, int]] = []
    assert (
        download.download("fashion", lambda *done: seen.append(done)) == cache / "fashion_mnist.npz"
    )
    assert same(load(FASHION), arrays())
    assert seen == sorted(seen)
    assert seen[-1] == (size, size)
    assert sorted(os.listdir(cache)) == ["fashion_mnist.npz", "mnist_5000.npz"]


def test_a_file_with_another_hash_is_refused_and_leaves_nothing(server: Path, cache: Path) -> None:
    save(server / "mnist.npz", arrays())
    with pytest.raises(DownloadError, match="the file that arrived is not the expected one"):
        download.download("digits")
    assert os.listdir(cache) == ["mnist_5000.npz"]


def test_a_failed_download_leaves_what_was_there(server: Path, cache: Path) -> None:
    kept = save(cache / "mnist.npz", arrays()).read_bytes()
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:\d+ answered 404"):
        download.download("digits")
    assert (cache / "mnist.npz").read_bytes() == kept


def test_without_a_network_a_download_says_so(
    cache: Path, server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_ORIGIN", "http://127.0.0.1:9/")  # nobody listens there
    with pytest.raises(DownloadError, match=r"MNIST could not be downloaded: 127\.0\.0\.1:9 could"):
        download.download("five")


@pytest.fixture
def authority(server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The certificate of an authority that only this network knows; it signs the server's."""
    files = certificates.write(tmp_path / "tls", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert, files.key)
    handler = functools.partial(QuietHandler, directory=str(server))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.socket = context.wrap_socket(running.socket, server_side=True)
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        monkeypatch.setattr(download, "_ORIGIN", f"https://127.0.0.1:{running.server_port}/")
        monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
        yield files.authority
        running.shutdown()
        thread.join()


def test_a_networks_own_certificate_is_named_and_can_be_trusted(
    server: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect(monkeypatch, "mnist", [save(server / "mnist.npz", arrays())])
    with pytest.raises(DownloadError, match=r"showed a certificate .* set REQUESTS_CA_BUNDLE to"):
        download.download("digits")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{authority}.not-there")
    with pytest.raises(DownloadError, match="REQUESTS_CA_BUNDLE names a file that is not there"):
        download.download("digits")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    download.download("digits")
    assert same(load(DIGITS), arrays())


def test_a_connection_that_breaks_off_is_said_and_leaves_nothing(
    server: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr(download, "_ORIGIN", f"http://127.0.0.1:{port}/")

        def answer_half() -> None:
            connection = listener.accept()[0]
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")

        thread = threading.Thread(target=answer_half)
        thread.start()
        with pytest.raises(DownloadError, match="could not be reached, or the connection broke"):
            download.download("digits")
        thread.join()
    assert os.listdir(cache) == ["mnist_5000.npz"]


def test_offline_a_download_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNCORE_OFFLINE", "1")
    with pytest.raises(DownloadError, match=r"Fashion-MNIST .* NNCORE_OFFLINE forbids it"):
        download.download("fashion")


def test_a_download_says_that_the_cache_cannot_be_written(
    tmp_path: Path, server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NNCORE_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(DownloadError, match=r"cache folder cannot be written \(.*\)\."):
        download.download("digits")


def test_there_is_nothing_to_download_for_rounding() -> None:
    with pytest.raises(ValueError, match="Received: name='rounding'"):
        download.download("rounding")


def test_what_a_crash_left_long_ago_is_swept(
    server: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect(monkeypatch, "mnist", [save(server / "mnist.npz", arrays())])
    for name, age in (("partial-old", 2 * 24 * 3600), ("partial-new", 0)):
        (cache / name).mkdir()
        changed = (cache / name).stat().st_mtime - age
        os.utime(cache / name, (changed, changed))
    download.download("digits")
    assert sorted(os.listdir(cache)) == ["mnist.npz", "mnist_5000.npz", "partial-new"]


def finish() -> None:
    """Waits for the downloads in the background."""
    for thread in threading.enumerate():
        if thread.name.startswith("download-"):
            thread.join(60)


def test_a_download_in_the_background_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    half, go_on = threading.Event(), threading.Event()

    def slow(name: str, progress: download.Report) -> None:
        progress(1, 2)
        half.set()
        go_on.wait(60)

    monkeypatch.setattr(download, "download", slow)
    running = Download("digits")
    assert running.state == ("idle", 0.0, "")
    assert running.start()
    assert half.wait(60)
    assert running.state == ("running", 0.5, "")
    assert not running.start(), "it is under way"
    go_on.set()
    finish()
    assert running.state == ("done", 1.0, "")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DownloadError("The network is down."), "The network is down."),
        (MemoryError(), "The download failed: MemoryError."),
        (PermissionError(13, "No", "/srv/lab/data"), "The download failed: PermissionError."),
    ],
)
def test_a_failed_download_in_the_background_says_why_and_can_be_started_again(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str, progress: download.Report) -> None:
        raise error

    monkeypatch.setattr(download, "download", fail)
    running = Download("digits")
    running.start()
    finish()
    assert running.state == ("failed", 0.0, sentence)
    assert running.attempts == 1
    monkeypatch.setattr(download, "download", lambda name, progress: None)
    assert running.start()
    finish()
    assert running.state.status == "done"

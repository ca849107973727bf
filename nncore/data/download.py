"""Download MNIST and Fashion-MNIST into the lab's cache: at once, or in the background."""

from __future__ import annotations

import logging
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from nncore.data.sources import IDX_FILES, STEMS, TITLES, parse_images, write_images
from nncore.environment import cache_dir, offline, partial_folder

LOG = logging.getLogger(__name__)
_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


class _Remote(NamedTuple):
    """A file to download: its name, its hash as pooch writes it, and its size in bytes."""

    file: str
    known_hash: str
    size: int


#: MNIST's SHA-256 is the one in `keras.datasets`, Fashion-MNIST's MD5s are those in its README.
_REMOTES = {
    "mnist": (
        _Remote(
            "mnist.npz",
            "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            11_490_434,
        ),
    ),
    "fashion_mnist": (
        _Remote(IDX_FILES[0], "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
        _Remote(IDX_FILES[1], "md5:25c81989df183df01b3e8a0aad5dffbe", 29_515),
        _Remote(IDX_FILES[2], "md5:bef4ecab320f06d8554ea6380940ec79", 4_422_102),
        _Remote(IDX_FILES[3], "md5:bb300cfdad3c16e7a12a480ee83cd310", 5_148),
    ),
}


class DownloadError(RuntimeError):
    """A download failed; the message says why in one sentence."""


#: Receives the bytes that have arrived, and the bytes there are in all.
Report = Callable[[int, int], None]


def download(name: str, progress: Report | None = None) -> Path:
    """Download MNIST or Fashion-MNIST into the lab's cache.

    The files are checked by their published hashes and put in place in one step, so an
    interrupted download leaves nothing behind, and two at the same time do no harm.

    Args:
        name: `"digits"`, `"five"` or `"fashion"`.
        progress: Called with the bytes that have arrived and the bytes there are in all.

    Returns:
        The path of the `.npz` file, where `load` finds it.

    Raises:
        ValueError: If the name is another.
        DownloadError: If the download fails or is forbidden.
    """
    if name not in STEMS:
        raise ValueError(f"name must be one of {', '.join(STEMS)}. Received: name={name!r}")
    stem = STEMS[name]
    title = TITLES[stem]
    if offline():
        raise DownloadError(f"{title} was not downloaded: NNCORE_OFFLINE forbids it.")
    target = cache_dir() / "data" / f"{stem}.npz"
    try:
        with partial_folder(target.parent) as folder:
            _fetch(_REMOTES[stem], folder, progress or (lambda done, total: None))
            if stem == "fashion_mnist":
                _pack(folder, folder / target.name)
            os.replace(folder / target.name, target)
    except (OSError, ValueError) as error:
        raise DownloadError(f"{title} could not be downloaded: {_reason(error)}.") from error
    return target


def _fetch(remotes: tuple[_Remote, ...], folder: Path, progress: Report) -> None:
    import pooch

    before, total = 0, sum(remote.size for remote in remotes)
    for remote in remotes:
        bar = _Bar(progress, before, remote.size, total)
        pooch.retrieve(
            _ORIGIN + remote.file,
            known_hash=remote.known_hash,
            fname=remote.file,
            path=folder,
            downloader=pooch.HTTPDownloader(progressbar=bar, chunk_size=2**16),
        )
        before += remote.size


def _pack(folder: Path, path: Path) -> None:
    """Write the four idx files in `folder` to one `.npz` file."""
    images = parse_images(folder)
    if isinstance(images, str):
        raise ValueError(images)
    write_images(path, images)


class _Bar:
    """A progress bar as pooch expects it, for one file among several."""

    def __init__(self, report: Report, before: int, size: int, total: int) -> None:
        self.total = 0  # set by pooch
        self._report = report
        self._before, self._size, self._all = before, size, total
        self._now = 0

    def update(self, count: int) -> None:
        self._now = min(self._now + count, self._size)  # pooch counts the last chunk as a full one
        self._report(self._before + self._now, self._all)

    def reset(self) -> None:
        self._now = 0

    def close(self) -> None:
        pass


def _reason(error: OSError | ValueError) -> str:
    """Return why a download failed, as the second half of a sentence."""
    host = _ORIGIN.split("/")[2]
    if fault := _certificate_fault(error):
        return f"{host} {fault}"
    response = getattr(error, "response", None)  # errors of requests, which pooch uses, have one
    if response is not None:
        return f"{host} answered {response.status_code}"
    if not isinstance(error, OSError):
        return "the file that arrived is not the expected one (its hash differs)"
    if error.errno is None or isinstance(error, ConnectionError):  # a disk's error has a number
        return f"{host} could not be reached, or the connection broke"
    return f"the lab's cache folder cannot be written ({error.strerror})"


def _certificate_fault(error: OSError | ValueError) -> str:
    """Return what is wrong with a certificate and how to fix it; empty if that is not the reason.

    Schools and companies often have a proxy that opens encrypted connections and signs them anew.
    """
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # requests reads both, in this order
        named = os.environ.get(name, "")
        if named and not Path(named).exists():
            return f"was not asked, because {name} names a file that is not there"
        if named:
            break
    if not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return ""
    return (
        "showed a certificate that this machine does not trust. If your network has a proxy with "
        "a certificate authority of its own, set REQUESTS_CA_BUNDLE to a file with that "
        "authority's certificate and start the lab again"
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and those in whose handling it was raised."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class DownloadState(NamedTuple):
    """The state of a download: its share from 0 to 1, and a sentence if it failed."""

    status: Literal["idle", "running", "done", "failed"] = "idle"
    share: float = 0.0
    sentence: str = ""


class Download:
    """A data set's download in the background; `state` says how far it is.

    Args:
        name: `"digits"`, `"five"` or `"fashion"`.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._state = DownloadState()
        #: How often it was started. A failure is shown to those who asked for that attempt.
        self.attempts = 0

    @property
    def state(self) -> DownloadState:
        """The state of the download."""
        return self._state

    def start(self) -> bool:
        """Start the download unless it is running; it can be started again after a failure.

        Returns:
            True if it was started.
        """
        with self._lock:
            if self._state.status == "running":
                return False
            self._state = DownloadState("running")
            self.attempts += 1
        threading.Thread(target=self._run, name=f"download-{self._name}", daemon=True).start()
        return True

    def _run(self) -> None:
        try:
            download(self._name, self._progress)
            self._state = DownloadState("done", 1.0)
        except DownloadError as error:
            self._state = DownloadState("failed", sentence=str(error))
        except Exception as error:  # or the page would wait for ever
            LOG.exception("A download failed: %s", self._name)
            # Not what the error says: that may name a path of the server.
            sentence = f"The download failed: {type(error).__name__}."
            self._state = DownloadState("failed", sentence=sentence)

    def _progress(self, done: int, total: int) -> None:
        self._state = DownloadState("running", done / total)

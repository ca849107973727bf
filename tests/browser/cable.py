"""A cable between a browser and a lab, which a test can pull out and plug in again.

Chromium's own "offline" (`Network.emulateNetworkConditions`) refuses new requests, but leaves a
WebSocket open and only holds its messages back: the server never notices. So a test cuts the
connection itself, and has the browser offline meanwhile.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Cable:
    """Forwards connections to a server as long as it is plugged in.

    Args:
        port: The port of the server, on this machine.
    """

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._is_plugged_in = True
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The address under which a browser reaches the server through the cable."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def pull_out(self) -> None:
        """Cut all connections, and let no new one through."""
        with self._lock:
            self._is_plugged_in = False
            ends, self._ends = self._ends, []
        for end in ends:
            hang_up(end)

    def plug_in(self) -> None:
        """Let connections through again."""
        with self._lock:
            self._is_plugged_in = True

    def close(self) -> None:
        """Cut all connections for good."""
        self.pull_out()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                end, _ = self._listener.accept()
                self._connect(end)

    def _connect(self, near: socket.socket) -> None:
        with self._lock:
            if not self._is_plugged_in:
                hang_up(near)
                return
            try:
                far = socket.create_connection(self._target)
            except OSError:  # the server is not there at present
                hang_up(near)
                return
            self._ends += [near, far]
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=forward, args=(source, sink), daemon=True).start()


def forward(source: socket.socket, sink: socket.socket) -> None:
    """Send on what comes in, until either end is closed."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    hang_up(source)
    hang_up(sink)


def hang_up(end: socket.socket) -> None:
    """Close an end, which wakes the thread that reads from it."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def cable_to(url: str) -> Iterator[Cable]:
    """Lay a cable to the lab at an address, and take it away at the end."""
    cable = Cable(int(url.rsplit(":", 1)[1]))
    try:
        yield cable
    finally:
        cable.close()

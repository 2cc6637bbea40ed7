"""A network that can be cut: a TCP relay before a server, with weather that a test changes.

clear: bytes pass. slow: each piece waits a little. still: nothing passes, nothing is closed (half-open). deaf: what
goes to the server passes, its answers do not. cut: every connection is reset in the middle of what it was doing, and
new ones too.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Generator
from typing import Literal

Weather = Literal["clear", "slow", "still", "deaf", "cut"]
_A_LITTLE_S = 0.1
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close sends RST


class Relay:
    """Passes connections on to *target*, `host:port`."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._weather: Weather = "clear"
        self._changed = threading.Condition()
        self._open: set[socket.socket] = set()
        self.met = 0  # pieces of data or connections that met weather other than clear
        threading.Thread(target=self._accept, daemon=True).start()

    def change(self, weather: Weather) -> None:
        """Let *weather* come; after deaf weather connections are reset, because answers are missing in them."""
        with self._changed:
            was, self._weather = self._weather, weather
            self._changed.notify_all()
        if weather == "cut" or was == "deaf":
            self._reset_all()

    def close(self) -> None:
        """Stop listening and reset what is open."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.change("cut")

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._meet()
            try:
                server = socket.create_connection(self._target, timeout=10)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            with self._changed:
                self._open |= {client, server}
            if self._weather == "cut":
                self._reset_all()
            for pair in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, is_request: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(16 * 1024):
                self._wait_for_passage(is_request)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def _wait_for_passage(self, is_request: bool) -> None:
        self._meet()
        with self._changed:
            if self._weather == "slow":
                self._changed.wait_for(lambda: self._weather != "slow", _A_LITTLE_S)
            self._changed.wait_for(lambda: self._weather != "still" and (is_request or self._weather != "deaf"))

    def _meet(self) -> None:
        if self._weather != "clear":
            self.met += 1

    def _reset_all(self) -> None:
        with self._changed:
            connections, self._open = self._open, set()
        for connection in connections:
            _reset(connection)


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        connection.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads it
    connection.close()


@contextlib.contextmanager
def relay_to(target: str) -> Generator[Relay]:
    """Run a relay to *target* while the block runs."""
    relay = Relay(target)
    try:
        yield relay
    finally:
        relay.close()

"""No sender can take all the room: each may have so much in hand as there is room left, times four.

A sender alone gets four fifths of the room, two get four ninths each, many get equal parts, and there is always room
for one who comes new: no setting is needed, and nobody is held back while there is room (dynamic thresholds,
Choudhury and Hahne, 1998). A sender is whoever the token names; without tokens, the address it sends from.
"""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from botlogs_collector.errors import Overloaded
from botlogs_collector.ports import Signal
from botlogs_collector.telemetry import Telemetry

_FACTOR = 4


class Shares:
    """Counts what each sender has in hand: requests being read or waiting to be stored, and their bytes."""

    def __init__(self, max_bytes: int, max_requests: int, telemetry: Telemetry) -> None:
        self._room = (max_bytes, max_requests)
        self._telemetry = telemetry
        self._bytes: Counter[str] = Counter()
        self._requests: Counter[str] = Counter()

    @contextmanager
    def taken(self, signal: Signal, sender: str, size: int) -> Generator[None]:
        """Count a request of *size* bytes for *sender* while the block runs; a sender's only one always has room.

        Raises:
            Overloaded: it has its share in hand already.
        """
        if self._requests[sender] and not self._has_room(sender, size):
            self._telemetry.refused(signal, "sender_share", 1)
            msg = "too much of this sender waits to be stored; send again later"
            raise Overloaded(msg, retry_after_s=1.0)
        self._bytes[sender] += size
        self._requests[sender] += 1
        try:
            yield
        finally:
            self._bytes[sender] -= size
            self._requests[sender] -= 1
            if not self._requests[sender]:
                del self._bytes[sender], self._requests[sender]

    def _has_room(self, sender: str, size: int) -> bool:
        return all(
            counter[sender] + wanted <= _FACTOR * max(0, room - counter.total() - wanted)
            for counter, wanted, room in zip((self._bytes, self._requests), (size, 1), self._room, strict=True)
        )


def sender_of(peer: str) -> str:
    """Return the address in gRPC's text for a peer, without its port: `ipv4:10.0.0.1:4711` is `10.0.0.1`."""
    kind, _, address = peer.partition(":")
    return address.rpartition(":")[0].strip("[]") if kind in {"ipv4", "ipv6"} else peer

"""The time at which moved rows become visible, taken so that nobody who follows that time can miss a row.

Between the taking of a stamp and the note of the move in the store only this process knows that rows with that
time are to come; afterwards the receipts say so (`releasing`, `restoring`).
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager

from botlogs_collector.clock import Clock


class VisibleStamps:
    """Stamps not yet noted; keeps `ports.InFlight` for them. Any thread may take one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[int, int] = {}
        self._next = 0

    @contextmanager
    def taken(self) -> Generator[int]:
        """Yield the stamp (Unix ns) of the moves that are noted within the block."""
        # A bound below the stamp stands before the clock is read for the stamp: whoever reads its clock, and then
        # finds nothing here, has read an earlier time than any stamp to come.
        with self._lock:
            number, self._next = self._next, self._next + 1
            self._open[number] = self._clock.now_ns()
        try:
            yield self._clock.now_ns()
        finally:
            with self._lock:
                del self._open[number]

    def oldest_in_flight_unix_nano(self) -> int | None:
        """See `ports.InFlight`."""
        with self._lock:
            return min(self._open.values(), default=None)

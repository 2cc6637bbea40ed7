"""Up to when everything that ever becomes visible is visible: no window of the forwarder goes beyond it."""

import threading
from collections.abc import Sequence

from botlogs_collector.clock import Clock
from botlogs_collector.ports import InFlight, Outbox

_FRESH_S = 0.5


class Watermark:
    """Asked by all streams, worked out at most twice a second."""

    def __init__(self, outbox: Outbox, in_flight: Sequence[InFlight], clock: Clock, lag_ns: int) -> None:
        """Take what is under way in this process; *lag_ns* is how long something may be in another collector."""
        self._outbox = outbox
        self._in_flight = in_flight
        self._clock = clock
        self._lag_ns = lag_ns
        self._lock = threading.Lock()
        self._known_ns = 0
        self._fresh_until_s = -1.0

    def unix_nano(self, *, is_last: bool = False) -> int:
        """Return the watermark; it never goes back. *is_last*: work it out now.

        Raises:
            Retryable: the store did not answer.
        """
        with self._lock:
            if is_last or self._clock.monotonic_s() >= self._fresh_until_s:
                self._known_ns = max(self._known_ns, self._work_out())
                self._fresh_until_s = self._clock.monotonic_s() + _FRESH_S
            return self._known_ns

    def _work_out(self) -> int:
        # The order matters: first the clock, then what is under way here, then what the store knows to be unfinished.
        # A stamp taken after the first look is later than the clock; one given up before the last look is in the store.
        now_ns = self._clock.now_ns() - self._lag_ns
        stamps = [part.oldest_in_flight_unix_nano() for part in self._in_flight]
        unfinished_ns = self._outbox.oldest_unfinished_unix_nano()
        return min(stamp for stamp in (now_ns, *stamps, unfinished_ns) if stamp is not None) - 1

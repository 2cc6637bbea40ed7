"""What time it surely is: nothing is due because somebody set the machine's clock forward.

A clock that is ahead of what has passed since the start is believed once it has been ahead for as long as it
jumped: by then everything it calls due has waited its time. A clock that was set back is believed at once;
both ways something is hidden for longer, never for less. Time in which the machine slept counts as a jump.
"""

import logging

from botlogs_collector.clock import Clock

_S = 1_000_000_000
_DRIFT_NS = _S  # what a clock is corrected by in passing
log = logging.getLogger("botlogs")


class SteadyTime:
    """Wall time that never runs ahead of the time that has passed."""

    def __init__(self, clock: Clock) -> None:
        """Believe the clock as it stands."""
        self._clock = clock
        self._wall_ns, self._passed_ns = clock.now_ns(), round(clock.monotonic_s() * _S)
        self._ahead_since_ns: int | None = None

    def now_ns(self) -> int:
        """Return Unix nanoseconds, at most what the start and the time since then allow."""
        wall_ns, passed_ns = self._clock.now_ns(), round(self._clock.monotonic_s() * _S)
        surely_ns = self._wall_ns + passed_ns - self._passed_ns
        ahead_ns = wall_ns - surely_ns
        if ahead_ns <= _DRIFT_NS:
            self._ahead_since_ns = None
            if ahead_ns > 0:
                self._wall_ns, self._passed_ns = wall_ns, passed_ns
            return wall_ns
        if self._ahead_since_ns is None:
            self._ahead_since_ns = passed_ns
            log.warning("the machine's clock jumped %d s ahead: releases wait until that has passed", ahead_ns // _S)
        if passed_ns - self._ahead_since_ns < ahead_ns:
            return surely_ns
        self._wall_ns, self._passed_ns, self._ahead_since_ns = wall_ns, passed_ns, None
        return wall_ns

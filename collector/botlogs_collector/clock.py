"""The only door through which time enters; tests move it by hand."""

import time
from typing import Protocol


class Clock(Protocol):
    """Wall time for what is stored, monotonic time for deadlines."""

    def now_ns(self) -> int:
        """Return Unix nanoseconds; may jump when the machine's clock is set."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never go backwards; the zero point means nothing."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now_ns(self) -> int:
        """Return Unix nanoseconds."""
        return time.time_ns()

    def monotonic_s(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now_ns: int = 1_700_000_000_000_000_000) -> None:
        self._now_ns = now_ns
        self._monotonic_s = 0.0

    def now_ns(self) -> int:
        """Return the time it was set to."""
        return self._now_ns

    def monotonic_s(self) -> float:
        """Return the sum of all forward moves, in seconds."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Move both clocks forward."""
        self._now_ns += round(seconds * 1_000_000_000)
        self._monotonic_s += seconds

    def set_wall(self, now_ns: int) -> None:
        """Set the wall clock as an administrator would: monotonic time does not notice."""
        self._now_ns = now_ns

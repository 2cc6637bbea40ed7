"""Time enters the plugin here alone, so that a test can move it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Unix time in nanoseconds."""

    def time_ns(self) -> int:
        """Return the time now, later than at the call before, so that a timestamp names one event."""
        ...


class SystemClock:
    """The machine's clock, made strictly increasing within a millisecond.

    A coarse clock would give two events of a conversation the same timestamp. If the
    machine's clock was really set back (by more than a millisecond), it is followed.
    """

    __slots__ = ("_last_ns",)

    def __init__(self) -> None:
        self._last_ns = 0

    def time_ns(self) -> int:
        """Return Unix nanoseconds."""
        now_ns = time.time_ns()
        last_ns = self._last_ns
        if now_ns <= last_ns < now_ns + 1_000_000:
            now_ns = last_ns + 1
        self._last_ns = now_ns
        return now_ns

"""The clock that timestamps events."""

from __future__ import annotations

import time

import pytest

from otel_botlogs.clock import SystemClock


def test_timestamps_increase_though_the_machines_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A coarse clock gives events times of their own, in their order."""
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    clock = SystemClock()

    assert [clock.time_ns() for _ in range(3)] == [1_000_000_000, 1_000_000_001, 1_000_000_002]


def test_clock_that_was_set_back_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour back is no coarseness: the machine's new time holds."""
    times = iter([7_200_000_000_000, 3_600_000_000_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(times))
    clock = SystemClock()

    assert [clock.time_ns(), clock.time_ns()] == [7_200_000_000_000, 3_600_000_000_000]

"""Runs the engine's rounds in one thread, at an interval, until it is told to stop."""

import contextlib
import threading
from collections.abc import Callable
from typing import Protocol

from botlogs_collector.clock import Clock
from botlogs_collector.errors import Retryable
from botlogs_collector.ports import Lease
from botlogs_collector.telemetry import Telemetry

# A round over a large hold costs a second or two of CPU: it rests four times as long, but a conversation is to be
# readable within ten seconds of becoming due, and one that just missed a round waits for its end, the rest and another.
_REST = 4
_READABLE_WITHIN_S = 9.0


class Rounds(Protocol):
    """What can be done again and again."""

    def run_round(self, goes_on: Callable[[], bool]) -> int:
        """Do what there is to do, ending early when *goes_on* says no."""
        ...


class ReleaseRunner:
    """One thread that calls `run_round`; a failed round is counted and repeated."""

    def __init__(self, engine: Rounds, lease: Lease, clock: Clock, telemetry: Telemetry, interval_s: float) -> None:
        """Run *engine*, which holds *lease*."""
        self._engine = engine
        self._lease = lease
        self._clock = clock
        self._telemetry = telemetry
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="release")

    def start(self) -> None:
        """Begin with a round at once: it finishes what a crash left."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch under way; a second call is harmless."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
            with contextlib.suppress(Retryable):  # it runs out by itself
                self._lease.give_up()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                started_s = self._clock.monotonic_s()
                self._engine.run_round(lambda: not self._stopping.is_set())
                took_s = self._clock.monotonic_s() - started_s
            except Exception as error:  # noqa: BLE001  # whatever it was, the next round must come
                self._telemetry.engine_failed(error)
                took_s = 0.0
            self._stopping.wait(max(self._interval_s, min(_REST * took_s, _READABLE_WITHIN_S - 2 * took_s)))

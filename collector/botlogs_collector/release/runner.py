"""Runs the engine's rounds in one thread, at an interval, until it is told to stop."""

import contextlib
import threading

from botlogs_collector.errors import Retryable
from botlogs_collector.ports import Lease
from botlogs_collector.release.engine import ReleaseEngine
from botlogs_collector.telemetry import Telemetry


class ReleaseRunner:
    """One thread that calls `run_round`; a failed round is counted and repeated."""

    def __init__(self, engine: ReleaseEngine, lease: Lease, telemetry: Telemetry, interval_s: float) -> None:
        self._engine = engine
        self._lease = lease
        self._telemetry = telemetry
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="release")

    def start(self) -> None:
        """Begin with a round at once: it finishes what a crash left."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round under way; a second call is harmless."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
            with contextlib.suppress(Retryable):  # it runs out by itself
                self._lease.give_up()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._engine.run_round()
            except Exception as error:  # noqa: BLE001  # whatever it was, the next round must come
                self._telemetry.engine_failed(error)
            self._stopping.wait(self._interval_s)

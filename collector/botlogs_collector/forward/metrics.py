"""What forwarding says about itself; labels are the endpoints' names in the configuration and closed sets."""

import logging
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge

from botlogs_collector.forward.answer import Answer, Outcome
from botlogs_collector.ports import Signal

log = logging.getLogger("botlogs")

# What the last request met; one that is refused says nothing about the next.
_STATES: tuple[Outcome, ...] = ("accepted", "unreachable", "throttled", "slow", "failing", "denied")


class ForwardMetrics:
    """Of one endpoint and signal; a change for the worse or back is logged once."""

    def __init__(self, series: "ForwardSeries", endpoint: str, signal: Signal) -> None:
        self._series = series
        self._endpoint = endpoint
        self._signal = signal
        self._state: Outcome = "accepted"
        self._tell_state("accepted")

    def answered(self, answer: Answer) -> None:
        """Note what became of a request."""
        if answer.outcome != "accepted":
            self._series.failures.labels(self._endpoint, self._signal, answer.outcome).inc()
        if answer.outcome in _STATES and answer.outcome != self._state:
            self._tell_state(answer.outcome)
            if answer.outcome == "accepted":
                log.warning("forwarding %s to %s works again", self._signal, self._endpoint)
            else:
                log.warning(
                    "forwarding %s to %s is %s, kept and tried again: %s",
                    self._signal, self._endpoint, answer.outcome, answer.message,
                )  # fmt: skip

    def _tell_state(self, state: Outcome) -> None:
        self._state = state
        for known in _STATES:
            self._series.state.labels(self._endpoint, self._signal, known).set(known == state)

    def forwarded(self, items: int) -> None:
        """Count spans or records that were taken."""
        self._series.forwarded.labels(self._endpoint, self._signal).inc(items)

    def skipped(self, reason: str, items: int, which: str, message: str) -> None:
        """Count and log items that this endpoint will never get: `rejected`, `refused`, `too_large`, `failing`."""
        self._series.skipped.labels(self._endpoint, self._signal, reason).inc(items)
        log.warning("skipped %d of %s for %s (%s): %s: %s", items, self._signal, self._endpoint, which, reason, message)

    def expired(self, seconds: float) -> None:
        """Count and log the time whose data the retention took before this endpoint got it."""
        self._series.expired.labels(self._endpoint, self._signal).inc(seconds)
        log.error(
            "%s never got the %s of %.0f s: the store's retention was faster; it goes on with the oldest there is",
            self._endpoint, self._signal, seconds,
        )  # fmt: skip

    def lag_is(self, seconds: Callable[[], float]) -> None:
        """Let *seconds* say, whenever asked, how long ago the oldest thing became visible that may be missing there."""
        self._series.lag.labels(self._endpoint, self._signal).set_function(seconds)

    def store_failed(self, error: BaseException) -> None:
        """Count and log a round that the store spoiled; it is repeated."""
        self._series.failures.labels(self._endpoint, self._signal, "store").inc()
        log.error("a round of forwarding %s to %s failed, and is repeated: %s", self._signal, self._endpoint, error)


class ForwardSeries:
    """The metrics of all endpoints."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("endpoint", "signal")
        self.forwarded = Counter(
            "botlogs_forwarded_items", "Spans or log records that an endpoint took", labels, registry=registry
        )
        self.failures = Counter(
            "botlogs_forward_failures", "Requests not taken, by reason", (*labels, "reason"), registry=registry
        )
        self.skipped = Counter(
            "botlogs_forward_skipped_items", "Items an endpoint will never get", (*labels, "reason"), registry=registry
        )
        self.expired = Counter(
            "botlogs_forward_expired_seconds", "Time whose data retention took first", labels, registry=registry
        )
        self.lag = Gauge(
            "botlogs_forward_lag_seconds", "Age of the oldest thing not yet forwarded", labels, registry=registry
        )
        self.state = Gauge(
            "botlogs_forward_state", "1 at what became of the last request", (*labels, "state"), registry=registry
        )

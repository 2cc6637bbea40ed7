"""What the service says about itself: Prometheus metrics, each documented where it is made."""

import logging

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

log = logging.getLogger("botlogs")

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Telemetry:
    """All metrics of one service. Labels are closed sets: never an id, never content."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._accepted = self._counter("accepted_items", "Spans or log records made durable", "signal")
        self._accepted_bytes = self._counter("accepted_bytes", "Bytes of requests made durable", "signal")
        self._refused = self._counter("refused_items", "Spans or log records refused, by reason", "signal", "reason")
        self._failures = self._counter("commit_failures", "Commits that failed, reported as retryable", "signal")
        self._commit = Histogram(
            "botlogs_commit_seconds", "Duration of a commit", ("signal",), registry=self.registry, buckets=_SECONDS
        )
        self._decisions = self._counter("decisions", "Conversations decided", "outcome", "decided_by")
        self._late = self._counter("late_rows", "Rows that came after their episode's watermark and followed it")
        self._released = self._counter("released_conversations", "Episodes made readable, restored ones included")
        self._restored = self._counter("restored_conversations", "Dropped episodes that were asked back")
        self._engine_failures = self._counter("release_failures", "Rounds of the release engine that failed")
        self._move_failures = self._counter("move_failures", "Batches whose rows could not be made readable, each try")
        self._set_aside = self._counter("set_aside_conversations", "Conversations that could not be decided, each try")
        self._reloads = self._counter("config_reloads", "Configurations changed while running", "outcome")
        self._turned_away = self._counter("turned_away_calls", "Calls refused at a door, by reason", "reason")
        self._read_log = self._counter("audited_reads", "Readings of production, by what became of them", "outcome")
        self._read_log_failures = self._counter("audit_failures", "Times that the audit of readings was not written")
        self._held = Gauge("botlogs_held_conversations", "Conversations held or going on", registry=self.registry)
        self._held_bytes = Gauge("botlogs_held_bytes", "Bytes received of those conversations", registry=self.registry)
        self.due_lag = Gauge(
            "botlogs_release_lag_seconds",
            "Age of the oldest conversation that is due but unreleased",
            registry=self.registry,
        )
        self.unfinished = Gauge(
            "botlogs_unfinished_batches",
            "Batches decided and not readable: making them so failed and is tried again",
            registry=self.registry,
        )
        self.aside = Gauge(
            "botlogs_conversations_aside",
            "Conversations that are due and could not be decided: they are hidden and tried again",
            registry=self.registry,
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"botlogs_{name}", text, labels, registry=self.registry)

    def built(self, version: str, store_schema: int) -> None:
        """Tell which version this is, and of the store's schema."""
        info = Gauge("botlogs_build_info", "Always 1", ("version", "store_schema"), registry=self.registry)
        info.labels(version, str(store_schema)).set(1)

    def accepted(self, signal: str, items: int, size: int) -> None:
        """Count *items* spans or records of one durable request of *size* bytes."""
        self._accepted.labels(signal).inc(items)
        self._accepted_bytes.labels(signal).inc(size)

    def refused(self, signal: str, reason: str, items: int) -> None:
        """Count *items* that were not taken; *reason* is one of a closed set."""
        self._refused.labels(signal, reason).inc(items)

    def committed(self, signal: str, seconds: float) -> None:
        """Record how long a commit took, failed ones included."""
        self._commit.labels(signal).observe(seconds)

    def commit_failed(self, signal: str, error: BaseException) -> None:
        """Count and log a commit that failed."""
        self._failures.labels(signal).inc()
        log.error("a commit of %s failed and its senders were told to retry: %s", signal, error)

    def decided(self, outcome: str, decided_by: str) -> None:
        """Count one decision; a grant's id is no label."""
        self._decisions.labels(outcome, "grant" if decided_by.startswith("grant:") else decided_by).inc()

    def late(self, rows: int) -> None:
        """Count rows that followed an earlier decision."""
        self._late.inc(rows)

    def holds(self, conversations: int, size: int) -> None:
        """Say how much is held now."""
        self._held.set(conversations)
        self._held_bytes.set(size)

    def released(self, episodes: int) -> None:
        """Count episodes made readable."""
        self._released.inc(episodes)

    def restored(self, episodes: int) -> None:
        """Count dropped episodes that somebody brings back."""
        self._restored.inc(episodes)

    def engine_failed(self, error: BaseException) -> None:
        """Count and log a round of the release engine that failed; it is repeated."""
        self._engine_failures.inc()
        log.error("a round of the release engine failed and will be repeated: %s", error)

    def move_failed(self, batch_id: str, episodes: int, error: BaseException, wait_s: float) -> None:
        """Count and log that a batch's rows stay hidden for now."""
        self._move_failures.inc()
        log.error(
            "batch %s could not be made readable and will be tried again in %d s: its %d conversations stay hidden: %s",
            batch_id, wait_s, episodes, error,
        )  # fmt: skip

    def set_aside(self, key: str, error: BaseException, wait_s: float) -> None:
        """Count and log that a conversation could not be decided for now."""
        self._set_aside.inc()
        log.error("conversation %s cannot be decided and stays hidden; next try in %d s: %s", key, wait_s, error)

    def reloaded(self, outcome: str) -> None:
        """Count a changed configuration: `taken` or `refused`."""
        self._reloads.labels(outcome).inc()

    def turned_away(self, reason: str) -> None:
        """Count a call without a good token (`unauthenticated`), or with one that may not (`forbidden`)."""
        self._turned_away.labels(reason).inc()

    def read_logged(self, outcome: str, readings: int) -> None:
        """Count readings of production: `written` to the audit, or `refused` because it was full."""
        self._read_log.labels(outcome).inc(readings)

    def read_log_failed(self, error: BaseException) -> None:
        """Count and log that the audit of readings could not be written; it is tried again."""
        self._read_log_failures.inc()
        log.error("who has read what could not be written and will be tried again: %s", error)

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)

"""A forwarder on the shared store that sees one stretch of time alone, so that tests do not meet each other's data."""

import itertools
import uuid
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client import CollectorRegistry

from botlogs_collector.clock import Clock, SystemClock
from botlogs_collector.config.exporters import OtlpExporter
from botlogs_collector.forward.forwarder import Forwarder
from botlogs_collector.forward.pause import Pauses
from botlogs_collector.model.forwarding import Cursor
from botlogs_collector.ports import Lease
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import OtlpTables
from botlogs_collector.store.lease import SoleProcess
from botlogs_collector.store.outbox import Outbox
from tests.support.hold import add_spans

_YEAR_NS = 366 * 86_400 * 10**9
_FOREVER_NS = 200 * _YEAR_NS
_STRETCH_NS = 10**12
# Before the days of any test that releases.
_stretches = itertools.count(920_000_000_000_000_000, _STRETCH_NS)


def quick_pauses() -> Pauses:
    """Return pauses that no test waits for."""
    return Pauses(first_s=0.01, longest_s=0.05)


@dataclass
class Stretch:
    """Some time of its own in the shared store: what becomes visible in it, and who forwards it."""

    database: Database
    start_ns: int = field(default_factory=lambda: next(_stretches))
    end_ns: int = 0
    clock: Clock = field(default_factory=SystemClock)
    retention_ns: int = _FOREVER_NS
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.end_ns = self.end_ns or self.start_ns + _STRETCH_NS
        self.outbox = Outbox(self.database, self.clock, _YEAR_NS)
        self.next_ns = self.start_ns + 1

    def oldest_in_flight_unix_nano(self) -> int | None:
        """Be a commit under way at the end of the stretch: nothing later is forwarded."""
        return self.end_ns

    def spans(self, count: int, **options: str) -> list[str]:
        """Let *count* spans of a live environment arrive, each in a trace of its own; return their ids."""
        request = ExportTraceServiceRequest()
        stamp, self.next_ns = self.next_ns, self.next_ns + 1
        options = {"environment": "sandbox"} | options
        ids = [
            span_id
            for _ in range(count)
            for span_id in add_spans(request, f"conv-{uuid.uuid4().hex}", stamp, 1, **options)  # pyright: ignore[reportArgumentType]
        ]
        OtlpTables(self.database).insert("traces", [request.SerializeToString()], stamp)
        return ids

    @contextmanager
    def forwarding(
        self,
        *exporters: OtlpExporter,
        lease: Callable[[str], Lease] | None = None,
        drain_s: float = 20,
        from_start: bool = True,
    ) -> Generator[Forwarder]:
        """Forward while the block runs, beginning with the stretch, or where the cursors are."""
        for exporter in exporters if from_start else ():
            start = Cursor(from_unix_nano=self.start_ns, upto_unix_nano=self.start_ns)
            for signal in ("traces", "logs"):
                self.outbox.save(exporter.name, signal, start)
        forwarder = Forwarder(
            exporters, outbox=self.outbox, lease=lease or (lambda _name: SoleProcess()), in_flight=[self],
            clock=self.clock, registry=self.registry, retention_ns=self.retention_ns, lag_ns=0, pauses=quick_pauses,
        )  # fmt: skip
        forwarder.start()
        try:
            yield forwarder
        finally:
            forwarder.stop(drain_s)

    def metric(self, name: str, endpoint: str, signal: str = "traces", **labels: str) -> float:
        """Return the value of a metric of an endpoint, 0 if it has none."""
        found = self.registry.get_sample_value(f"botlogs_{name}", {"endpoint": endpoint, "signal": signal, **labels})
        return found or 0.0


def exporter(endpoint: str, **options: object) -> OtlpExporter:
    """Return an exporter of traces with a name no other test uses."""
    given: dict[str, object] = {"name": f"e-{uuid.uuid4().hex[:8]}", "signals": ("traces",), **options}
    return OtlpExporter(endpoint=endpoint, **given)  # pyright: ignore[reportArgumentType]


def exporters(endpoints: Sequence[str], **options: object) -> list[OtlpExporter]:
    """Return one exporter for each of *endpoints*."""
    return [exporter(endpoint, **options) for endpoint in endpoints]

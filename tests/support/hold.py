"""A hold on the real engine, a clock moved by hand, and bots that talk: what release tests play with."""

import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from botlogs_collector.clock import ManualClock
from botlogs_collector.config.duration import parse_duration
from botlogs_collector.model.receipt import Receipt
from botlogs_collector.release.engine import ReleaseEngine
from botlogs_collector.release.history import History
from botlogs_collector.release.what_if import WhatIf
from botlogs_collector.release_ports import HeldStore
from botlogs_collector.sample.policies import PolicySet
from botlogs_collector.store import receipt_rows
from botlogs_collector.store.client import Database
from botlogs_collector.store.held import Hold
from botlogs_collector.store.history import HistoryTables
from botlogs_collector.store.ingest import OtlpTables
from botlogs_collector.store.lease import SoleProcess
from botlogs_collector.telemetry import Telemetry

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
_HOLD_NS = parse_duration("72h")
# Every test lives in days of its own, so that no round sees the conversations of another.
_eras = itertools.count(1_000_000_000 * SECOND, 10 * 24 * HOUR)


class NothingInFlight:
    """No commit is under way while a test looks."""

    def oldest_in_flight_unix_nano(self) -> int | None:
        return None


def new_id(prefix: str = "conv") -> str:
    """Return an id that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


@dataclass
class World:
    """One store, one engine, one clock."""

    database: Database
    policies: PolicySet = field(default_factory=PolicySet)
    clock: ManualClock = field(default_factory=lambda: ManualClock(next(_eras)))
    telemetry: Telemetry = field(default_factory=Telemetry)
    batch: int = 1000

    def __post_init__(self) -> None:
        self.hold = Hold(self.database, self.clock, _HOLD_NS)
        self.history = History(HistoryTables(self.database, self.hold), self.clock, _HOLD_NS, self.telemetry)
        self.what_if = WhatIf(self.hold, self.clock, _HOLD_NS)
        self._tables = OtlpTables(self.database)

    def engine(self, store: HeldStore | None = None) -> ReleaseEngine:
        """Return a new engine, as after a restart; *store* may stand before the real hold."""
        return ReleaseEngine(
            store or self.hold, in_flight=NothingInFlight(), lease=SoleProcess(), policies=lambda: self.policies,
            clock=self.clock, telemetry=self.telemetry,
            batch=self.batch, lag_ns=0,
        )  # fmt: skip

    def run(self) -> int:
        """Run one round."""
        return self.engine().run_round()

    def after(self, seconds: float) -> int:
        """Move the clock forward and run one round."""
        self.clock.advance(seconds)
        return self.run()

    def spans(self, conversation: str, count: int = 1, *, trace: str | None = None, **options: object) -> list[str]:
        """Let *count* spans of *conversation* arrive now; return their ids."""
        request = ExportTraceServiceRequest()
        ids = add_spans(request, conversation, self.clock.now_ns(), count, trace=trace, **options)  # pyright: ignore[reportArgumentType]
        self._tables.insert("traces", [request.SerializeToString()], self.clock.now_ns())
        return ids

    def insert(self, signal: str, requests: Sequence[bytes]) -> None:
        """Let serialized *requests* arrive now."""
        self._tables.insert(signal, requests, self.clock.now_ns())  # pyright: ignore[reportArgumentType]

    def event(
        self, conversation: str, name: str = "bot.log", body: str = "", *, trace: str | None = None, severity: int = 9,
        environment: str = "production", **attributes: str,
    ) -> None:  # fmt: skip
        """Let one log event of *conversation* arrive now."""
        request = ExportLogsServiceRequest()
        add_event(
            request, conversation, self.clock.now_ns(), name, body, trace=trace, severity=severity,
            environment=environment, **attributes,
        )  # fmt: skip
        self.insert("logs", [request.SerializeToString()])

    def end(self, conversation: str) -> None:
        """Let the bot say that the conversation is over."""
        self.event(conversation, "bot.conversation.end")

    def visible_spans(self, conversation: str) -> int:
        """Return how many span identities a reader sees; fails if a row says it was visible before it was."""
        rows = self.database.rows(
            "SELECT uniqExact(SpanId) AS n FROM botlogs.otel_traces WHERE ConversationId = {c:String}", c=conversation
        )
        return int(rows[0]["n"])

    def stored_spans(self, conversation: str) -> int:
        """Return how many rows there are, those that collapse included."""
        rows = self.database.rows(
            "SELECT count() AS n FROM botlogs.otel_traces WHERE ConversationId = {c:String}", c=conversation
        )
        return int(rows[0]["n"])

    def receipts(self, conversation: str) -> list[Receipt]:
        """Return the receipts of all its episodes."""
        return receipt_rows.of_conversation(self.database, conversation)

    def receipt(self, conversation: str) -> Receipt:
        """Return the one receipt it must have."""
        (receipt,) = self.receipts(conversation)
        return receipt

    def state(self, conversation: str) -> str:
        """Return the state that readers are told."""
        rows = self.database.rows(
            "SELECT State FROM botlogs.conversation_state(now_ns = {now:Int64}, since = '1970-01-01', include_live = 1)"
            " WHERE ConversationId = {c:String}",
            now=self.clock.now_ns(),
            c=conversation,
        )
        return str(rows[0]["State"]) if rows else "unknown"


def add_spans(
    request: ExportTraceServiceRequest, conversation: str, now_ns: int, count: int, *, trace: str | None = None,
    error: bool = False, environment: str = "production", bot: str = "support", start_ns: int | None = None,
    **attributes: str,
) -> list[str]:  # fmt: skip
    """Add *count* spans of *conversation* to *request*; return their ids in hex."""
    resource_spans = request.resource_spans.add()
    resource_spans.resource.attributes.append(_text("deployment.environment.name", environment))
    scope_spans = resource_spans.scope_spans.add()
    ids: list[str] = []
    for _ in range(count):
        span_id = uuid.uuid4().bytes[:8]
        start = now_ns if start_ns is None else start_ns
        span = scope_spans.spans.add(
            trace_id=trace_of(trace or conversation), span_id=span_id, parent_span_id=b"12345678", name="node",
            start_time_unix_nano=start, end_time_unix_nano=start + 1000,
        )  # fmt: skip
        span.attributes.append(_text("gen_ai.conversation.id", conversation))
        span.attributes.append(_text("bot.id", bot))
        span.attributes.extend(_text(key.replace("__", "."), value) for key, value in attributes.items())
        if error:
            span.status.code = 2  # pyright: ignore[reportAttributeAccessIssue]
        ids.append(span_id.hex())
    return ids


def add_event(
    request: ExportLogsServiceRequest, conversation: str, now_ns: int, name: str = "bot.log", body: str = "", *,
    trace: str | None = None, severity: int = 9, environment: str = "production", **attributes: str,
) -> None:  # fmt: skip
    """Add one log event of *conversation* to *request*."""
    resource_logs = request.resource_logs.add()
    resource_logs.resource.attributes.append(_text("deployment.environment.name", environment))
    record = resource_logs.scope_logs.add().log_records.add(
        trace_id=trace_of(trace or conversation), time_unix_nano=now_ns, event_name=name,
        severity_number=severity,  # pyright: ignore[reportArgumentType]  # an int is what an enum is
    )  # fmt: skip
    record.body.string_value = body
    record.attributes.append(_text("gen_ai.conversation.id", conversation))
    record.attributes.extend(_text(key.replace("__", "."), value) for key, value in attributes.items())


def trace_of(name: str) -> bytes:
    """Return a trace id that belongs to *name* alone."""
    return uuid.uuid5(uuid.NAMESPACE_OID, name).bytes


def _text(key: str, value: str) -> KeyValue:
    pair = KeyValue(key=key)
    pair.value.string_value = value
    return pair

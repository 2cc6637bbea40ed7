"""A made-up conversation told step by step, and written as OTLP requests as a bot's plugin would."""

import hashlib
import json
from dataclasses import dataclass, field

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

Value = str | int | float | bool

MS = 1_000_000
SECOND = 1_000_000_000
_SEVERITY = {"DEBUG": 5, "INFO": 9, "WARN": 13, "ERROR": 17}


@dataclass(slots=True, kw_only=True)
class Node:
    """A node action under way."""

    span_id: bytes
    started: int
    attributes: dict[str, Value]


@dataclass(slots=True, kw_only=True)
class Story:
    """Tells what happens; `now` moves on with `wait`. Every step takes a little time of its own."""

    conversation: str
    now: int
    environment: str | None = "sandbox"
    bot: str = "support"
    channel: str = "web"
    user: str = "u-7f3a"
    flow: str = "order_status"
    version: str = "3fa4c1d29b"
    turn: int = 0
    node: Node | None = None
    logs: list[LogRecord] = field(default_factory=list[LogRecord])
    spans: list[Span] = field(default_factory=list[Span])
    variables: dict[str, Value] = field(default_factory=dict[str, Value])
    times: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def trace_id(self) -> bytes:
        """Return the trace: one for the conversation in its environment."""
        return hashlib.sha256(f"{self.environment}/{self.conversation}".encode()).digest()[:16]

    def wait(self, ns: int) -> None:
        """Let time pass."""
        self.now += ns

    def event(self, name: str, body: str = "", level: str = "INFO", attributes: dict[str, Value] | None = None) -> int:
        """Write a log event; return its time."""
        everywhere = {**self._place(), **(self.node.attributes if self.node else {})}
        record = LogRecord(
            time_unix_nano=self.now,
            severity_number=_SEVERITY[level],  # pyright: ignore[reportArgumentType]
            severity_text=level,
            event_name=name,
            attributes=_pairs({**everywhere, **(attributes or {})}),
            trace_id=self.trace_id,
            span_id=self.node.span_id if self.node else b"\1" * 8,
        )
        if body:
            record.body.string_value = body
        self.logs.append(record)
        self.times[name] = self.now
        self.now += 3 * MS + 1_234
        return record.time_unix_nano

    def user_says(self, text: str) -> None:
        """Begin a turn with what the user said."""
        self.turn += 1
        self.event("bot.message.user", text)

    def bot_says(self, text: str) -> None:
        """Answer."""
        self.event("bot.message.bot", text)

    def enter(self, node_id: str, kind: str, name: str = "") -> None:
        """Begin a node action."""
        span_id = hashlib.sha256(f"{self.conversation}/{len(self.spans)}/{self.now}".encode()).digest()[:8]
        attributes: dict[str, Value] = {
            "bot.flow.id": self.flow,
            "bot.flow.version": self.version,
            "bot.node.id": node_id,
            "bot.node.name": name or node_id,
            "bot.node.type": kind,
        }
        self.node = Node(span_id=span_id, started=self.now, attributes=attributes)
        self.event("bot.node.enter")

    def leave(self, outcome: str = "completed", to: str = "", because: str = "") -> None:
        """Finish the node action."""
        assert self.node is not None
        facts: dict[str, Value] = {"bot.node.outcome": outcome}
        if to:
            facts["bot.transition.to"] = to
        if because:
            facts["bot.transition.reason"] = because
        self.event("bot.node.exit", attributes=facts)
        status = Status(code=Status.STATUS_CODE_ERROR if outcome == "error" else Status.STATUS_CODE_UNSET)
        self.spans.append(
            Span(
                trace_id=self.trace_id,
                span_id=self.node.span_id,
                parent_span_id=b"\1" * 8,
                name=str(self.node.attributes["bot.node.name"]),
                start_time_unix_nano=self.node.started,
                end_time_unix_nano=self.now,
                attributes=_pairs({**self._place(), **self.node.attributes, **facts}),
                status=status,
            )
        )
        self.node = None

    def sets(self, name: str, value: Value) -> None:
        """Set a variable."""
        attributes: dict[str, Value] = {"bot.variable.name": name, "bot.variable.new": value}
        if name in self.variables:
            attributes["bot.variable.old"] = self.variables[name]
        self.variables[name] = value
        self.event("bot.variable.set", attributes=attributes)

    def declares(self, definition: dict[str, object]) -> None:
        """Publish the flow's definition."""
        text = json.dumps(definition)
        facts: dict[str, Value] = {
            "bot.flow.id": self.flow, "bot.flow.version": self.version, "bot.flow.definition": text,
        }  # fmt: skip
        self.event("bot.flow.definition", text, "DEBUG", facts)

    def requests(self) -> tuple[bytes, bytes]:
        """Return what was told so far as one request of traces and one of logs."""
        resource = Resource(attributes=_pairs({"service.name": "shop-bot"}))
        if self.environment is not None:
            resource.attributes.extend(_pairs({"deployment.environment.name": self.environment}))
        scope = InstrumentationScope(name="otel_botlogs", version="0.1.0")
        traces = ExportTraceServiceRequest()
        spans = traces.resource_spans.add(resource=resource).scope_spans.add(scope=scope)
        spans.spans.extend(self.spans)
        logs = ExportLogsServiceRequest()
        logs.resource_logs.add(resource=resource).scope_logs.add(scope=scope).log_records.extend(self.logs)
        return traces.SerializeToString(), logs.SerializeToString()

    def forget_told(self) -> None:
        """Keep only what is told from now on for the next requests."""
        self.logs.clear()
        self.spans.clear()

    def _place(self) -> dict[str, Value]:
        place: dict[str, Value] = {
            "gen_ai.conversation.id": self.conversation,
            "session.id": self.conversation,
            "bot.id": self.bot,
            "bot.channel": self.channel,
            "user.id": self.user,
        }
        if self.turn:
            place["bot.turn.index"] = self.turn
        return place


def _pairs(values: dict[str, Value]) -> list[KeyValue]:
    return [KeyValue(key=key, value=_any(value)) for key, value in values.items()]


def _any(value: Value) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(double_value=value) if isinstance(value, float) else AnyValue(string_value=value)

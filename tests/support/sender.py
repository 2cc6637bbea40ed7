"""OTLP requests as a bot sends them, from a few words a line."""

import secrets
from collections.abc import Mapping

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from botlogs_collector.otlp.nested import flatten_nested
from tests.support.store import Store

SECOND = 1_000_000_000
T0 = 1_790_000_000_000_000_000  # when made-up conversations happen, by the bot's clock


def any_value(value: object) -> AnyValue:
    """Return *value* as OTLP says it."""
    match value:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case Mapping():
            made = AnyValue()
            made.kvlist_value.SetInParent()
            made.kvlist_value.values.extend(attributes(value))
            return made
        case list():
            made = AnyValue()
            made.array_value.SetInParent()
            made.array_value.values.extend(any_value(item) for item in value)
            return made
        case _:
            return AnyValue(string_value=str(value))


def attributes(values: Mapping[str, object]) -> list[KeyValue]:
    """Return *values* as OTLP attributes."""
    return [KeyValue(key=str(key), value=any_value(value)) for key, value in values.items()]


class Talk:
    """One conversation that a test makes up: gather spans and log events, then `send`."""

    def __init__(
        self,
        conversation_id: str,
        *,
        environment: str | None = "sandbox",
        bot: str = "support",
        trace_id: bytes | None = None,
        scope: str = "otel_botlogs",
        **names: object,
    ) -> None:
        self.conversation_id = conversation_id
        self.trace_id = trace_id or secrets.token_bytes(16)
        resource: dict[str, object] = {"service.name": "shop"}
        if environment is not None:
            resource["deployment.environment.name"] = environment
        self._names: dict[str, object] = {"bot.id": bot, **{key.replace("__", "."): v for key, v in names.items()}}
        if conversation_id:
            self._names["gen_ai.conversation.id"] = conversation_id
        self._resource = attributes(resource)
        self._scope = scope
        self._clear()

    @property
    def trace(self) -> str:
        """The trace id as readers see it."""
        return self.trace_id.hex()

    def _clear(self) -> None:
        self.spans = ExportTraceServiceRequest()
        self._spans = self.spans.resource_spans.add()
        self._spans.resource.attributes.extend(self._resource)
        self._scope_spans = self._spans.scope_spans.add()
        self._scope_spans.scope.name = self._scope
        self.logs = ExportLogsServiceRequest()
        self._logs = self.logs.resource_logs.add()
        self._logs.resource.attributes.extend(self._resource)
        self._scope_logs = self._logs.scope_logs.add()
        self._scope_logs.scope.name = self._scope

    def log(
        self,
        event: str,
        body: object = None,
        *,
        at: float = 0,
        span: bytes = b"",
        severity: int = 9,
        **names: object,
    ) -> None:
        """Add a log event *at* seconds after T0; *names* are attributes, `__` for a dot."""
        self._add_log(event, body, at, span, severity, names)

    def _add_log(
        self, event: str, body: object, at: float, span: bytes, severity: int, names: Mapping[str, object]
    ) -> None:
        record = self._scope_logs.log_records.add()
        record.time_unix_nano = T0 + round(at * SECOND)
        record.observed_time_unix_nano = record.time_unix_nano + 5
        record.severity_number = severity  # pyright: ignore[reportAttributeAccessIssue]
        record.event_name = event
        record.trace_id = self.trace_id
        record.span_id = span
        if body is not None:
            record.body.CopyFrom(any_value(body))
        record.attributes.extend(attributes({**self._names, **_dotted(names)}))

    def span(
        self,
        name: str,
        *,
        start: float = 0,
        end: float = 1,
        span: bytes | None = None,
        parent: bytes = b"",
        error: str | None = None,
        **names: object,
    ) -> Span:
        """Add a span from *start* to *end* seconds after T0; return it for events and links."""
        made = self._add_span(name, start, end, span or secrets.token_bytes(8), names)
        made.parent_span_id = parent
        if error is not None:
            made.status.code = 2  # pyright: ignore[reportAttributeAccessIssue]
            made.status.message = error
        return made

    def _add_span(self, name: str, start: float, end: float, span: bytes, names: Mapping[str, object]) -> Span:
        made = self._scope_spans.spans.add()
        made.trace_id = self.trace_id
        made.span_id = span
        made.name = name
        made.kind = Span.SPAN_KIND_INTERNAL
        made.start_time_unix_nano = T0 + round(start * SECOND)
        made.end_time_unix_nano = T0 + round(end * SECOND)
        made.attributes.extend(attributes({**self._names, **_dotted(names)}))
        return made

    def node(self, node_id: str, *, start: float, end: float | None, turn: int = 1, **names: object) -> bytes:
        """Add a node action with its enter event, and with *end* its exit event and span; return its span id."""
        span = secrets.token_bytes(8)
        named: dict[str, object] = {
            "bot__flow__id": "order",
            "bot__flow__version": "v1",
            "bot__node__id": node_id,
            "bot__node__name": node_id.title(),
            "bot__node__type": "prompt",
            "bot__turn__index": turn,
            **names,
        }
        self._add_log("bot.node.enter", None, start, span, 9, named)
        if end is not None:
            named["bot__node__outcome"] = "completed"
            self._add_log("bot.node.exit", None, end, span, 9, named)
            self._add_span(node_id.title(), start, end, span, named)
        return span

    def send(self, store: Store, *, received_unix_nano: int, times: int = 1) -> None:
        """Put what was gathered into the store, as the receivers do, and begin anew."""
        for _ in range(times):
            if self._scope_spans.spans:
                flatten_nested(self.spans)
                store.insert("traces", self.spans.SerializeToString(), received_unix_nano=received_unix_nano)
            if self._scope_logs.log_records:
                flatten_nested(self.logs)
                store.insert("logs", self.logs.SerializeToString(), received_unix_nano=received_unix_nano)
        self._clear()


def _dotted(names: Mapping[str, object]) -> dict[str, object]:
    return {key.replace("__", "."): value for key, value in names.items()}

"""Spans and log records as plain values, and as the OTLP requests that carry them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Scalar = str | int | float | bool
Attributes = Mapping[str, Scalar]
START = 1_700_000_000_000_000_000


@dataclass(frozen=True, kw_only=True)
class SpanEvent:
    name: str = "happened"
    time: int = START
    attributes: Attributes = field(default_factory=dict[str, Scalar])


@dataclass(frozen=True, kw_only=True)
class Span:
    span_id: str = "00f067aa0ba902b7"
    parent_span_id: str = ""
    name: str = "work"
    kind: int = 1
    status: int = 0
    message: str = ""
    start: int = START
    duration: int = 1_000_000
    trace_state: str = ""
    flags: int = 0
    scope: str = "lib"
    scope_version: str = "1"
    attributes: Attributes = field(default_factory=dict[str, Scalar])
    resource: Attributes = field(default_factory=dict[str, Scalar])
    events: Sequence[SpanEvent] = ()


@dataclass(frozen=True, kw_only=True)
class LogRecord:
    event_name: str = ""
    time: int = START
    severity: int = 9
    body: str = ""
    attributes: Attributes = field(default_factory=dict[str, Scalar])


def traces_request(trace_id: str, spans: Sequence[Span]) -> bytes:
    """Return the OTLP request with *spans*, each under a resource of its own."""
    request = ExportTraceServiceRequest()
    for span in spans:
        resource_spans = request.resource_spans.add()
        resource_spans.resource.attributes.extend(_pairs(span.resource))
        scope_spans = resource_spans.scope_spans.add()
        scope_spans.scope.name, scope_spans.scope.version = span.scope, span.scope_version
        written: Any = scope_spans.spans.add()
        written.trace_id, written.span_id = bytes.fromhex(trace_id), bytes.fromhex(span.span_id)
        written.parent_span_id = bytes.fromhex(span.parent_span_id)
        written.name, written.kind, written.trace_state, written.flags = (
            span.name,
            span.kind,
            span.trace_state,
            span.flags,
        )
        written.start_time_unix_nano, written.end_time_unix_nano = span.start, span.start + span.duration
        written.status.code, written.status.message = span.status, span.message
        written.attributes.extend(_pairs(span.attributes))
        for event in span.events:
            written.events.add(name=event.name, time_unix_nano=event.time, attributes=_pairs(event.attributes))
    return request.SerializeToString()


def logs_request(trace_id: str, records: Sequence[LogRecord]) -> bytes:
    """Return the OTLP request with *records*."""
    request = ExportLogsServiceRequest()
    scope_logs = request.resource_logs.add().scope_logs.add()
    for record in records:
        scope_logs.log_records.add(
            trace_id=bytes.fromhex(trace_id),
            time_unix_nano=record.time,
            severity_number=record.severity,  # pyright: ignore[reportArgumentType]  # an int is what an enum is
            event_name=record.event_name,
            body=AnyValue(string_value=record.body),
            attributes=_pairs(record.attributes),
        )
    return request.SerializeToString()


def _pairs(attributes: Attributes) -> list[KeyValue]:
    return [KeyValue(key=key, value=_value(value)) for key, value in attributes.items()]


def _value(value: Scalar) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(double_value=value) if isinstance(value, float) else AnyValue(string_value=value)

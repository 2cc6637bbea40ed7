"""Random export requests in the official OpenTelemetry messages: whatever a sender may put on the wire."""

from collections.abc import Sequence

from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
    KeyValueList,
)
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

MAX_TIME = 2**63 - 1

texts = st.text(max_size=12)
keys = texts | st.sampled_from(
    ["service.name", "gen_ai.conversation.id", "session.id", "bot.id", "bot.turn.index", "deployment.environment.name"]
)
counts = st.integers(0, 2**32 - 1)
times = st.integers(0, 2**64 - 1) | st.integers(1_600_000_000_000_000_000, 1_900_000_000_000_000_000)

plain_values = st.one_of(
    st.builds(AnyValue),
    texts.map(lambda value: AnyValue(string_value=value)),
    st.booleans().map(lambda value: AnyValue(bool_value=value)),
    st.integers(-(2**63), 2**63 - 1).map(lambda value: AnyValue(int_value=value)),
    st.floats().map(lambda value: AnyValue(double_value=value)),
    st.binary(max_size=8).map(lambda value: AnyValue(bytes_value=value)),
)


def _nest(inner: st.SearchStrategy[AnyValue]) -> st.SearchStrategy[AnyValue]:
    lists = st.lists(inner, max_size=3).map(lambda items: AnyValue(array_value=ArrayValue(values=items)))
    pairs = st.lists(st.builds(KeyValue, key=texts, value=inner), max_size=3, unique_by=lambda pair: pair.key)
    return lists | pairs.map(lambda items: AnyValue(kvlist_value=KeyValueList(values=items)))


nested_values = st.recursive(_nest(plain_values), _nest, max_leaves=8)
values = st.one_of(plain_values, plain_values, nested_values)
attributes = st.lists(st.builds(KeyValue, key=keys, value=values), max_size=4)

resources = st.builds(Resource, attributes=attributes, dropped_attributes_count=counts)
scopes = st.builds(
    InstrumentationScope, name=texts, version=texts, attributes=attributes, dropped_attributes_count=counts
)
trace_ids = st.binary(min_size=16, max_size=16).filter(any)
span_ids = st.binary(min_size=8, max_size=8).filter(any)

events = st.builds(Span.Event, time_unix_nano=times, name=texts, attributes=attributes, dropped_attributes_count=counts)
links = st.builds(
    Span.Link,
    trace_id=trace_ids,
    span_id=span_ids,
    trace_state=texts,
    attributes=attributes,
    dropped_attributes_count=counts,
    flags=counts,
)
spans = st.builds(
    Span,
    trace_id=trace_ids,
    span_id=span_ids,
    trace_state=texts,
    parent_span_id=span_ids | st.just(b""),
    flags=counts,
    name=texts,
    kind=st.sampled_from(Span.SpanKind.values()),
    start_time_unix_nano=times,
    end_time_unix_nano=times,
    attributes=attributes,
    dropped_attributes_count=counts,
    events=st.lists(events, max_size=2),
    dropped_events_count=counts,
    links=st.lists(links, max_size=2),
    dropped_links_count=counts,
    status=st.builds(Status, message=texts, code=st.sampled_from(Status.StatusCode.values())),
)
records = st.builds(
    LogRecord,
    time_unix_nano=times | st.just(0),
    observed_time_unix_nano=times,
    severity_number=st.integers(0, 24),
    severity_text=texts,
    body=values,
    attributes=attributes,
    dropped_attributes_count=counts,
    flags=counts,
    trace_id=trace_ids,
    span_id=span_ids | st.just(b""),
    event_name=texts,
)


def _trace_request(groups: Sequence[ResourceSpans]) -> ExportTraceServiceRequest:
    return ExportTraceServiceRequest(resource_spans=groups)


def _log_request(groups: Sequence[ResourceLogs]) -> ExportLogsServiceRequest:
    return ExportLogsServiceRequest(resource_logs=groups)


trace_requests = st.lists(
    st.builds(
        ResourceSpans,
        resource=resources,
        schema_url=texts,
        scope_spans=st.lists(
            st.builds(ScopeSpans, scope=scopes, schema_url=texts, spans=st.lists(spans, max_size=3)),
            min_size=1,
            max_size=3,
        ),
    ),
    min_size=1,
    max_size=3,
).map(_trace_request)

log_requests = st.lists(
    st.builds(
        ResourceLogs,
        resource=resources,
        schema_url=texts,
        scope_logs=st.lists(
            st.builds(ScopeLogs, scope=scopes, schema_url=texts, log_records=st.lists(records, max_size=3)),
            min_size=1,
            max_size=3,
        ),
    ),
    min_size=1,
    max_size=3,
).map(_log_request)

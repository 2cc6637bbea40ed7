"""Export requests as the set of their spans or log records, each with its resource and scope: what a round trip keeps.

Two ways to say one thing are one here: a value that is absent and one that is empty, and what no column can say
(times after 2262, an end before its start) is as the schema says it is kept.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.otlp_requests import MAX_TIME

Request = ExportTraceServiceRequest | ExportLogsServiceRequest
Item = tuple[bytes, str, bytes, str, bytes]


def items_of(requests: Iterable[Request]) -> Counter[Item]:
    """Return how often each span or log record is in *requests*: resource, schema, scope, schema, item."""
    return Counter(item for request in requests for item in _items(request))


def _items(request: Request) -> Iterator[Item]:
    copy = type(request)()
    copy.CopyFrom(request)  # pyright: ignore[reportArgumentType]
    if isinstance(copy, ExportTraceServiceRequest):
        for group in copy.resource_spans:
            for scope in group.scope_spans:
                for span in scope.spans:
                    _settle_span(span)
                    yield _bytes(group.resource), group.schema_url, _bytes(scope.scope), scope.schema_url, _bytes(span)
    else:
        for group in copy.resource_logs:
            for scope in group.scope_logs:
                for record in scope.log_records:
                    _settle_record(record)
                    yield (
                        _bytes(group.resource),
                        group.schema_url,
                        _bytes(scope.scope),
                        scope.schema_url,
                        _bytes(record),
                    )


def _bytes(message: Message) -> bytes:
    for pair in getattr(message, "attributes", ()):
        _settle_pair(pair)
    return message.SerializeToString(deterministic=True)


def _settle_span(span: Span) -> None:
    span.start_time_unix_nano = min(span.start_time_unix_nano, MAX_TIME)
    span.end_time_unix_nano = max(span.start_time_unix_nano, min(span.end_time_unix_nano, MAX_TIME))
    span.status.SetInParent()
    for event in span.events:
        event.time_unix_nano = min(event.time_unix_nano, MAX_TIME)
    for part in (*span.events, *span.links):
        for pair in part.attributes:
            _settle_pair(pair)


def _settle_record(record: LogRecord) -> None:
    record.time_unix_nano = min(record.time_unix_nano, MAX_TIME)
    record.observed_time_unix_nano = min(record.observed_time_unix_nano, MAX_TIME)
    if record.body.WhichOneof("value") is None:
        record.ClearField("body")
    else:
        _settle_value(record.body)


def _settle_pair(pair: KeyValue) -> None:
    if pair.value.WhichOneof("value") is None:
        pair.ClearField("value")
    else:
        _settle_value(pair.value)


def _settle_value(value: AnyValue) -> None:
    match value.WhichOneof("value"):
        case "double_value" if math.isnan(value.double_value):
            value.double_value = math.nan
        case "array_value":
            for item in value.array_value.values:
                _settle_value(item)
        case "kvlist_value":
            for pair in value.kvlist_value.values:
                _settle_value(pair.value)
        case _:
            pass

"""Rows of the store as the OTLP messages that they came from, exactly: types, nested values, order, dropped counts.

The rows are those of store/sql/query/whole_spans.sql and whole_logs.sql. What other exporters wrote
has no types: it comes out as text.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from botlogs_collector.otlp.values import raw_bytes

Row = Mapping[str, Any]  # as the driver gives it
T = TypeVar("T")

_KINDS = {"Internal": 1, "Server": 2, "Client": 3, "Producer": 4, "Consumer": 5}
_STATUSES = {"Ok": 1, "Error": 2, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}


def trace_request(rows: Iterable[Row]) -> ExportTraceServiceRequest:
    """Return the spans of *rows*, in their order within each resource and scope."""
    request = ExportTraceServiceRequest()
    groups: dict[object, Any] = {}
    for row in rows:
        resource, scope = _keys(row)
        if (of_resource := groups.get(resource)) is None:
            of_resource = groups[resource] = request.resource_spans.add(
                resource=_resource(row), schema_url=row["ResourceSchema"]
            )
        if (of_scope := groups.get((resource, scope))) is None:
            of_scope = groups[resource, scope] = of_resource.scope_spans.add(
                scope=_scope(row), schema_url=row["ScopeSchema"]
            )
        of_scope.spans.append(_span(row))
    return request


def logs_request(rows: Iterable[Row]) -> ExportLogsServiceRequest:
    """Return the log records of *rows*, in their order within each resource and scope."""
    request = ExportLogsServiceRequest()
    groups: dict[object, Any] = {}
    for row in rows:
        resource, scope = _keys(row)
        if (of_resource := groups.get(resource)) is None:
            of_resource = groups[resource] = request.resource_logs.add(
                resource=_resource(row), schema_url=row["ResourceSchema"]
            )
        if (of_scope := groups.get((resource, scope))) is None:
            of_scope = groups[resource, scope] = of_resource.scope_logs.add(
                scope=_scope(row), schema_url=row["ScopeSchema"]
            )
        of_scope.log_records.append(_record(row))
    return request


def any_value(text: str, kind: str, original: str) -> AnyValue:
    """Return one value; *original* is the base64 of a nested value as it came, empty for others."""
    if original:
        return AnyValue.FromString(base64.b64decode(original))
    match kind:
        case "absent":
            return AnyValue()
        case "bool_value":
            return AnyValue(bool_value=text == "true")
        case "int_value":
            return AnyValue(int_value=int(text))
        case "double_value":
            return AnyValue(double_value=float(text))
        case "bytes_value":
            return AnyValue(bytes_value=raw_bytes(text))
        case _:
            return AnyValue(string_value=text)


def _attributes(
    keys: Sequence[str], values: Sequence[str], kinds: Sequence[str], originals: Sequence[str]
) -> list[KeyValue]:
    return [
        KeyValue(key=key, value=any_value(value, _at(kinds, i, ""), _at(originals, i, "")))
        for i, (key, value) in enumerate(zip(keys, values, strict=True))
    ]


def _at(values: Sequence[T], index: int, default: T) -> T:
    """Return one of *values*, which other exporters leave empty."""
    return values[index] if index < len(values) else default


def _keys(row: Row) -> tuple[object, object]:
    resource = (
        row["ResourceSchema"], tuple(row["ResourceKeys"]), tuple(row["ResourceValues"]), tuple(row["ResourceTypes"]),
    )  # fmt: skip
    scope = (
        row["ScopeSchema"], row["ScopeName"], row["ScopeVersionText"], tuple(row["ScopeKeys"]),
        tuple(row["ScopeValues"]), tuple(row["ScopeTypes"]),
    )  # fmt: skip
    return resource, scope


def _resource(row: Row) -> Resource:
    dropped = row["DroppedCounts"]
    return Resource(
        attributes=_attributes(
            row["ResourceKeys"], row["ResourceValues"], row["ResourceTypes"], row["ResourceOriginals"]
        ),
        dropped_attributes_count=_at(dropped, len(dropped) - 2, 0) if dropped else 0,
    )


def _scope(row: Row) -> InstrumentationScope:
    dropped = row["DroppedCounts"]
    return InstrumentationScope(
        name=row["ScopeName"],
        version=row["ScopeVersionText"],
        attributes=_attributes(row["ScopeKeys"], row["ScopeValues"], row["ScopeTypes"], row["ScopeOriginals"]),
        dropped_attributes_count=dropped[-1] if dropped else 0,
    )


def _span(row: Row) -> Span:
    dropped = row["DroppedCounts"]
    span = Span(
        trace_id=bytes.fromhex(row["TraceId"]),
        span_id=bytes.fromhex(row["SpanId"]),
        parent_span_id=bytes.fromhex(row["ParentSpanId"]),
        trace_state=row["TraceState"],
        flags=row["TraceFlags"],
        name=row["Name"],
        kind=_KINDS.get(row["Kind"], 0),  # pyright: ignore[reportArgumentType]  # enums are numbers
        start_time_unix_nano=max(0, row["Start"]),
        end_time_unix_nano=max(0, row["Start"]) + row["Duration"],
        attributes=_attributes(row["Keys"], row["Values"], row["Types"], row["Originals"]),
        dropped_attributes_count=_at(dropped, 0, 0),
        dropped_events_count=_at(dropped, 1, 0),
        dropped_links_count=_at(dropped, 2, 0),
    )
    span.status.code = _STATUSES.get(row["Status"], 0)  # pyright: ignore[reportAttributeAccessIssue]
    span.status.message = row["StatusMessage"]
    for i, name in enumerate(row["EventNames"]):
        span.events.add(
            time_unix_nano=max(0, row["EventTimes"][i]),
            name=name,
            attributes=_attributes(
                row["EventKeys"][i], row["EventValues"][i], _at(row["EventTypes"], i, ()),
                _at(row["EventOriginals"], i, ()),
            ),
            dropped_attributes_count=_at(row["EventDroppedCounts"], i, 0),
        )  # fmt: skip
    for i, trace_id in enumerate(row["LinkTraceIds"]):
        span.links.add(
            trace_id=bytes.fromhex(trace_id),
            span_id=bytes.fromhex(row["LinkSpanIds"][i]),
            trace_state=row["LinkStates"][i],
            flags=_at(row["LinkFlags"], i, 0),
            attributes=_attributes(
                row["LinkKeys"][i], row["LinkValues"][i], _at(row["LinkTypes"], i, ()),
                _at(row["LinkOriginals"], i, ()),
            ),
            dropped_attributes_count=_at(row["LinkDroppedCounts"], i, 0),
        )  # fmt: skip
    return span


def _record(row: Row) -> LogRecord:
    record = LogRecord(
        time_unix_nano=max(0, row["Time"]) if row["TimeGiven"] else 0,
        observed_time_unix_nano=max(0, row["Observed"]),
        severity_number=row["SeverityNumber"],
        severity_text=row["Severity"],
        attributes=_attributes(row["Keys"], row["Values"], row["Types"], row["Originals"]),
        dropped_attributes_count=_at(row["DroppedCounts"], 0, 0),
        flags=row["Flags"],
        trace_id=bytes.fromhex(row["TraceId"]),
        span_id=bytes.fromhex(row["SpanId"]),
        event_name=row["Event"],
    )
    if row["BodyKind"] != "absent" or row["BodyWhole"]:
        record.body.CopyFrom(any_value(row["Body"], row["BodyKind"], row["BodyWhole"]))
    return record

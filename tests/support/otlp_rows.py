"""What the columns must say of a request, worked out in plain Python from the official messages.

The slow and obvious way: the engine's own reading is compared with it.
"""

import base64
import json
import math
from collections.abc import Iterable, Iterator, Sequence

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from botlogs_collector.store.client import Database
from tests.support.otlp_requests import MAX_TIME

Row = dict[str, object]
_KINDS = {1: "Internal", 2: "Server", 3: "Client", 4: "Producer", 5: "Consumer"}
_CODES = {1: "Ok", 2: "Error"}


def type_of(value: AnyValue) -> str:
    """Return the name that the type column has for *value*: a nested one is stored as text."""
    kind = value.WhichOneof("value") or "absent"
    return "string_value" if kind in ("array_value", "kvlist_value") else kind


def text_of(value: AnyValue) -> str:
    """Return the text that the map column has for *value*; doubles in Python's spelling."""
    kind = value.WhichOneof("value")
    match kind:
        case None:
            return ""
        case "bool_value":
            return "true" if value.bool_value else "false"
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case "array_value" | "kvlist_value":
            return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(getattr(value, kind))


def _plain(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: _plain(item.value) for item in value.kvlist_value.values}
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    if kind == "double_value" and not math.isfinite(value.double_value):
        return str(value.double_value)
    return None if kind is None else getattr(value, kind)


def _original(value: AnyValue) -> str:
    is_nested = value.WhichOneof("value") in ("array_value", "kvlist_value")
    return value.SerializeToString().hex() if is_nested else ""


def _attributes(items: Sequence[KeyValue]) -> list[tuple[str, str, str, str]]:
    """Return (key, text, type, original in hex) of each attribute, in order."""
    return [(item.key, text_of(item.value), type_of(item.value), _original(item.value)) for item in items]


def _time(unix_nano: int) -> int:
    return min(unix_nano, MAX_TIME)


def span_rows(request: ExportTraceServiceRequest) -> Iterator[Row]:
    """Yield what each span of *request* must be in the table."""
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    "time": _time(span.start_time_unix_nano),
                    "trace_id": span.trace_id.hex(),
                    "span_id": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "trace_state": span.trace_state,
                    "name": span.name,
                    "kind": _KINDS.get(span.kind, "Unspecified"),
                    "duration": max(0, _time(span.end_time_unix_nano) - _time(span.start_time_unix_nano)),
                    "status": (_CODES.get(span.status.code, "Unset"), span.status.message),
                    "flags": span.flags,
                    "resource": _attributes(resource.resource.attributes),
                    "scope": _attributes(scope.scope.attributes),
                    "scope_name": (scope.scope.name, scope.scope.version),
                    "schemas": (resource.schema_url, scope.schema_url),
                    "attributes": _attributes(span.attributes),
                    "dropped": [
                        span.dropped_attributes_count,
                        span.dropped_events_count,
                        span.dropped_links_count,
                        resource.resource.dropped_attributes_count,
                        scope.scope.dropped_attributes_count,
                    ],
                    "events": [
                        (_time(e.time_unix_nano), e.name, _attributes(e.attributes), e.dropped_attributes_count)
                        for e in span.events
                    ],
                    "links": [
                        (
                            link.trace_id.hex(),
                            link.span_id.hex(),
                            link.trace_state,
                            _attributes(link.attributes),
                            link.dropped_attributes_count,
                            link.flags,
                        )
                        for link in span.links
                    ],
                }


def record_rows(request: ExportLogsServiceRequest) -> Iterator[Row]:
    """Yield what each record of *request* must be in the table."""
    for resource in request.resource_logs:
        for scope in resource.scope_logs:
            for record in scope.log_records:
                yield {
                    "time": _time(record.time_unix_nano or record.observed_time_unix_nano),
                    "time_given": record.time_unix_nano != 0,
                    "observed": _time(record.observed_time_unix_nano),
                    "trace_id": record.trace_id.hex(),
                    "span_id": record.span_id.hex(),
                    "severity": (record.severity_number, record.severity_text),
                    "body": (text_of(record.body), type_of(record.body), _original(record.body)),
                    "event_name": record.event_name,
                    "flags": record.flags,
                    "resource": _attributes(resource.resource.attributes),
                    "scope": _attributes(scope.scope.attributes),
                    "scope_name": (scope.scope.name, scope.scope.version),
                    "schemas": (resource.schema_url, scope.schema_url),
                    "attributes": _attributes(record.attributes),
                    "dropped": [
                        record.dropped_attributes_count,
                        resource.resource.dropped_attributes_count,
                        scope.scope.dropped_attributes_count,
                    ],
                }


def _zipped(map_column: str, prefix: str) -> str:
    return (
        f"arrayZip(mapKeys({map_column}), mapValues({map_column}), arrayMap(x -> toString(x), {prefix}Types), "
        f"arrayMap(x -> lower(hex(x)), {prefix}Originals))"
    )


_NESTED = (
    "arrayMap((m, t, o) -> arrayZip(mapKeys(m), mapValues(m), arrayMap(x -> toString(x), t), "
    "arrayMap(x -> lower(hex(x)), o)), "
)
_SPAN_COLUMNS = {
    "time": "toUnixTimestamp64Nano(Timestamp)",
    "trace_id": "TraceId",
    "span_id": "SpanId",
    "parent": "ParentSpanId",
    "trace_state": "TraceState",
    "name": "SpanName",
    "kind": "SpanKind",
    "duration": "Duration",
    "status": "(StatusCode, StatusMessage)",
    "flags": "TraceFlags",
    "resource": _zipped("ResourceAttributes", "ResourceAttribute"),
    "scope": _zipped("ScopeAttributes", "ScopeAttribute"),
    "scope_name": "(ScopeName, ScopeVersion)",
    "schemas": "(ResourceSchemaUrl, ScopeSchemaUrl)",
    "attributes": _zipped("SpanAttributes", "SpanAttribute"),
    "dropped": "DroppedCounts",
    "events": (
        "arrayZip(arrayMap(t -> toUnixTimestamp64Nano(t), `Events.Timestamp`), `Events.Name`, "
        f"{_NESTED} `Events.Attributes`, EventAttributeTypes, EventAttributeOriginals), EventDroppedCounts)"
    ),
    "links": (
        "arrayZip(`Links.TraceId`, `Links.SpanId`, `Links.TraceState`, "
        f"{_NESTED} `Links.Attributes`, LinkAttributeTypes, LinkAttributeOriginals), LinkDroppedCounts, LinkFlags)"
    ),
}
_RECORD_COLUMNS = {
    "time": "toUnixTimestamp64Nano(Timestamp)",
    "time_given": "TimeGiven",
    "observed": "toUnixTimestamp64Nano(ObservedTimestamp)",
    "trace_id": "TraceId",
    "span_id": "SpanId",
    "severity": "(SeverityNumber, SeverityText)",
    "body": "(Body, toString(BodyType), lower(hex(BodyOriginal)))",
    "event_name": "EventName",
    "flags": "Flags",
    "resource": _zipped("ResourceAttributes", "ResourceAttribute"),
    "scope": _zipped("ScopeAttributes", "ScopeAttribute"),
    "scope_name": "(ScopeName, ScopeVersion)",
    "schemas": "(ResourceSchemaUrl, ScopeSchemaUrl)",
    "attributes": _zipped("LogAttributes", "LogAttribute"),
    "dropped": "DroppedCounts",
}


def stored_spans(database: Database, received_unix_nano: int) -> list[Row]:
    """Return the stored spans of one commit, live and held, in the form of `span_rows`."""
    return _stored(database, "otel_traces", _SPAN_COLUMNS, received_unix_nano)


def stored_records(database: Database, received_unix_nano: int) -> list[Row]:
    """Return the stored log records of one commit, live and held, in the form of `record_rows`."""
    return _stored(database, "otel_logs", _RECORD_COLUMNS, received_unix_nano)


def _stored(database: Database, table: str, columns: dict[str, str], received_unix_nano: int) -> list[Row]:
    # `shown` keeps the names apart from the columns they are made of.
    listed = ", ".join(f"{sql} AS shown_{name}" for name, sql in columns.items())
    found: list[Row] = []
    for place in ("botlogs", "botlogs_held"):
        rows = database.rows(
            f"SELECT {listed} FROM {place}.{table} WHERE ReceivedAt = fromUnixTimestamp64Nano({{stamp:Int64}})",
            stamp=received_unix_nano,
        )
        found += [{name.removeprefix("shown_"): value for name, value in row.items()} for row in rows]
    return found


def same_rows(expected: Iterable[Row], actual: Iterable[Row]) -> None:
    """Assert that both hold the same rows, in any order; doubles are compared as numbers."""
    assert sorted(map(_comparable, actual)) == sorted(map(_comparable, expected))


def _comparable(row: Row) -> str:
    return json.dumps({name: _normal(value) for name, value in sorted(row.items())}, default=str)


def _normal(value: object) -> object:
    if isinstance(value, (list, tuple)):
        items = [_normal(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        # (key, text, type, original) or (text, type, original): the engine spells doubles its own way.
        at = len(items) - 3
        if at in (0, 1) and items[at + 1] == "double_value":
            items[at] = repr(float(str(items[at])))
        return items
    return value

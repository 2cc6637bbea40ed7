"""Jaeger's JSON (what its UI downloads and its API answers) as OTLP, as the OpenTelemetry specification maps it.

Tags keep their types; what OpenTelemetry has fields for (kind, status, trace state, scope, dropped counts) leaves
the tags. What Jaeger adds when it shows a trace (`warnings`) is not of the trace and is left out.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from botlogs_collector.errors import InvalidRequest

_US: Final = 1000  # Jaeger counts microseconds
_KINDS: Final = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_STATUSES: Final = {"OK": Status.STATUS_CODE_OK, "ERROR": Status.STATUS_CODE_ERROR}
# The newest name of what names the scope comes first.
_SCOPE_NAMES: Final = ("otel.scope.name", "otel.library.name")
_SCOPE_VERSIONS: Final = ("otel.scope.version", "otel.library.version")

Fields = Mapping[str, Any]  # a JSON object as it came


def trace_of_jaeger(document: object) -> ExportTraceServiceRequest:
    """Return one element of a Jaeger document's `data`: its spans by process and scope.

    Raises:
        InvalidRequest: it is not a trace of Jaeger, or a value in it has the wrong type.
    """
    if not isinstance(document, dict) or not isinstance(cast("Fields", document).get("spans"), list):
        raise InvalidRequest('not a trace of Jaeger: it needs "spans", a list, and "processes"')
    trace = cast("Fields", document)
    try:
        return _request(trace)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise InvalidRequest(f"not a trace of Jaeger: {said[:300]}") from None


def _request(trace: Fields) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    processes: Fields = trace.get("processes") or {}
    resources: dict[str, Any] = {}
    scopes: dict[tuple[str, str, str], Any] = {}
    for span in trace["spans"]:
        process = str(span.get("processID", ""))
        if process not in resources:
            resources[process] = request.resource_spans.add()
            _fill_resource(resources[process], span.get("process") or processes.get(process) or {})
        tags = _Tags(span.get("tags"))
        name, version = tags.take_text(*_SCOPE_NAMES), tags.take_text(*_SCOPE_VERSIONS)
        if (process, name, version) not in scopes:
            made = scopes[process, name, version] = resources[process].scope_spans.add()
            made.scope.name, made.scope.version = name, version
        _fill_span(scopes[process, name, version].spans.add(), span, tags)
    return request


def _fill_resource(group: Any, process: Fields) -> None:
    attributes = group.resource.attributes
    if name := process.get("serviceName"):
        attributes.add(key="service.name").value.string_value = name
    attributes.extend(tag for tag in _Tags(process.get("tags")).rest() if tag.key != "service.name")


def _fill_span(made: Span, span: Fields, tags: "_Tags") -> None:
    made.trace_id = _id(span["traceID"], 16)
    made.span_id = _id(span["spanID"], 8)
    made.name = str(span.get("operationName", ""))
    made.flags = int(span.get("flags") or 0) & 1  # sampled; Jaeger's other bits mean nothing here
    made.start_time_unix_nano = int(span["startTime"]) * _US
    made.end_time_unix_nano = made.start_time_unix_nano + int(span.get("duration") or 0) * _US
    made.trace_state = tags.take_text("w3c.tracestate")
    made.kind = cast("Span.SpanKind.ValueType", _KINDS.get(tags.take_text("span.kind").lower(), 0))
    _fill_status(made, tags)
    made.dropped_attributes_count = tags.take_count("otel.dropped_attributes_count")
    made.dropped_events_count = tags.take_count("otel.dropped_events_count")
    made.dropped_links_count = tags.take_count("otel.dropped_links_count")
    _fill_references(made, span)
    for log in span.get("logs") or ():
        fields = _Tags(log.get("fields"))
        event = made.events.add(time_unix_nano=int(log["timestamp"]) * _US, name=fields.take_text("event"))
        event.dropped_attributes_count = fields.take_count("otel.dropped_attributes_count")
        event.attributes.extend(fields.rest())
    made.attributes.extend(tags.rest())


def _fill_status(made: Span, tags: "_Tags") -> None:
    """`otel.status_code` says it; without it, OpenTracing's `error` does."""
    code = tags.take_text("otel.status_code").upper()
    failed = tags.is_true("error")
    if failed:
        tags.take_text("error")
    if code in _STATUSES or failed:
        made.status.code = _STATUSES.get(code, Status.STATUS_CODE_ERROR)
    if message := tags.take_text("otel.status_description"):
        made.status.message = message


def _fill_references(made: Span, span: Fields) -> None:
    """The first CHILD_OF, else FOLLOWS_FROM, of the same trace is the parent; all others are links."""
    references = [one for one in span.get("references") or () if one.get("spanID")]
    same = [one for one in references if _id(one.get("traceID") or span["traceID"], 16) == made.trace_id]
    parent = next((one for one in same if one.get("refType") == "CHILD_OF"), same[0] if same else None)
    if parent is not None:
        made.parent_span_id = _id(parent["spanID"], 8)
    elif int(span.get("parentSpanID") or "0", 16):
        made.parent_span_id = _id(span["parentSpanID"], 8)
    for one in references:
        if one is not parent:
            link = made.links.add(trace_id=_id(one.get("traceID") or span["traceID"], 16))
            link.span_id = _id(one["spanID"], 8)
            link.attributes.add(key="opentracing.ref_type").value.string_value = str(one.get("refType", "")).lower()


class _Tags:
    """The tags of one span, log or process; what has a field of its own is taken out."""

    def __init__(self, tags: Iterable[Fields] | None) -> None:
        self._tags = {str(tag["key"]): tag for tag in tags or ()}

    def take_text(self, *keys: str) -> str:
        """Take all *keys* out; return the first that was there as text."""
        found = [tag for key in keys if (tag := self._tags.pop(key, None)) is not None]
        return str(found[0].get("value", "")) if found else ""

    def take_count(self, key: str) -> int:
        """Take a number out; 0 without one."""
        return int(self.take_text(key) or 0)

    def is_true(self, key: str) -> bool:
        """Whether the tag is true, as a boolean or as text."""
        return str(self._tags.get(key, {}).get("value", "")).lower() == "true"

    def rest(self) -> Iterable[KeyValue]:
        """Give what is left, as attributes."""
        return (KeyValue(key=key, value=_value(tag)) for key, tag in self._tags.items())


def _value(tag: Fields) -> AnyValue:
    value = tag.get("value")
    match tag.get("type"):
        case "bool":
            return AnyValue(bool_value=str(value).lower() == "true")
        case "int64":
            return AnyValue(int_value=int(cast("str | int", value)))
        case "float64":
            return AnyValue(double_value=float(cast("str | float", value)))
        case "binary":
            return AnyValue(bytes_value=base64.b64decode(str(value), validate=True))
        case _:
            return AnyValue(string_value=value if isinstance(value, str) else str(value))


def _id(text: object, size: int) -> bytes:
    """Return an id in hex as *size* bytes: Jaeger leaves leading zeros out, and knows traces of 64 bits."""
    digits = str(text)
    if len(digits) > 2 * size:
        raise ValueError(f"the id {digits[:40]!r} is longer than {2 * size} hex digits")
    return bytes.fromhex(digits.rjust(2 * size, "0"))

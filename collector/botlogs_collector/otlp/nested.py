"""Arrays and maps in attribute values, turned into JSON text before the engine sees them.

ClickHouse's Protobuf reader cannot recurse. Nested values are rare, so the question "is there one?"
is asked of the bytes with a regular expression (0.5 µs a span), then of Protobuf (random ids look like one
in every thirtieth request), and only then is the request rebuilt.
"""

import base64
import json
import math
import re
from collections.abc import Iterable, Iterator

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from botlogs_collector.otlp.probe import holds_nested

# KeyValue.value is field 2 (0x12), LogRecord.body field 5 (0x2a); of AnyValue, array_value is field 5 (0x2a) and
# kvlist_value 6 (0x32). Look-ahead, so that a chance match cannot swallow the start of a true one.
_VARINT = rb"[\x80-\xff]{0,4}[\x00-\x7f]"
_NESTED = rb"(?=(" + _VARINT + rb")[\x2a\x32](" + _VARINT + rb"))"
_IN_ATTRIBUTE = re.compile(rb"\x12" + _NESTED)
_IN_BODY = re.compile(rb"\x2a" + _NESTED)
# AnyValue.original = 1000 in proto/botlogs/v1/common.proto: length-delimited.
_ORIGINAL_TAG = b"\xc2\x3e"


def has_nested(body: bytes, *, is_logs: bool) -> bool:
    """Return whether the valid serialized request *body* holds an array or a map as a value."""
    patterns = (_IN_ATTRIBUTE, _IN_BODY) if is_logs else (_IN_ATTRIBUTE,)
    may_have = any(_is_whole_value(match) for pattern in patterns for match in pattern.finditer(body))
    return may_have and holds_nested(body, is_logs=is_logs)


def _is_whole_value(match: re.Match[bytes]) -> bool:
    """A value is nothing but its one field: tag, inner length, content."""
    return _number(match[1]) == 1 + len(match[2]) + _number(match[2])


def _number(varint: bytes) -> int:
    return sum((byte & 0x7F) << (7 * i) for i, byte in enumerate(varint))


def flatten_nested(request: Message) -> None:
    """Replace every nested value of *request* by its JSON text, the value as it came kept beside it."""
    for value in _values(request):
        if value.WhichOneof("value") in ("array_value", "kvlist_value"):
            original = value.SerializeToString()
            text = to_json(value)
            value.Clear()
            value.string_value = text
            value.MergeFromString(_ORIGINAL_TAG + varint(len(original)) + original)


def to_json(value: AnyValue) -> str:
    """Return the JSON text of *value*; bytes become base64, keys keep their order."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _plain(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    match kind:
        case "array_value":
            return [_plain(item) for item in value.array_value.values]
        case "kvlist_value":
            return {item.key: _plain(item.value) for item in value.kvlist_value.values}
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case "double_value":
            number = value.double_value
            return number if math.isfinite(number) else str(number)
        case None:
            return None
        case _:
            return getattr(value, kind)


def _values(request: Message) -> Iterator[AnyValue]:
    if isinstance(request, ExportTraceServiceRequest):
        for resource_spans in request.resource_spans:
            yield from _of(resource_spans.resource.attributes)
            for scope_spans in resource_spans.scope_spans:
                yield from _of(scope_spans.scope.attributes)
                for span in scope_spans.spans:
                    yield from _of(span.attributes)
                    for part in (*span.events, *span.links):
                        yield from _of(part.attributes)
    elif isinstance(request, ExportLogsServiceRequest):
        for resource_logs in request.resource_logs:
            yield from _of(resource_logs.resource.attributes)
            for scope_logs in resource_logs.scope_logs:
                yield from _of(scope_logs.scope.attributes)
                for record in scope_logs.log_records:
                    yield record.body
                    yield from _of(record.attributes)


def _of(attributes: Iterable[KeyValue]) -> Iterator[AnyValue]:
    return (attribute.value for attribute in attributes)


def varint(number: int) -> bytes:
    """Return *number* as Protobuf writes lengths."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)

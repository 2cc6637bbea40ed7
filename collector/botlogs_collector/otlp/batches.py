"""Export requests packed to a size, and halved where one was too much: bytes in, bytes out.

The groups of a request (one resource each) are sliced as bytes; only a request that must be halved is parsed.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.otlp.scopes import fields_of
from botlogs_collector.ports import Signal

M = TypeVar("M", bound=Message)


def pack(signal: Signal, body: bytes, max_bytes: int) -> Iterator[bytes]:
    """Yield *body* as requests of at most *max_bytes*; one of a single larger item is left as it is."""
    parts: list[memoryview] = []
    size = 0
    for _, whole, _ in fields_of(memoryview(body)):
        if parts and size + len(whole) > max_bytes:
            yield b"".join(parts)
            parts, size = [], 0
        if len(whole) > max_bytes:
            yield from _smaller(signal, bytes(whole), max_bytes)
        else:
            parts.append(whole)
            size += len(whole)
    if parts:
        yield b"".join(parts)


def _smaller(signal: Signal, body: bytes, max_bytes: int) -> Iterator[bytes]:
    halves = () if len(body) <= max_bytes else halved(signal, body)
    if not halves:
        yield body
    for half in halves:
        yield from _smaller(signal, half, max_bytes)


def count_items(signal: Signal, body: bytes) -> int:
    """Return how many spans or log records the request *body* has."""
    return sum(len(_items(scope)) for group in _groups(parsed(signal, body)) for scope in _scopes(group))


def halved(signal: Signal, body: bytes) -> tuple[bytes, ...]:
    """Return the request *body* as two of about half its items; nothing if it has one item."""
    request = parsed(signal, body)
    middle = sum(len(_items(scope)) for group in _groups(request) for scope in _scopes(group)) // 2
    if not middle:
        return ()
    return (_part(request, 0, middle), _part(request, middle, None))


def first_item_ids(signal: Signal, body: bytes) -> str:
    """Return the ids of the first item, for a log line: nothing of its content."""
    for group in _groups(parsed(signal, body)):
        for scope in _scopes(group):
            for item in _items(scope):
                return f"trace {item.trace_id.hex() or '-'} span {item.span_id.hex() or '-'}"
    return "nothing"


def parsed(signal: Signal, body: bytes) -> ExportTraceServiceRequest | ExportLogsServiceRequest:
    """Return the official message of *body*."""
    return (ExportTraceServiceRequest if signal == "traces" else ExportLogsServiceRequest).FromString(body)


def _part(request: Message, start: int, end: int | None) -> bytes:
    """Return the items [*start*, *end*) of *request*, each with its resource and scope."""
    part = type(request)()
    part.CopyFrom(request)
    at = 0
    for group in _groups(part):
        for scope in _scopes(group):
            items = _items(scope)
            count = len(items)
            if end is not None:
                del items[max(0, end - at) :]
            del items[: max(0, min(len(items), start - at))]
            at += count
    _drop_empty(part)
    return part.SerializeToString()


def _drop_empty(request: Message) -> None:
    groups = _groups(request)
    for i in reversed(range(len(groups))):
        scopes = _scopes(groups[i])
        for j in reversed(range(len(scopes))):
            if not _items(scopes[j]):
                del scopes[j]
        if not scopes:
            del groups[i]


def _groups(request: Any) -> Any:
    return request.resource_spans if isinstance(request, ExportTraceServiceRequest) else request.resource_logs


def _scopes(group: Any) -> Any:
    return group.scope_spans if hasattr(group, "scope_spans") else group.scope_logs


def _items(scope: Any) -> Any:
    return scope.spans if hasattr(scope, "spans") else scope.log_records

"""Requests cut into one message a scope, by slicing bytes: nothing inside a scope is parsed.

A ResourceSpans (or ResourceLogs) with one scope already is a SpansOfScope (LogsOfScope) of
proto/botlogs/v1; one with several scopes becomes several, each with the resource before it.
"""

from collections.abc import Iterator

from botlogs_collector.errors import InvalidRequest

_GROUPS = 1  # resource_spans, resource_logs in the request
_SCOPES = 2  # scope_spans, scope_logs in the group


def cut_scopes(body: bytes) -> Iterator[tuple[memoryview, ...]]:
    """Yield each scope of the valid request *body* as the pieces of one message, in order.

    Raises:
        InvalidRequest: the body uses Protobuf groups, which OTLP never had.
    """
    for number, _, group in fields_of(memoryview(body)):
        if number != _GROUPS:
            continue
        scopes: list[memoryview] = []
        others: list[memoryview] = []
        for inner, whole, _ in fields_of(group):
            (scopes if inner == _SCOPES else others).append(whole)
        if len(scopes) == 1:
            yield (group,)
        else:
            for scope in scopes:
                yield (*others, scope)


def content_of(body: bytes) -> bytes:
    """Return what follows the length at the start of *body*; nothing if it is empty."""
    if not body:
        return b""
    _, at = _read_varint(memoryview(body), 0)
    return body[at:]


def fields_of(message: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Yield number, the whole field with its tag, and the content of each field of *message*."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _read_varint(message, at)
        match tag & 7:
            case 0:
                content = at
                _, at = _read_varint(message, at)
            case 1:
                content, at = at, at + 8
            case 2:
                length, content = _read_varint(message, at)
                at = content + length
            case 5:
                content, at = at, at + 4
            case kind:
                raise InvalidRequest(f"the request uses Protobuf wire type {kind}; OTLP has none of it")
        yield tag >> 3, message[start:at], message[content:at]


def _read_varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return the number at *at* and the place after it."""
    number = shift = 0
    while True:
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7

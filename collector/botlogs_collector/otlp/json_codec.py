"""OTLP/JSON: Protobuf's JSON mapping, but with trace and span ids in hex (OTLP specification, JSON encoding)."""

import base64
import binascii
import json
from typing import cast

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.otlp.json_wire import UnusualError, hex_id, write_message
from botlogs_collector.ports import Signal

_IDS = frozenset({"traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id"})
_ITEMS = frozenset({"spans", "links", "logRecords", "log_records"})
_DEPTH = 100


def json_to_protobuf(signal: Signal, body: bytes) -> bytes:
    """Return the request in *body* as Protobuf's bytes.

    Raises:
        InvalidRequest: it is not JSON, or not an export request of *signal*.
    """
    request = ExportTraceServiceRequest() if signal == "traces" else ExportLogsServiceRequest()
    try:
        document = json.loads(body)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise InvalidRequest(f"not an {type(request).__name__}: the body must be a JSON object")
    try:
        return write_message(request.DESCRIPTOR, document)
    except UnusualError:
        read_document(cast("dict[str, object]", document), request)
    return request.SerializeToString()


def parse_json(signal: Signal, body: bytes) -> ExportTraceServiceRequest | ExportLogsServiceRequest:
    """Return the request in *body*.

    Raises:
        InvalidRequest: as `json_to_protobuf`, or it nests deeper than Protobuf reads.
    """
    request = ExportTraceServiceRequest() if signal == "traces" else ExportLogsServiceRequest()
    try:
        request.ParseFromString(json_to_protobuf(signal, body))
    except DecodeError as error:
        raise InvalidRequest(f"not an {type(request).__name__} in JSON: {error}") from None
    return request


def read_document(document: dict[str, object], request: Message) -> None:
    """Fill *request* from any document, as Protobuf's JSON mapping says; changes *document*.

    Raises:
        InvalidRequest: it is no such request.
    """
    try:
        _ids_to_base64(document)
        json_format.ParseDict(document, request, ignore_unknown_fields=True, max_recursion_depth=_DEPTH)
    except (json_format.ParseError, RecursionError, ValueError, TypeError) as error:
        raise InvalidRequest(f"not an {type(request).__name__} in JSON: {str(error)[:300]}") from None


def message_to_json(message: Message) -> dict[str, object]:
    """Return *message* in OTLP/JSON as a dictionary: camelCase names, ids in hex, enums as numbers."""
    document = json_format.MessageToDict(message, use_integers_for_enums=True)
    _ids_to_hex(document)
    return document


def _ids_to_base64(node: object, *, is_item: bool = False) -> None:
    """Rewrite the ids of spans, links and records; attribute values are never touched."""
    if isinstance(node, list):
        for child in cast("list[object]", node):
            _ids_to_base64(child, is_item=is_item)
    elif isinstance(node, dict):
        fields = cast("dict[str, object]", node)
        for key, value in fields.items():
            if is_item and key in _IDS and value is not None:
                fields[key] = base64.b64encode(hex_id(value)).decode()
            elif key not in ("attributes", "body", "events"):
                _ids_to_base64(value, is_item=key in _ITEMS)


def _ids_to_hex(node: object, *, is_item: bool = False) -> None:
    if isinstance(node, list):
        for child in cast("list[object]", node):
            _ids_to_hex(child, is_item=is_item)
    elif isinstance(node, dict):
        fields = cast("dict[str, object]", node)
        for key, value in fields.items():
            if is_item and key in _IDS:
                fields[key] = binascii.a2b_base64(cast("str", value)).hex()
            elif key not in ("attributes", "body", "events"):
                _ids_to_hex(value, is_item=key in _ITEMS)

"""OTLP/JSON: Protobuf's JSON mapping, but with trace and span ids in hex (OTLP specification, JSON encoding)."""

import base64
import binascii
import json
from typing import cast

from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.ports import Signal

_IDS = frozenset({"traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id"})
_ITEMS = frozenset({"spans", "links", "logRecords", "log_records"})
_DEPTH = 100


def parse_json(signal: Signal, body: bytes) -> ExportTraceServiceRequest | ExportLogsServiceRequest:
    """Return the request in *body*.

    Raises:
        InvalidRequest: it is not JSON, or not an export request of *signal*.
    """
    request = ExportTraceServiceRequest() if signal == "traces" else ExportLogsServiceRequest()
    try:
        document = json.loads(body)
        if not isinstance(document, dict):
            raise InvalidRequest(f"not an {type(request).__name__}: the body must be a JSON object")
        _ids_to_base64(document)
        json_format.ParseDict(document, request, ignore_unknown_fields=True, max_recursion_depth=_DEPTH)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"not JSON: {error}") from None
    except (json_format.ParseError, RecursionError, ValueError, TypeError) as error:
        raise InvalidRequest(f"not an {type(request).__name__} in JSON: {str(error)[:300]}") from None
    return request


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
            if is_item and key in _IDS:
                fields[key] = _hex_to_base64(value)
            elif key not in ("attributes", "body", "events"):
                _ids_to_base64(value, is_item=key in _ITEMS)


def _hex_to_base64(value: object) -> str:
    """An id that is not hex becomes one byte: of the wrong length, so its item is rejected alone."""
    try:
        return base64.b64encode(bytes.fromhex(cast("str", value))).decode()
    except (ValueError, TypeError):
        return base64.b64encode(b"\0").decode()


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

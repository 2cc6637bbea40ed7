"""OTLP requests, whole, damaged and made up, through checking into the real engine: stored or refused, never worse."""

import json
from typing import Any

from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.errors import InvalidRequest, Permanent
from botlogs_collector.otlp.json_codec import json_to_protobuf
from botlogs_collector.otlp.request import check_request
from botlogs_collector.ports import Signal
from tests.fuzz.damage import damaged, edits
from tests.fuzz.effort import searching
from tests.support.otlp_requests import log_requests, trace_requests
from tests.support.store import Store

_signals = st.sampled_from(("traces", "logs"))
_scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
_names = st.sampled_from(
    ["resourceSpans", "scopeSpans", "spans", "resourceLogs", "scopeLogs", "logRecords", "resource", "attributes", "key",
     "value", "stringValue", "intValue", "arrayValue", "kvlistValue", "values", "traceId", "spanId",
     "startTimeUnixNano", "kind", "status", "code", "events", "links", "body", "timeUnixNano",
     "severityNumber", "flags"]
) | st.text(max_size=5)  # fmt: skip
_documents = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4), max_leaves=30
)


def _take(store: Store, signal: Signal, body: bytes) -> None:
    """Do what the receivers do; what a sender is told of as its own fault may happen, nothing else."""
    try:
        checked = check_request(signal, body)
        if checked.items > checked.rejected:
            store.insert(signal, checked.body, received_unix_nano=1)
    except (InvalidRequest, Permanent):
        pass


@searching
@given(request=trace_requests | log_requests, edits=edits, signal=_signals)
def test_a_damaged_protobuf_request_is_stored_or_refused(
    store: Store, request: ExportTraceServiceRequest | ExportLogsServiceRequest, edits: Any, signal: Signal
) -> None:
    """Flipped, cut, inserted and repeated bytes, and requests sent to the wrong service."""
    _take(store, signal, damaged(request.SerializeToString(), edits))


@searching
@given(request=trace_requests | log_requests, edits=edits, signal=_signals)
def test_a_damaged_json_request_is_stored_or_refused(
    store: Store, request: ExportTraceServiceRequest | ExportLogsServiceRequest, edits: Any, signal: Signal
) -> None:
    """The same in JSON, ids in base64 included."""
    _take_json(store, signal, damaged(json_format.MessageToJson(request, indent=None).encode(), edits))


@searching
@given(document=_documents, signal=_signals)
def test_any_json_document_is_stored_or_refused(store: Store, document: object, signal: Signal) -> None:
    """Known names in unknown places, numbers out of range, NaN."""
    _take_json(store, signal, json.dumps(document).encode())


def _take_json(store: Store, signal: Signal, text: bytes) -> None:
    try:
        body = json_to_protobuf(signal, text)
    except InvalidRequest:
        return
    _take(store, signal, body)

"""OTLP/JSON: hex ids, lowerCamelCase, numbers as text; the same request as its Protobuf."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.otlp.json_codec import json_to_protobuf, message_to_json
from tests.support.otlp_requests import log_requests, trace_requests

_EXAMPLE = """
{"resourceSpans": [{
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
  "scopeSpans": [{"scope": {"name": "curl"}, "spans": [{
    "traceId": "5B8EFFF798038103D269B633813FC60C", "spanId": "EEE19B7EC3C1B174", "parentSpanId": "EEE19B7EC3C1B173",
    "name": "turn", "startTimeUnixNano": "1544712660000000000", "endTimeUnixNano": 1544712661000000000, "kind": 2,
    "attributes": [{"key": "traceId", "value": {"stringValue": "left alone"}},
                   {"key": "n", "value": {"intValue": "7"}}],
    "unknownField": 1
  }]}]}]}
"""


def _spans(body: bytes) -> ExportTraceServiceRequest:
    return ExportTraceServiceRequest.FromString(json_to_protobuf("traces", body))


def test_the_specification_s_example_is_read() -> None:
    """Ids are hex of either case, times text or numbers, unknown fields passed over, attribute values untouched."""
    request = _spans(_EXAMPLE.encode())

    span = request.resource_spans[0].scope_spans[0].spans[0]
    assert span.trace_id.hex() == "5b8efff798038103d269b633813fc60c"
    assert span.parent_span_id.hex() == "eee19b7ec3c1b173"
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (1544712660000000000, 1544712661000000000)
    assert span.attributes[0].value.string_value == "left alone"
    assert span.attributes[1].value.int_value == 7


@given(trace_requests)
def test_spans_go_to_json_and_back(request: ExportTraceServiceRequest) -> None:
    """What is written as OTLP/JSON reads back as the same request."""
    text = json.dumps(message_to_json(request)).encode()

    # Text, because NaN differs from itself.
    assert str(_spans(text)) == str(request)


@given(log_requests)
def test_log_records_go_to_json_and_back(request: ExportLogsServiceRequest) -> None:
    """What is written as OTLP/JSON reads back as the same request."""
    text = json.dumps(message_to_json(request)).encode()

    read = ExportLogsServiceRequest.FromString(json_to_protobuf("logs", text))
    assert str(read) == str(request)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "must be a JSON object"),
        (b"7", "must be a JSON object"),
        (b'{"resourceSpans": 7}', "not an ExportTraceServiceRequest"),
        (b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"startTimeUnixNano": "soon"}]}]}]}', "soon"),
    ],
)
def test_what_is_no_request_is_refused_with_what_is_wrong(body: bytes, part: str) -> None:
    """The message names the fault."""
    with pytest.raises(InvalidRequest, match=part):
        json_to_protobuf("traces", body)


def test_an_id_that_is_not_hex_spoils_its_span_alone() -> None:
    """The request is read; the span's id has a wrong length, so that it is rejected by itself."""
    document = json.loads(_EXAMPLE)
    document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] = "not hex"

    request = _spans(json.dumps(document).encode())

    assert len(request.resource_spans[0].scope_spans[0].spans[0].trace_id) == 1


def test_ids_that_are_null_are_absent() -> None:
    """A root span whose sender writes all fields has no parent."""
    document = json.loads(_EXAMPLE)
    document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["parentSpanId"] = None
    document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["kind"] = "2"

    (span,) = _spans(json.dumps(document).encode()).resource_spans[0].scope_spans[0].spans

    assert span.parent_span_id == b""


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["resourceSpans", "scopeSpans", "spans", "traceId", "attributes", "value", "x"]), inner
        )
    ),
    max_leaves=12,
)


@given(_json)
def test_any_json_is_a_request_or_is_refused(document: object) -> None:
    """No document brings the parser down with another error."""
    try:
        json_to_protobuf("traces", json.dumps(document).encode())
    except InvalidRequest:
        return


def test_nesting_without_end_is_refused() -> None:
    """A document of a hundred thousand brackets is malformed, not a crash."""
    with pytest.raises(InvalidRequest):
        json_to_protobuf("traces", b'{"a":' * 100_000 + b"1" + b"}" * 100_000)

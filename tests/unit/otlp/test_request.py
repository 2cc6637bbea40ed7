"""Export requests checked: what is malformed is refused, what has a bad id is counted, the rest is left as it came."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.otlp.nested import varint
from botlogs_collector.otlp.request import MAX_ATTRIBUTES, check_request
from tests.bench.requests import trace_requests as bench_requests
from tests.support.otlp_requests import trace_requests

TRACE = bytes(range(16))
SPAN = bytes(range(1, 9))


def _spans(*ids: tuple[bytes, bytes]) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for trace_id, span_id in ids:
        spans.add(trace_id=trace_id, span_id=span_id, name="s")
    return request


@given(trace_requests)
def test_a_request_without_nested_values_goes_on_as_it_came(request: ExportTraceServiceRequest) -> None:
    """The bytes of the sender are not rewritten for nothing."""
    for resource in request.resource_spans:
        resource.resource.ClearField("attributes")
        for scope in resource.scope_spans:
            scope.scope.ClearField("attributes")
            for span in scope.spans:
                for part in (span, *span.events, *span.links):
                    part.ClearField("attributes")
    body = request.SerializeToString()

    checked = check_request("traces", body)

    assert checked.body is body
    assert checked.rejected == 0
    assert checked.items == sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans)


@pytest.mark.parametrize(
    ("trace_id", "span_id"),
    [
        (b"", SPAN),
        (TRACE, b""),
        (TRACE[:15], SPAN),
        (TRACE + b"x", SPAN),
        (TRACE, SPAN[:7]),
        (bytes(16), SPAN),
        (TRACE, bytes(8)),
    ],
)
def test_a_span_with_a_bad_id_is_counted_alone(trace_id: bytes, span_id: bytes) -> None:
    """One bad id rejects its span, not the request; the message says what ids must be."""
    checked = check_request("traces", _spans((TRACE, SPAN), (trace_id, span_id)).SerializeToString())

    assert (checked.items, checked.rejected) == (2, 1)
    assert checked.message == "1 of 2 rejected: trace_id must be 16 bytes and span_id 8 bytes, not all zero"


@pytest.mark.parametrize(
    ("trace_id", "span_id", "rejected"), [(b"", b"", 0), (TRACE, b"", 0), (TRACE[:8], b"", 1), (TRACE, b"x", 1)]
)
def test_a_log_record_may_have_no_ids_but_none_of_a_wrong_length(
    trace_id: bytes, span_id: bytes, rejected: int
) -> None:
    """Log records outside of traces are good ones."""
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(trace_id=trace_id, span_id=span_id)

    assert check_request("logs", request.SerializeToString()).rejected == rejected


@pytest.mark.parametrize("signal", ["traces", "logs"])
@pytest.mark.parametrize("body", [b"\x0a\x05abc", b"not protobuf at all", b"\x0a\xff\xff\xff\xff\x0f"])
def test_bytes_that_are_no_request_are_refused(signal: Literal["traces", "logs"], body: bytes) -> None:
    """The error says which message was expected."""
    with pytest.raises(InvalidRequest, match="not an Export"):
        check_request(signal, body)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_are_refused(body: bytes) -> None:
    """No bytes at all bring the check down with another error."""
    try:
        checked = check_request("traces", body)
    except InvalidRequest:
        return
    assert checked.rejected <= checked.items


def test_invalid_utf8_in_text_is_refused() -> None:
    """Protobuf's text is UTF-8; bytes that are not belong into bytes_value."""
    body = _spans((TRACE, SPAN)).SerializeToString().replace(b"\x2a\x01s", b"\x2a\x01\xff")

    with pytest.raises(InvalidRequest, match="not an ExportTraceServiceRequest"):
        check_request("traces", body)


def test_an_empty_request_has_nothing() -> None:
    """An empty export is a good one."""
    assert check_request("traces", b"").items == 0


def test_nesting_without_end_is_refused() -> None:
    """A value nested deeper than Protobuf's limit is malformed, not a crash."""
    value = b"\x18\x01"
    for tag in b"\x0a\x2a" * 75 + b"\x12":  # values, array_value, …, then KeyValue.value
        value = bytes([tag]) + varint(len(value)) + value
    for tag in b"\x4a\x12\x12\x0a":  # Span.attributes, ScopeSpans.spans, ResourceSpans.scope_spans, resource_spans
        value = bytes([tag]) + varint(len(value)) + value

    with pytest.raises(InvalidRequest, match="100 deep"):
        check_request("traces", value)


@pytest.mark.parametrize("signal", ["traces", "logs"])
def test_a_span_or_record_has_so_many_attributes_and_no_more(signal: Literal["traces", "logs"]) -> None:
    """At the limit it is taken; beyond, the request is refused with the number and the limit."""
    traces, logs = ExportTraceServiceRequest(), ExportLogsServiceRequest()
    span = traces.resource_spans.add().scope_spans.add().spans.add(trace_id=TRACE, span_id=SPAN, name="s")
    record = logs.resource_logs.add().scope_logs.add().log_records.add()
    item, request = (span, traces) if signal == "traces" else (record, logs)
    for _ in range(MAX_ATTRIBUTES):
        item.attributes.add(key="k")

    assert check_request(signal, request.SerializeToString()).rejected == 0
    item.attributes.add(key="k")
    with pytest.raises(InvalidRequest, match=r"10001 attributes; at most 10000"):
        check_request(signal, request.SerializeToString())


@pytest.mark.parametrize("what", ["an event of span 's'", "a link of span 's'", "a resource", "a scope"])
def test_more_attributes_than_anybody_has_are_refused_in_every_part_of_a_trace(what: str) -> None:
    """10,000 are taken, one more is refused, and the sender hears what has too many."""
    request = _spans((TRACE, SPAN), (TRACE, SPAN))
    group = request.resource_spans[0]
    scope = group.scope_spans[0]
    span = scope.spans[1]
    parts = {
        "an": span.events.add(),
        "a link of": span.links.add(),
        "a resource": group.resource,
        "a scope": scope.scope,
    }
    (part,) = (part for begins, part in parts.items() if what.startswith(begins))
    part.attributes.extend([KeyValue()] * MAX_ATTRIBUTES)

    assert check_request("traces", request.SerializeToString()).rejected == 0
    part.attributes.add()
    with pytest.raises(InvalidRequest, match=f"^{what} has 10001 attributes; at most 10000$"):
        check_request("traces", request.SerializeToString())


@pytest.mark.parametrize("what", ["resource", "scope"])
def test_more_attributes_than_anybody_has_are_refused_beside_log_records(what: str) -> None:
    """The same of what log records share."""
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    part = group.resource if what == "resource" else group.scope_logs.add().scope
    part.attributes.extend([KeyValue()] * (MAX_ATTRIBUTES + 1))

    with pytest.raises(InvalidRequest, match=f"^a {what} has 10001 attributes; at most 10000$"):
        check_request("logs", request.SerializeToString())


@pytest.mark.parametrize("tag", [b"\x5a", b"\xda\x00", b"\xda\x80\x80\x80\x00"])
@pytest.mark.parametrize("pad", [b"", b"\x80\x00"])
def test_no_spelling_hides_an_event_with_too_many_attributes(tag: bytes, pad: bytes) -> None:
    """Protobuf lets tags and lengths be written longer than they need be."""
    event = b"\x1a\x00" * (MAX_ATTRIBUTES + 1)
    length = varint(len(event))
    length = length[:-1] + bytes([length[-1] | 0x80]) + pad if pad else length
    body = tag + length + event
    for outer in (0x12, 0x12, 0x0A):
        body = bytes([outer]) + varint(len(body)) + body

    with pytest.raises(InvalidRequest, match="an event of span '' has 10001 attributes"):
        check_request("traces", body)


def test_text_that_looks_like_a_crowded_event_is_no_event() -> None:
    """What the bytes make likely, Protobuf decides."""
    event = b"\x1a\x00" * (MAX_ATTRIBUTES + 1)
    request = _spans((TRACE, SPAN))
    value = request.resource_spans[0].scope_spans[0].spans[0].attributes.add(key="k").value
    value.bytes_value = b"\x5a" + varint(len(event)) + event

    assert check_request("traces", request.SerializeToString()).items == 1


def test_a_resource_that_is_repeated_beyond_measure_is_refused() -> None:
    """What is small on the wire and a gigabyte in the store is refused; what is less counts for what it is there."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.add(key="k").value.string_value = "x" * 200_000
    scope = group.scope_spans.add()
    for _ in range(600):
        scope.spans.add(trace_id=TRACE, span_id=SPAN)

    fine = check_request("traces", request.SerializeToString())
    for _ in range(100):
        scope.spans.add(trace_id=TRACE, span_id=SPAN)
    body = request.SerializeToString()

    assert fine.size > 100 * len(fine.body)
    assert len(body) < 300_000
    with pytest.raises(InvalidRequest, match=r"stored with each of 700 spans or records.*send fewer at once"):
        check_request("traces", body)


def test_a_usual_request_weighs_its_bytes() -> None:
    """A resource of usual size counts for nothing more."""
    body = bench_requests(512, 1)[0]

    assert check_request("traces", body).size == len(body)

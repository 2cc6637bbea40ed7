"""OTLP/JSON written straight to Protobuf's bytes: what it takes it reads as json_format does."""

import copy
import json

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.otlp.json_codec import message_to_json, read_document
from botlogs_collector.otlp.json_wire import UnusualError, write_message
from tests.support.otlp_requests import log_requests, trace_requests

# Values of every kind, at their bounds and beyond, in every spelling.
_odd = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 2**31, -(2**31) - 1, 2**32, 2**63, -(2**63), 2**64, 1.0, 1.5, 1e300, float("nan")]),
    st.sampled_from(
        ["", "0", "7", "-7", "+7", " 7", "7 ", "1_0", "1.0", "1e3", "\u0667", "18446744073709551616", "NaN"]
    ),
    st.sampled_from(
        ["SPAN_KIND_SERVER", "STATUS_CODE_ERROR", "SEVERITY_NUMBER_WARN", "true", "5b8e", "zz", "_-8=", "a"]
    ),
    st.text(max_size=3),
    st.sampled_from(["\ud800", "ä€😀"]),
    st.lists(st.integers() | st.none(), max_size=2),
    st.just({}),
)


def _objects(**members: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Objects with any of these members, some with odd values, some with names that nobody knows."""
    known = {name.removesuffix("_"): values | _odd for name, values in members.items()}
    unknown = {"x": _odd, "[a.b]": _odd}
    return st.fixed_dictionaries({}, optional={**known, **unknown}) | _odd


_any_value = st.recursive(
    _objects(stringValue=_odd, boolValue=_odd, intValue=_odd, doubleValue=_odd, bytesValue=_odd, string_value=_odd)
    | st.sampled_from(["stringValue", "boolValue", "intValue", "doubleValue", "bytesValue"]).flatmap(
        lambda name: _odd.map(lambda value: {name: value})
    ),
    lambda inner: (
        _objects(arrayValue=_objects(values=st.lists(inner, max_size=2)))
        | _objects(kvlistValue=_objects(values=st.lists(_objects(key=st.text(max_size=2), value=inner), max_size=2)))
    ),
    max_leaves=3,
)
_attributes = st.lists(_objects(key=st.text(max_size=3), value=_any_value), max_size=2)
_span = _objects(
    traceId=st.just("5B8EFFF798038103D269B633813FC60C"),
    trace_id=st.just("00"),
    spanId=st.just("EEE19B7EC3C1B174"),
    kind=_odd,
    flags=_odd,
    name=_odd,
    startTimeUnixNano=_odd,
    droppedAttributesCount=_odd,
    attributes=_attributes,
    events=st.lists(_objects(timeUnixNano=_odd, attributes=_attributes), max_size=1),
    status=_objects(code=_odd, message=_odd),
)
_trace_documents = st.fixed_dictionaries(
    {
        "resourceSpans": st.lists(
            _objects(
                resource=_objects(attributes=_attributes),
                scopeSpans=st.lists(_objects(scope=_objects(name=_odd), spans=st.lists(_span, max_size=2)), max_size=2),
            ),
            max_size=2,
        )
    }
)


@given(_trace_documents)
def test_what_is_taken_is_read_as_json_format_reads_it(document: dict[str, object]) -> None:
    """Whatever comes: the same message, or left to json_format."""
    try:
        written = write_message(ExportTraceServiceRequest.DESCRIPTOR, copy.deepcopy(document))
    except UnusualError:
        return

    expected = ExportTraceServiceRequest()
    read_document(document, expected)
    assert str(ExportTraceServiceRequest.FromString(written)) == str(expected)


@given(trace_requests)
def test_the_spans_of_official_senders_are_taken(request: ExportTraceServiceRequest) -> None:
    """Text, numbers, ids, enums, bytes and nested values as OTLP says them do not need json_format."""
    document = json.loads(json.dumps(message_to_json(request)))

    if "NaN" not in str(document) and "Infinity" not in str(document):
        written = write_message(request.DESCRIPTOR, document)
        assert str(ExportTraceServiceRequest.FromString(written)) == str(request)


@given(log_requests)
def test_the_log_records_of_official_senders_are_taken(request: ExportLogsServiceRequest) -> None:
    """Bodies and severities too."""
    document = json.loads(json.dumps(message_to_json(request)))

    if "NaN" not in str(document) and "Infinity" not in str(document):
        written = write_message(request.DESCRIPTOR, document)
        assert str(ExportLogsServiceRequest.FromString(written)) == str(request)

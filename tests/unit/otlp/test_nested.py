"""Nested attribute values: found without parsing, turned into JSON text, kept as they came."""

import json

from hypothesis import given
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from botlogs_collector._pb.botlogs.v1.common_pb2 import AnyValue as EngineValue
from botlogs_collector.otlp.nested import flatten_nested, has_nested, to_json
from tests.support.otlp_requests import log_requests, nested_values, trace_requests


def _values_of(attributes: list[KeyValue]) -> bool:
    return any(a.value.WhichOneof("value") in ("array_value", "kvlist_value") for a in attributes)


def _has_nested(request: ExportTraceServiceRequest | ExportLogsServiceRequest) -> bool:
    if isinstance(request, ExportTraceServiceRequest):
        return any(
            _values_of([*r.resource.attributes, *s.scope.attributes])
            or any(_values_of([*x.attributes]) for span in s.spans for x in (span, *span.events, *span.links))
            for r in request.resource_spans
            for s in r.scope_spans
        ) or any(_values_of([*r.resource.attributes]) for r in request.resource_spans)
    return any(
        _values_of([*s.scope.attributes, *(KeyValue(value=x.body) for x in s.log_records)])
        or any(_values_of([*record.attributes]) for record in s.log_records)
        for r in request.resource_logs
        for s in r.scope_logs
    ) or any(_values_of([*r.resource.attributes]) for r in request.resource_logs)


@given(trace_requests)
def test_nested_values_of_spans_are_found(request: ExportTraceServiceRequest) -> None:
    """Wherever an array or a map is, the question asked of the bytes says so, and never where there is none."""
    assert has_nested(request.SerializeToString(), is_logs=False) == _has_nested(request)


@given(log_requests)
def test_nested_values_of_log_records_are_found(request: ExportLogsServiceRequest) -> None:
    """Bodies count as attributes do."""
    assert has_nested(request.SerializeToString(), is_logs=True) == _has_nested(request)


def test_an_id_that_looks_like_a_nested_value_is_none() -> None:
    """Random ids look like an array or a map often enough that asking the bytes alone would be costly."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=bytes(range(16)))
    span.span_id = b"\x32\x06" + bytes(range(6))

    assert not has_nested(request.SerializeToString(), is_logs=False)


@given(trace_requests)
def test_nothing_nested_is_left(request: ExportTraceServiceRequest) -> None:
    """The engine, which cannot recurse, never sees an array or a map."""
    flatten_nested(request)

    assert not _has_nested(request)


@given(nested_values)
def test_the_original_is_kept_beside_the_text(value: AnyValue) -> None:
    """What is forwarded later is byte for byte what came."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.attributes.append(KeyValue(key="k", value=value))
    text = to_json(value)

    flatten_nested(request)

    stored = EngineValue.FromString(span.attributes[0].value.SerializeToString())
    assert stored.string_value == text
    assert AnyValue.FromString(stored.original) == value


@given(nested_values)
def test_the_text_is_json(value: AnyValue) -> None:
    """Also with NaN, bytes and empty values inside."""
    json.loads(to_json(value), parse_constant=lambda name: (_ for _ in ()).throw(AssertionError(name)))


def test_a_value_nested_six_deep_reads_as_json() -> None:
    """Order, types and bytes survive as JSON can say them."""
    value = AnyValue(bytes_value=b"\xff\xfe")
    for depth in range(6):
        pair = KeyValue(key=f"k{depth}", value=value)
        value = AnyValue(
            array_value=ArrayValue(values=[AnyValue(kvlist_value=KeyValueList(values=[pair])), AnyValue(int_value=1)])
        )

    text = to_json(value)

    assert text == ('[{"k5":[{"k4":[{"k3":[{"k2":[{"k1":[{"k0":"//4="},1]},1]},1]},1]},1]},1]')


def test_keys_that_come_twice_lose_nothing_but_the_text_s_earlier_one() -> None:
    """JSON cannot say a key twice; the original still does."""
    pairs = [KeyValue(key="a", value=AnyValue(int_value=n)) for n in (1, 2)]

    assert to_json(AnyValue(kvlist_value=KeyValueList(values=pairs))) == '{"a":2}'

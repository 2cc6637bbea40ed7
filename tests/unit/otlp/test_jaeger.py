"""Jaeger's JSON as OTLP: tags, logs, references, processes, kinds and statuses."""

from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.otlp.jaeger import trace_of_jaeger
from tests.support.sender import any_value, attributes

_TRACE = "0af7651916cd43dd8448eb211c80319c"


def _tag(key: str, kind: str, value: object) -> dict[str, object]:
    return {"key": key, "type": kind, "value": value}


def _span(**fields: object) -> dict[str, object]:
    return {
        "traceID": _TRACE, "spanID": "b7ad6b7169203331", "operationName": "node", "references": [],
        "startTime": 1_000_001, "duration": 7, "tags": [], "logs": [], "processID": "p1", "warnings": None, **fields,
    }  # fmt: skip


def _read(*spans: dict[str, object], processes: dict[str, Any] | None = None) -> Any:
    processes = processes or {"p1": {"serviceName": "shop", "tags": []}}
    return trace_of_jaeger({"traceID": _TRACE, "spans": list(spans), "processes": processes, "warnings": None})


def _one(**fields: object) -> Span:
    return _read(_span(**fields)).resource_spans[0].scope_spans[0].spans[0]


def test_times_and_ids_are_kept() -> None:
    """Microseconds become nanoseconds; ids without their leading zeros get them back."""
    span = _one(traceID="5", spanID="ab1", flags=1)

    assert (span.trace_id.hex(), span.span_id.hex()) == ("5".rjust(32, "0"), "ab1".rjust(16, "0"))
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (1_000_001_000, 1_000_008_000)
    assert (span.name, span.flags) == ("node", 1)


def test_tags_keep_their_types() -> None:
    """Numbers that JSON cannot hold come as text."""
    tags = [
        _tag("text", "string", "7"), _tag("yes", "bool", value=True), _tag("no", "bool", "false"),
        _tag("n", "int64", 7), _tag("big", "int64", "9007199254740993"), _tag("x", "float64", 0.5),
        _tag("raw", "binary", "AP8="),
    ]  # fmt: skip

    assert list(_one(tags=tags).attributes) == attributes(
        {"text": "7", "yes": True, "no": False, "n": 7, "big": 9007199254740993, "x": 0.5, "raw": b"\x00\xff"}
    )


def test_what_has_a_field_leaves_the_tags() -> None:
    """Kind, status, trace state, dropped counts and scope, as OpenTelemetry's exporters write them for Jaeger."""
    tags = [
        _tag("span.kind", "string", "client"), _tag("otel.status_code", "string", "ERROR"), _tag("error", "bool", True),
        _tag("otel.status_description", "string", "timed out"), _tag("w3c.tracestate", "string", "a=1"),
        _tag("otel.dropped_events_count", "int64", 3), _tag("otel.scope.name", "string", "lib"),
        _tag("otel.library.name", "string", "lib"), _tag("otel.scope.version", "string", "1.2"),
        _tag("left", "string", "x"),
    ]  # fmt: skip

    scope = _read(_span(tags=tags)).resource_spans[0].scope_spans[0]
    (span,) = scope.spans

    assert (scope.scope.name, scope.scope.version) == ("lib", "1.2")
    assert (span.kind, span.status.code, span.status.message) == (Span.SPAN_KIND_CLIENT, 2, "timed out")
    assert (span.trace_state, span.dropped_events_count) == ("a=1", 3)
    assert [attribute.key for attribute in span.attributes] == ["left"]


@pytest.mark.parametrize(
    ("tags", "code", "left"),
    [
        ([_tag("error", "bool", True)], 2, []),
        ([_tag("error", "string", "true")], 2, []),
        ([_tag("error", "bool", False)], 0, ["error"]),
        ([_tag("otel.status_code", "string", "OK")], 1, []),
        ([], 0, []),
    ],
    ids=["error", "error as text", "no error", "ok", "unset"],
)
def test_status(tags: list[dict[str, object]], code: int, left: list[str]) -> None:
    """OpenTracing's `error` is a status too."""
    span = _one(tags=tags)

    assert span.status.code == code
    assert [attribute.key for attribute in span.attributes] == left


def test_logs_are_events() -> None:
    """The field `event` names it; the others are its attributes."""
    fields = [_tag("event", "string", "exception"), _tag("n", "int64", 1)]
    span = _one(logs=[{"timestamp": 2, "fields": fields}, {"timestamp": 3, "fields": []}])

    assert [(event.time_unix_nano, event.name) for event in span.events] == [(2000, "exception"), (3000, "")]
    assert list(span.events[0].attributes) == attributes({"n": 1})


def test_a_reference_is_the_parent_and_the_rest_are_links() -> None:
    """The first CHILD_OF of the same trace is the parent; links say what they were."""
    other = {"refType": "FOLLOWS_FROM", "traceID": "f" * 32, "spanID": "1"}
    follows = {"refType": "FOLLOWS_FROM", "traceID": _TRACE, "spanID": "2"}
    child = {"refType": "CHILD_OF", "traceID": _TRACE, "spanID": "3"}

    span = _one(references=[other, follows, child])
    only_follows = _one(references=[follows])

    assert span.parent_span_id.hex() == "3".rjust(16, "0")
    assert [(link.trace_id.hex(), link.span_id.hex()[-1]) for link in span.links] == [("f" * 32, "1"), (_TRACE, "2")]
    assert list(span.links[0].attributes) == attributes({"opentracing.ref_type": "follows_from"})
    assert (only_follows.parent_span_id.hex()[-1], len(only_follows.links)) == ("2", 0)


def test_processes_are_resources() -> None:
    """One for each, with the service's name and the process's tags."""
    processes = {
        "p1": {"serviceName": "shop", "tags": [_tag("hostname", "string", "a")]},
        "p2": {"serviceName": "bank", "tags": [_tag("service.name", "string", "said twice")]},
    }

    groups = _read(_span(), _span(spanID="2", processID="p2"), processes=processes).resource_spans

    assert [list(group.resource.attributes) for group in groups] == [
        attributes({"service.name": "shop", "hostname": "a"}),
        attributes({"service.name": "bank"}),
    ]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], 'needs "spans"'),
        ({"traceID": "1"}, 'needs "spans"'),
        ({"spans": [{"spanID": "1"}]}, "'traceID' is missing"),
        ({"spans": [_span(traceID="x")]}, "non-hexadecimal"),
        ({"spans": [_span(spanID="1" * 17)]}, "longer than 16 hex digits"),
        ({"spans": [_span(tags=[_tag("n", "int64", "seven")])]}, "invalid literal"),
    ],
    ids=["a list", "no spans", "no id", "no hex", "long id", "no number"],
)  # fmt: skip
def test_what_is_no_trace_is_refused_in_words(document: object, said: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(InvalidRequest, match=said):
        trace_of_jaeger(document)


def test_values_of_no_known_type_are_text() -> None:
    """A tag without a type is still shown."""
    assert _one(tags=[{"key": "k", "value": 5}]).attributes[0].value == any_value("5")

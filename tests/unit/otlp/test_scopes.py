"""Requests cut into scopes: the pieces say what the request said."""

import pytest
from hypothesis import given
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.otlp.scopes import cut_scopes
from tests.support.otlp_requests import log_requests, trace_requests


@given(trace_requests)
def test_every_scope_of_spans_keeps_its_resource(request: ExportTraceServiceRequest) -> None:
    """One piece a scope, in order, each with the resource and the schema URL of its group."""
    expected = [
        ResourceSpans(resource=group.resource, schema_url=group.schema_url, scope_spans=[scope])
        for group in request.resource_spans
        for scope in group.scope_spans
    ]

    pieces = [ResourceSpans.FromString(b"".join(parts)) for parts in cut_scopes(request.SerializeToString())]

    assert pieces == expected


@given(log_requests)
def test_every_scope_of_records_keeps_its_resource(request: ExportLogsServiceRequest) -> None:
    """Logs are cut by the same rule."""
    expected = [
        ResourceLogs(resource=group.resource, schema_url=group.schema_url, scope_logs=[scope])
        for group in request.resource_logs
        for scope in group.scope_logs
    ]

    pieces = [ResourceLogs.FromString(b"".join(parts)) for parts in cut_scopes(request.SerializeToString())]

    assert pieces == expected


def test_unknown_fields_are_passed_over() -> None:
    """A newer sender's fields, of any wire type, do not confuse the cut."""
    group = ResourceSpans(schema_url="s")
    group.scope_spans.add(schema_url="inner")
    unknown = b"\xf8\x07\x96\x01" + b"\xf9\x07" + bytes(8) + b"\xfa\x07\x02hi" + b"\xfd\x07" + bytes(4)
    content = unknown + group.SerializeToString()
    body = unknown + b"\x0a" + bytes([len(content)]) + content

    (pieces,) = cut_scopes(body)

    assert ResourceSpans.FromString(b"".join(pieces)).scope_spans[0].schema_url == "inner"


def test_groups_are_refused() -> None:
    """OTLP never had Protobuf groups."""
    with pytest.raises(InvalidRequest, match="wire type 3"):
        list(cut_scopes(b"\xfb\x07\xfc\x07"))

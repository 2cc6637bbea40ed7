"""The smallest request: what fault tests send when its content does not matter."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.hold import add_spans
from tests.support.sender import T0

T0_NS = round(T0)


def span_request(conversation: str, count: int = 1, *, environment: str = "sandbox", **attributes: str) -> bytes:
    """Return an OTLP request with *count* spans of *conversation*."""
    return spans_and_ids(conversation, count, environment=environment, **attributes)[0]


def spans_and_ids(
    conversation: str, count: int = 1, *, environment: str = "sandbox", **attributes: str
) -> tuple[bytes, set[str]]:
    """Return such a request and the ids of its spans."""
    request = ExportTraceServiceRequest()
    ids = add_spans(request, conversation, T0_NS, count, environment=environment, **attributes)  # pyright: ignore[reportArgumentType]
    return request.SerializeToString(), set(ids)

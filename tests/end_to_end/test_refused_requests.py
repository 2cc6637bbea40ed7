"""What a sender may not send: refused at once, over HTTP and gRPC, with what is wrong."""

import gzip
import json
from collections.abc import Iterator
from typing import cast

import grpc
import pytest
from google.rpc.status_pb2 import Status

from tests.support.service import Service, post

_TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service, with the limit that the tests of this file go over."""
    limits = {"BOTLOGS_RECEIVERS__OTLP__MAX_REQUEST_BYTES": str(16 * 1024 * 1024)}
    with Service(tmp_path_factory.mktemp("service") / "data", limits) as running:
        yield running


def test_metrics_are_plainly_not_handled(service: Service) -> None:
    """Neither protocol pretends to take metrics."""
    status, _, body = post(f"{service.http}/v1/metrics", b"")
    with grpc.insecure_channel(service.grpc) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary(_METRICS)(b"", timeout=30)

    assert status == 501
    assert b"metrics are not handled" in body
    assert cast("grpc.Call", refused.value).code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    ("body", "content_type", "encoding", "status", "text"),
    [
        (b"\x0a\x7f", "application/x-protobuf", None, 400, "not an ExportTraceServiceRequest"),
        (b"{", "application/json", None, 400, "not JSON"),
        (b"", "text/plain", None, 415, "content-type 'text/plain' is not supported"),
        (b"", "application/x-protobuf", "br", 415, "content-encoding 'br' is not supported"),
        (b"plainly not compressed", "application/x-protobuf", "gzip", 400, "not gzip"),
        (b"x" * 17_000_000, "application/x-protobuf", None, 413, "send smaller batches"),
        (gzip.compress(bytes(50_000_000)), "application/x-protobuf", "gzip", 413, "send smaller batches"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_what_is_wrong(
    service: Service, body: bytes, content_type: str, encoding: str | None, status: int, text: str
) -> None:
    """Malformed, unsupported or too large: a status that says so, in the request's own format, or else in JSON."""
    answered, _, answer = post(f"{service.http}/v1/traces", body, content_type, encoding)

    is_protobuf = content_type == "application/x-protobuf"
    message = Status.FromString(answer).message if is_protobuf else json.loads(answer)["message"]
    assert answered == status
    assert text in message


def test_malformed_over_grpc_is_invalid_argument(service: Service) -> None:
    """A sender must not retry what can never be read."""
    with grpc.insecure_channel(service.grpc) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary(_TRACES)(b"\x0a\x7f", timeout=30)

    call = cast("grpc.Call", refused.value)
    assert call.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "not an ExportTraceServiceRequest" in (call.details() or "")


def test_a_grpc_message_that_is_too_large_is_refused(service: Service) -> None:
    """Compressed or not, the limit is of the message's true size."""
    for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
        with grpc.insecure_channel(service.grpc, compression=compression) as channel:
            with pytest.raises(grpc.RpcError) as refused:
                channel.unary_unary(_TRACES)(bytes(17_000_000), timeout=60)
        assert cast("grpc.Call", refused.value).code() is grpc.StatusCode.RESOURCE_EXHAUSTED

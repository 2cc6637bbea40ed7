"""OTLP over gRPC before a store that fails."""

import asyncio

import grpc
import grpc.aio
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.clock import ManualClock
from botlogs_collector.errors import Retryable
from botlogs_collector.receive import otlp_grpc
from botlogs_collector.receive.fairness import Shares
from botlogs_collector.receive.group_commit import CommitLimits, GroupCommit
from botlogs_collector.receive.receiver import Receiver
from botlogs_collector.telemetry import Telemetry
from tests.support.fake_sink import FakeSink
from tests.support.guards import open_guard

_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def test_a_store_that_is_down_is_unavailable_with_a_hint() -> None:
    """A sender is told to come back, and when: UNAVAILABLE, retryable, with RetryInfo."""
    sink = FakeSink()
    sink.fails_with = Retryable("ClickHouse: connection refused", retry_after_s=3)

    error = asyncio.run(_refusal(sink))

    assert error.code() is grpc.StatusCode.UNAVAILABLE
    said = dict(error.trailing_metadata())["grpc-status-details-bin"]
    assert isinstance(said, bytes)
    details = Status.FromString(said)
    hint = RetryInfo()
    assert any(each.Unpack(hint) for each in details.details)
    assert hint.retry_delay.seconds == 3


async def _refusal(sink: FakeSink) -> grpc.aio.AioRpcError:
    telemetry = Telemetry()
    limits = CommitLimits(max_pending_bytes=10**6, max_pending_requests=10, max_commit_bytes=10**6)
    commit = GroupCommit("traces", sink, limits, ManualClock(), telemetry)
    server = grpc.aio.server()
    otlp_grpc.add_to_server(server, Receiver({"traces": commit}, telemetry), open_guard(), Shares(10**6, 10, telemetry))
    port = server.add_insecure_port("127.0.0.1:0")
    commit.start()
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await channel.unary_unary(_EXPORT)(_request(), timeout=20)
    finally:
        await server.stop(0)
        await commit.stop(10)
    return refused.value


def _request() -> bytes:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id = b"t" * 16, b"s" * 8
    return request.SerializeToString()

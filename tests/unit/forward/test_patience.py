"""Pauses between tries: they grow, they jitter, and an endpoint that asks for patience gets it."""

import random
import threading

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client import CollectorRegistry

from botlogs_collector.clock import SystemClock
from botlogs_collector.forward.delivery import Delivery, Stopping
from botlogs_collector.forward.grpc_endpoint import GrpcEndpoint
from botlogs_collector.forward.http_endpoint import HttpEndpoint
from botlogs_collector.forward.metrics import ForwardMetrics, ForwardSeries
from botlogs_collector.forward.pause import Pauses
from tests.support.forwarding import exporter
from tests.support.otlp_receiver import TAKE, Protocol, Reply, otlp_receiver


class Patience(threading.Event):
    """Pauses that take no time and are remembered; after the fifth the service stops."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Return whether it is over."""
        self.pauses.append(timeout or 0.0)
        return len(self.pauses) >= 5


def test_pauses_double_up_to_the_longest_and_jitter_by_half() -> None:
    """1, 2, 4 … 30 seconds, each between half and one and a half of that."""
    pauses = Pauses(random_=random.Random(1))

    taken = [pauses.next_s() for _ in range(8)]

    for pause, middle in zip(taken, [1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert middle / 2 <= pause <= middle * 1.5
    assert (
        len({round(pause / middle, 3) for pause, middle in zip(taken, [1, 2, 4, 8, 16, 30, 30, 30], strict=True)}) > 4
    )


def test_an_endpoint_is_given_the_time_it_asks_for_but_not_all_day() -> None:
    """Ten minutes at most: a mistake must not put forwarding to sleep."""
    assert Pauses().next_s(120.0) == 120.0
    assert Pauses().next_s(1e9) == 600.0


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_retry_info_and_retry_after_are_honoured(protocol: Protocol) -> None:
    """The pause after a throttled request is no shorter than asked for; then it is taken."""
    patience = Patience()
    replies = [Reply(code=grpc.StatusCode.RESOURCE_EXHAUSTED, status=429, retry_after_s=77), TAKE]
    with otlp_receiver(protocol) as receiver:
        receiver.behave = lambda _request: replies.pop(0)
        skipped = _delivery(protocol, receiver.endpoint, patience).deliver(_request(3))

    assert skipped == 0
    assert patience.pauses == [77.0]
    assert len(receiver.items) == 3


def test_stopping_ends_a_pause_and_keeps_what_waits() -> None:
    """A request that was not taken is no success: the cursor stays before it."""
    patience = Patience()
    with otlp_receiver("http") as receiver:
        receiver.behave = lambda _request: Reply(status=503)
        with pytest.raises(Stopping):
            _delivery("http", receiver.endpoint, patience).deliver(_request(1))

    assert receiver.asked == 5


def _delivery(protocol: Protocol, endpoint: str, patience: Patience) -> Delivery:
    target = exporter(endpoint, protocol=protocol)
    sender = GrpcEndpoint(target) if protocol == "grpc" else HttpEndpoint(target, SystemClock())
    metrics = ForwardMetrics(ForwardSeries(CollectorRegistry()), target.name, "traces")
    return Delivery(sender, "traces", metrics, timeout_s=20, stopping=patience)


def _request(spans: int) -> bytes:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number in range(spans):
        scope.spans.add(trace_id=bytes(15) + b"\1", span_id=bytes(7) + bytes([number + 1]))
    return request.SerializeToString()

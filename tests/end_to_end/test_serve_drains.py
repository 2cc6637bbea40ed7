"""Stopping `botlogs serve` under load: what was acknowledged is stored, what was not may be sent again."""

import secrets
import signal
import threading
from pathlib import Path

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.processes import until
from tests.support.sender import T0, attributes
from tests.support.service import Service, ask_store

_TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def _request(trace: bytes) -> bytes:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(attributes({"deployment.environment.name": "sandbox"}))
    group.scope_spans.add().spans.add(trace_id=trace, span_id=b"12345678", name="s", start_time_unix_nano=T0)
    return request.SerializeToString()


def test_sigterm_under_load_drains_and_exits_0(tmp_path: Path) -> None:
    """Every sender hears either that its data is durable, and then it is, or that it may send again."""
    acknowledged: set[str] = set()
    codes: set[grpc.StatusCode] = set()
    some_are_in = threading.Event()

    with Service(tmp_path / "data") as service, grpc.insecure_channel(service.grpc) as channel:
        export = channel.unary_unary(_TRACES)

        def send_until_refused() -> None:
            while True:
                trace = secrets.token_bytes(16)
                try:
                    export(_request(trace), timeout=60)
                except grpc.RpcError as error:
                    codes.add(error.code())  # pyright: ignore[reportAttributeAccessIssue]
                    return
                acknowledged.add(trace.hex())
                some_are_in.set()

        senders = [threading.Thread(target=send_until_refused) for _ in range(8)]
        for sender in senders:
            sender.start()
        until(some_are_in.is_set)

        code = service.program.stop(signal.SIGTERM)

        for sender in senders:
            sender.join()

    (stored,) = ask_store(service.folder, "SELECT DISTINCT TraceId FROM botlogs.otel_traces")
    assert (code, service.program.err) == (0, [])
    assert acknowledged - {row["TraceId"] for row in stored} == set()
    assert codes <= {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}

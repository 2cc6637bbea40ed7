"""More than it can take: refused early with a hint when to come back, memory bounded, nothing accepted is lost."""

import http.client
import re
import secrets
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from tests.faults.ledger import LONG, settle
from tests.faults.one_span import span_request
from tests.support.processes import until
from tests.support.service import Service, ask_store

SECONDS = 600 if LONG else 8
SENDERS = 32
SPANS = 1000
CEILING_MIB = 1400
_LIMITS = {
    "BOTLOGS_RECEIVERS__OTLP__MAX_PENDING_BYTES": str(4 * 1024 * 1024),
    "BOTLOGS_STORAGE__MAX_MEMORY_BYTES": str(1024**3),
}
_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
# Every request is this one with another trace id: making it must cost less than taking it.
_TRACE = secrets.token_bytes(16)
_ANY_TRACE = re.compile(rb"(?s)\x0a\x10.{16}\x12\x08")
_TEMPLATE = _ANY_TRACE.sub(lambda _: b"\x0a\x10" + _TRACE + b"\x12\x08", span_request("x", SPANS))


@dataclass(eq=False)
class _Sender(threading.Thread):
    """Sends as fast as it is answered; told to come back, it does so after as long as it was told."""

    target: str
    accepted: list[str] = field(default_factory=list[str])
    hints_s: list[float] = field(default_factory=list[float])
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__()

    def run(self) -> None:
        with grpc.insecure_channel(self.target, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            export: Callable[..., bytes] = channel.unary_unary(_EXPORT)
            while not self.stopping.is_set():
                trace = secrets.token_bytes(16)
                try:
                    export(_TEMPLATE.replace(_TRACE, trace), timeout=60)
                    self.accepted.append(trace.hex())
                except grpc.RpcError as error:
                    self.hints_s.append(_retry_after_s(error))
                    self.stopping.wait(self.hints_s[-1])


def _retry_after_s(error: grpc.RpcError) -> float:
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error  # pyright: ignore[reportAttributeAccessIssue]
    trailers: Any = error.trailing_metadata()  # pyright: ignore[reportAttributeAccessIssue]
    details = dict(trailers)["grpc-status-details-bin"]
    hint = error_details_pb2.RetryInfo()
    assert status_pb2.Status.FromString(details).details[0].Unpack(hint)
    return hint.retry_delay.ToMilliseconds() / 1000


def _quiet(service: Service, conversation: str) -> tuple[int, float]:
    """Send one span from another address, as another sender; return the status and the seconds that it took."""
    started = time.monotonic()
    address = service.http.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=60, source_address=("127.0.0.2", 0))
    connection.request("POST", "/v1/traces", span_request(conversation), {"content-type": "application/x-protobuf"})
    status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - started


def _peak_mib(service: Service) -> float:
    status = Path(f"/proc/{service.program.pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


@pytest.mark.timeout(SECONDS + 300)
def test_too_much_is_refused_early_and_what_was_accepted_is_there(tmp_path: Path) -> None:
    """Refusals carry a hint, another sender is served throughout, memory keeps its ceiling, latency recovers."""
    with Service(tmp_path / "data", _LIMITS) as service:
        senders = [_Sender(service.grpc) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        quiet: list[tuple[int, float]] = []
        until_s = time.monotonic() + SECONDS
        while time.monotonic() < until_s:
            quiet.append(_quiet(service, f"quiet-{len(quiet)}"))
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.join()
        ended_s = time.monotonic()
        until(lambda: _quiet(service, "after")[1] < 1.0, 10)
        recovered_s = time.monotonic() - ended_s
        peak_mib = _peak_mib(service)
        assert service.program.stop() == 0

    (rows,) = ask_store(
        service.folder,
        "SELECT TraceId AS t, count() AS rows FROM botlogs.otel_traces FINAL GROUP BY t",
    )
    hints_s = [hint for sender in senders for hint in sender.hints_s]
    readable = {row["t"]: row["rows"] // SPANS for row in rows if row["rows"] >= SPANS}
    accepted = {trace for sender in senders for trace in sender.accepted}
    note = f"{len(hints_s)} refused; peak {peak_mib:.0f} MiB; calm after {recovered_s:.1f} s"
    settle(f"overload, requests of {SPANS} spans", 1, acknowledged=accepted, readable=readable, note=note)
    assert min(hints_s) > 0
    assert {status for status, _ in quiet} == {200}
    assert statistics.median(took_s for _, took_s in quiet) < 20
    assert peak_mib < CEILING_MIB

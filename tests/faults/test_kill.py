"""Kill -9 at random moments under load: whatever was acknowledged is there, once, and nothing came out early."""

import random
import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.faults.ledger import LONG, settle
from tests.support.processes import until
from tests.support.sender import T0, attributes
from tests.support.service import Service, ask_store

KILLS = 200 if LONG else 10
_TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
_PRODUCTION = {
    "BOTLOGS_ENVIRONMENTS__PRODUCTION__RELEASE_DELAY": "500ms",
    "BOTLOGS_CONVERSATION__IDLE_TIMEOUT": "1s",
    "BOTLOGS_RELEASE__INTERVAL": "100ms",
}


@dataclass(eq=False)
class _Sender(threading.Thread):
    """Sends one conversation after another, half of them held, and notes what was acknowledged."""

    target: str
    spans: set[str] = field(default_factory=set[str])
    records: set[str] = field(default_factory=set[str])
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__()

    def run(self) -> None:
        with grpc.insecure_channel(self.target) as channel:
            export_spans, export_logs = channel.unary_unary(_TRACES), channel.unary_unary(_LOGS)
            environment = "production"
            while not self.stopping.is_set():
                environment = "sandbox" if environment == "production" else "production"
                self._conversation(export_spans, export_logs, environment)

    def _conversation(
        self,
        export_spans: "grpc.UnaryUnaryMultiCallable[bytes, bytes]",
        export_logs: "grpc.UnaryUnaryMultiCallable[bytes, bytes]",
        environment: str,
    ) -> None:
        trace = secrets.token_bytes(16)
        names = attributes({"gen_ai.conversation.id": f"conv-{trace.hex()}", "bot.id": "support"})
        traces, logs = ExportTraceServiceRequest(), ExportLogsServiceRequest()
        group, log_group = traces.resource_spans.add(), logs.resource_logs.add()
        for resource in (group.resource, log_group.resource):
            resource.attributes.extend(attributes({"deployment.environment.name": environment}))
        spans, records = group.scope_spans.add().spans, log_group.scope_logs.add().log_records
        span_ids = [secrets.token_bytes(8) for _ in range(5)]
        for span_id in span_ids:
            spans.add(trace_id=trace, span_id=span_id, name="node", start_time_unix_nano=T0, attributes=names)
            made = records.add(trace_id=trace, span_id=span_id, time_unix_nano=T0, event_name="bot.log")
            made.attributes.extend(names)
        keys = {f"{trace.hex()}-{span_id.hex()}" for span_id in span_ids}
        if _sent(export_spans, traces.SerializeToString()):
            self.spans |= keys
        if _sent(export_logs, logs.SerializeToString()):
            self.records |= keys


def _sent(export: "grpc.UnaryUnaryMultiCallable[bytes, bytes]", body: bytes) -> bool:
    """Send until an answer comes or the service is gone; true: it said that the data is durable."""
    try:
        export(body, timeout=5)
    except grpc.RpcError:
        return False
    return True


@pytest.mark.timeout(7200 if LONG else 300)
def test_kills_under_load_lose_nothing_and_release_once(tmp_path: Path) -> None:
    """Every acknowledged span and record is there once; every held conversation is released once, never early."""
    with Service(tmp_path / "data", _PRODUCTION) as service:
        senders = _send_through_kills(service)
        _wait_until_all_are_released(service)
        assert service.program.stop() == 0

    _assert_all_there_once(service.folder, senders)


def _send_through_kills(service: Service) -> list[_Sender]:
    senders = [_Sender(service.grpc) for _ in range(3)]
    for sender in senders:
        sender.start()
    pause = threading.Event()
    moments = random.SystemRandom()

    for _ in range(KILLS):
        before = _acknowledged(senders)
        until(lambda before=before: _acknowledged(senders) > before)  # there is load
        pause.wait(moments.uniform(0, 1.0))
        service.program.stop(9)
        service.restart()
    for sender in senders:
        sender.stopping.set()
        sender.join()
    return senders


def _acknowledged(senders: list[_Sender]) -> int:
    return sum(len(sender.spans) + len(sender.records) for sender in senders)


def _wait_until_all_are_released(service: Service) -> None:
    def all_released() -> bool:
        waiting = [service.get(f"/conversations?state={state}&limit=1")[1]["items"] for state in ("ongoing", "held")]
        return waiting == [[], []]

    until(all_released)


def _assert_all_there_once(folder: Path, senders: list[_Sender]) -> None:
    key = "concat(TraceId, '-', SpanId) AS key"
    spans, records, early, twice, total = ask_store(
        folder,
        f"SELECT {key}, count() AS times FROM botlogs.otel_traces FINAL GROUP BY key",
        f"SELECT {key}, count() AS times FROM botlogs.otel_logs FINAL GROUP BY key",
        # Readable before its time, or a delay that was cut short.
        "SELECT ConversationKey FROM botlogs.receipts FINAL"
        " WHERE ReleasedAt < AvailableAt OR AvailableAt < EndedAt + toIntervalMillisecond(500)",
        "SELECT ConversationKey, Episode, count() AS n FROM botlogs.receipts FINAL GROUP BY 1, 2 HAVING n > 1",
        "SELECT count() AS n FROM botlogs.receipts FINAL",
    )
    for what, sent, stored in (
        ("spans", [sender.spans for sender in senders], spans),
        ("records", [sender.records for sender in senders], records),
    ):
        readable = {row["key"]: row["times"] for row in stored}
        settle(f"kill -9 under load, {what}", KILLS, acknowledged=set().union(*sent), readable=readable)
    assert (early, twice) == ([], [])
    assert total[0]["n"] > 0

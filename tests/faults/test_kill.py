"""Kill -9 at random moments under load: whatever was acknowledged is there, once, and nothing came out early."""

import http.client
import os
import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.faults.ledger import LONG, settle
from tests.support.processes import until
from tests.support.sender import T0, attributes
from tests.support.service import Service, ask_store

KILLS = int(os.environ.get("BOTLOGS_KILLS", "200" if LONG else "10"))
_TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
_IDLE_NS, _DELAY_NS = 1_000_000_000, 500_000_000
_CONFIG = """
environments:
  sandbox: {release_delay: 0s}
  production: {release_delay: 500ms}
conversation: {idle_timeout: 1s}
release: {interval: 100ms}
tail_sampling:
  policies:
    - {name: fate, type: string_attribute, string_attribute: {key: fate, values: [keep]}}
"""
_ITEMS = 5  # spans, and records, of a conversation
_FATES = ("live", "keep", "drop")  # of a conversation, by turns; the first in the sandbox


@dataclass(eq=False)
class _Sender(threading.Thread):
    """Sends one conversation after another, two of three held, and notes what was acknowledged."""

    target: str
    spans: set[str] = field(default_factory=set[str])
    records: set[str] = field(default_factory=set[str])
    begun_ns: dict[str, int] = field(default_factory=dict[str, int])  # of held conversations that were acknowledged
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__()

    def run(self) -> None:
        with grpc.insecure_channel(self.target) as channel:
            exports = channel.unary_unary(_TRACES), channel.unary_unary(_LOGS)
            while not self.stopping.is_set():
                for fate in _FATES:
                    self._conversation(*exports, fate)

    def _conversation(
        self,
        export_spans: "grpc.UnaryUnaryMultiCallable[bytes, bytes]",
        export_logs: "grpc.UnaryUnaryMultiCallable[bytes, bytes]",
        fate: str,
    ) -> None:
        trace = secrets.token_bytes(16)
        conversation = f"{fate}-{trace.hex()}"
        names = attributes({"gen_ai.conversation.id": conversation, "bot.id": "support", "fate": fate})
        traces, logs = ExportTraceServiceRequest(), ExportLogsServiceRequest()
        group, log_group = traces.resource_spans.add(), logs.resource_logs.add()
        environment = "sandbox" if fate == "live" else "production"
        for resource in (group.resource, log_group.resource):
            resource.attributes.extend(attributes({"deployment.environment.name": environment}))
        spans, records = group.scope_spans.add().spans, log_group.scope_logs.add().log_records
        span_ids = [secrets.token_bytes(8) for _ in range(_ITEMS)]
        for span_id in span_ids:
            spans.add(trace_id=trace, span_id=span_id, name="node", start_time_unix_nano=T0, attributes=names)
            made = records.add(trace_id=trace, span_id=span_id, time_unix_nano=T0, event_name="bot.log")
            made.attributes.extend(names)
        keys = {f"{trace.hex()}-{span_id.hex()}" for span_id in span_ids}
        begun_ns = time.time_ns()
        if not _sent(export_spans, traces.SerializeToString()):
            return
        if fate != "live":
            self.begun_ns[conversation] = begun_ns
        if fate != "drop":
            self.spans |= keys
        if _sent(export_logs, logs.SerializeToString()) and fate != "drop":
            self.records |= keys


def _sent(export: "grpc.UnaryUnaryMultiCallable[bytes, bytes]", body: bytes) -> bool:
    """Send until an answer comes or the service is gone; true: it said that the data is durable."""
    try:
        export(body, timeout=5)
    except grpc.RpcError:
        return False
    return True


@dataclass(eq=False)
class _Reader(threading.Thread):
    """Asks all along for the content of conversations just sent, as anybody may; notes what it should not have seen."""

    service: Service
    senders: list[_Sender]
    answers: Counter[int] = field(default_factory=Counter[int])
    wrongly_seen: list[str] = field(default_factory=list[str])
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__()

    def run(self) -> None:
        while not self.stopping.wait(0.02):
            for sender in self.senders:
                # From one just begun to one that has been out for a while.
                recent = list(sender.begun_ns)[-200:]
                if recent:
                    self._look(random.choice(recent), sender)

    def _look(self, conversation: str, sender: _Sender) -> None:
        try:
            status, body = self.service.get(f"/conversations/{conversation}/logs?limit=100")
        except (OSError, http.client.HTTPException, ValueError):
            return  # it has just been killed
        self.answers[status] += 1
        if status != 200:
            return
        at_ns, items = time.time_ns(), len(body["items"])
        if conversation.startswith("drop"):
            self.wrongly_seen.append(f"{conversation} was dropped")
        elif at_ns < sender.begun_ns[conversation] + _IDLE_NS + _DELAY_NS:
            self.wrongly_seen.append(f"{conversation} was open before its time")
        elif items not in (_ITEMS, 2 * _ITEMS):  # its spans, and its records unless they were refused
            self.wrongly_seen.append(f"{conversation} was open with {items} of {2 * _ITEMS} lines")


@pytest.mark.timeout(7200 if LONG else 300)
def test_kills_under_load_lose_nothing_and_release_once(tmp_path: Path) -> None:
    """Every acknowledged span and record is there once; each held conversation has its receipt; none is read early."""
    config = tmp_path / "botlogs.yaml"
    config.write_text(_CONFIG)
    with Service(tmp_path / "data", {"BOTLOGS_CONFIG": str(config)}) as service:
        senders = [_Sender(service.grpc) for _ in range(3)]
        reader = _Reader(service, senders)
        for thread in (*senders, reader):
            thread.start()
        try:
            _kill_again_and_again(service, senders)
        finally:
            for thread in (*senders, reader):
                thread.stopping.set()
                thread.join()
        _wait_until_all_are_decided(service)
        listed = Counter(f"{item['conversation_id'][:4]} {item['state']}" for item in _listed(service))
        assert service.program.stop() == 0

    assert reader.wrongly_seen == []
    assert min(reader.answers[status] for status in (200, 409, 410)) > 0, reader.answers
    _assert_all_there_once(service.folder, senders, f"{reader.answers.total():,} looks at the API: {_told(reader)}")
    assert set(listed) <= {"live live", "keep released", "drop dropped"}, listed


def _told(reader: _Reader) -> str:
    return ", ".join(f"{status}: {count:,}" for status, count in sorted(reader.answers.items()))


def _kill_again_and_again(service: Service, senders: list[_Sender]) -> None:
    pause = threading.Event()
    moments = random.SystemRandom()
    for _ in range(KILLS):
        before = _acknowledged(senders)
        until(lambda before=before: _acknowledged(senders) > before)  # there is load
        pause.wait(moments.uniform(0, 1.0))
        service.program.stop(9)
        service.restart()


def _acknowledged(senders: list[_Sender]) -> int:
    return sum(len(sender.spans) + len(sender.records) for sender in senders)


def _wait_until_all_are_decided(service: Service) -> None:
    def all_decided() -> bool:
        waiting = [service.get(f"/conversations?state={state}&limit=1")[1]["items"] for state in ("ongoing", "held")]
        return waiting == [[], []]

    until(all_decided, 300 if LONG else 60)


def _listed(service: Service) -> Iterator[dict[str, Any]]:
    """Every conversation that the query API lists."""
    cursor = ""
    while True:
        page = service.get(f"/conversations?limit=200{cursor}")[1]
        yield from page["items"]
        if not page["next_cursor"]:
            return
        cursor = f"&cursor={page['next_cursor']}"


def _assert_all_there_once(folder: Path, senders: list[_Sender], note: str) -> None:
    key = "concat(TraceId, '-', SpanId) AS key"
    # Rows as they lie, before any collapse: a row moved twice shows.
    spans, records, of_dropped, early, receipts = ask_store(
        folder,
        f"SELECT {key}, count() AS times FROM botlogs.otel_traces GROUP BY key",
        f"SELECT {key}, count() AS times FROM botlogs.otel_logs GROUP BY key",
        "SELECT ConversationId FROM merge('botlogs', '^(otel_traces|otel_logs|made_roots)$')"
        " WHERE startsWith(ConversationId, 'drop')",
        # Readable before its time, or a delay that was cut short.
        "SELECT ConversationKey FROM botlogs.receipts FINAL WHERE Status = 'released' AND ReleasedAt < AvailableAt"
        f" OR AvailableAt < EndedAt + toIntervalNanosecond({_DELAY_NS})"
        " UNION ALL SELECT ConversationId FROM botlogs.otel_traces AS row INNER JOIN"
        " (SELECT ConversationId, min(AvailableAt) AS Available FROM botlogs.receipts FINAL GROUP BY 1) AS receipt"
        " USING (ConversationId) WHERE row.VisibleAt < receipt.Available",
        "SELECT ConversationId AS c, Episode, count() AS n, any(Status) AS s FROM botlogs.receipts FINAL GROUP BY 1, 2",
    )
    assert (early, of_dropped) == ([], [])
    assert all(row["n"] == 1 for row in receipts)
    wrong = [row for row in receipts if row["s"] != ("released" if row["c"].startswith("keep") else "dropped")]
    assert not wrong, f"not what the policy says, or not finished: {wrong[:3]}"
    decided = {row["c"] for row in receipts}
    without = {conversation for sender in senders for conversation in sender.begun_ns} - decided
    assert not without, f"{len(without)} conversations have no receipt, such as {min(without)}"
    for what, sent, stored in (
        ("spans", [sender.spans for sender in senders], spans),
        ("records", [sender.records for sender in senders], records),
    ):
        settle(
            f"kill -9 under load, {what}",
            KILLS,
            acknowledged=set().union(*sent),
            readable={row["key"]: row["times"] for row in stored},
            note=f"{len(receipts):,} receipts; {note}" if what == "spans" else "",
        )

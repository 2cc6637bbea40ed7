"""Senders of conversations that are live, kept or dropped, and a reader who looks at them all along."""

import http.client
import random
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.sender import T0, attributes
from tests.support.service import Service

_TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
IDLE_NS, DELAY_NS = 1_000_000_000, 500_000_000
# What makes their fates, with the times above.
CONFIG = """
environments:
  sandbox: {release_delay: 0s}
  production: {release_delay: 500ms}
conversation: {idle_timeout: 1s}
release: {interval: 100ms}
tail_sampling:
  policies:
    - {name: fate, type: string_attribute, string_attribute: {key: fate, values: [keep]}}
"""
ITEMS = 5  # spans, and records, of a conversation
_FATES = ("live", "keep", "drop")  # of a conversation, by turns; the first in the sandbox


@dataclass(eq=False)
class Sender(threading.Thread):
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
        span_ids = [secrets.token_bytes(8) for _ in range(ITEMS)]
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
class Reader(threading.Thread):
    """Asks all along for the content of conversations just sent, as anybody may; notes what it should not have seen."""

    service: Service
    senders: list[Sender]
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

    def told(self) -> str:
        """Return how often which answer came."""
        counts = ", ".join(f"{status}: {count:,}" for status, count in sorted(self.answers.items()))
        return f"{self.answers.total():,} looks at the API: {counts}"

    def _look(self, conversation: str, sender: Sender) -> None:
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
        elif at_ns < sender.begun_ns[conversation] + IDLE_NS + DELAY_NS:
            self.wrongly_seen.append(f"{conversation} was open before its time")
        elif items not in (ITEMS, 2 * ITEMS):  # its spans, and its records unless they were refused
            self.wrongly_seen.append(f"{conversation} was open with {items} of {2 * ITEMS} lines")

"""The demo's own bots and users before a service, with a tap between: what they sent, conversation by conversation.

The bots are the processes that `botlogs demo` starts and the policies are the demo's; delays are shorter.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from botlogs_collector.demo.deployments import Deployments
from botlogs_collector.demo.service_settings import NOTES, REAL, demo_settings
from tests.support.otlp_items import Item, Request, items_of
from tests.support.otlp_receiver import OtlpReceiver, Reply, items_in, otlp_receiver
from tests.support.processes import until
from tests.support.service import Service, post

_MADE = "botlogs.root.synthesized"
_UNDECIDED = ("ongoing", "held")
_FIRST_CONVERSATIONS = 10  # of all crowds, at the start


def demo_config(path: Path, exporter: Mapping[str, str]) -> Path:
    """Write the configuration of a service like the demo's, which forwards to *exporter*; return *path*."""
    places = dict.fromkeys(("otlp_grpc", "otlp_http", "api_http", "api_grpc"), "127.0.0.1:0")
    policies = demo_settings("unused", chat_origins=(), **places).tail_sampling
    config = {
        "environments": {
            "sandbox": {"release_delay": "0s"},
            "staging": {"release_delay": "0s"},
            "production": {"release_delay": "1s"},
            REAL: {"release_delay": "15m"},
        },
        "conversation": {"environments": {"production": {"idle_timeout": "5s"}}},
        "release": {"interval": "500ms"},
        "tail_sampling": policies,
        "exporters": {"otlp": [exporter]},
    }
    path.write_text(json.dumps(config))
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """What there is of one trace: each span and log record with its resource and scope, once."""

    spans: set[Item] = field(default_factory=set[Item])
    records: set[Item] = field(default_factory=set[Item])


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What a bot sent of one conversation."""

    id: str
    trace: bytes
    sent: Telemetry

    def settled(self, service: Service) -> dict[str, Any]:
        """Return what the service says of it once it is live, decided, or held for long."""

        def ask() -> dict[str, Any] | None:
            status, found = service.get(f"/conversations/{self.id}")
            is_open = status != 200 or (found["environment"] == "production" and found["state"] in _UNDECIDED)
            return None if is_open else found

        return until(ask)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the bots sent, and what the service says of each conversation."""

    told: list[tuple[Conversation, dict[str, Any]]]

    def of(self, *states: str) -> list[Conversation]:
        """Return the conversations in one of *states*."""
        return [conversation for conversation, found in self.told if found["state"] in states]

    def not_whole(self, arrived: Mapping[bytes, Telemetry]) -> list[str]:
        """Return the readable conversations of which something is missing, strange or other than it was sent."""
        return [
            conversation.id
            for conversation in self.of("live", "released")
            if without_additions(arrived.get(conversation.trace, Telemetry()))[0] != conversation.sent
        ]

    def leaked(self, arrived: Mapping[bytes, Telemetry]) -> list[str]:
        """Return the conversations of which something arrived though nobody may read them."""
        return [found.id for found in self.of("ongoing", "held", "dropped") if found.trace in arrived]

    def odd_trees(self, arrived: Mapping[bytes, Telemetry]) -> list[str]:
        """Return the released conversations with no root or several, or whose trace state does not say their weight."""
        odd: list[str] = []
        for conversation, found in self.told:
            if found["state"] == "released":
                plain, made, states = without_additions(arrived[conversation.trace])
                roots = len(made) + sum(not Span.FromString(item[4]).parent_span_id for item in plain.spans)
                expected = "ot=th:3333333333" if found["receipt"]["weight"] == 1.25 else ""  # 0.2 * 2^56
                if roots != 1 or {state[:16] for state in states} != {expected}:
                    odd.append(f"{conversation.id}: {roots} roots, {states}")
        return odd


def let_them_talk(service: Service) -> Story:
    """Let the demo's first users talk, until the service has decided what becomes of each conversation."""
    with _tapped(service) as tap, asyncio.Runner() as runner:
        bots = Deployments(NOTES, 0)
        try:
            runner.run(bots.start())
            runner.run(bots.talk(f"http://{tap.endpoint}", "http://127.0.0.1:1", 0.0))
            tap.wait(lambda t: len(_names(t.taken)) >= _FIRST_CONVERSATIONS)
        finally:
            runner.run(bots.stop())
    sent = by_trace(tap.taken)
    conversations = [Conversation(id=name, trace=trace, sent=sent[trace]) for trace, name in _names(tap.taken).items()]
    return Story(told=[(conversation, conversation.settled(service)) for conversation in conversations])


@contextmanager
def _tapped(service: Service) -> Generator[OtlpReceiver]:
    """Yield a server that hands what it takes on to *service*, and keeps it."""

    def hand_on(request: Request) -> Reply:
        signal = "traces" if isinstance(request, ExportTraceServiceRequest) else "logs"
        return Reply(status=post(f"{service.http}/v1/{signal}", request.SerializeToString())[0])

    with otlp_receiver("http") as tap:
        tap.behave = hand_on
        yield tap


def by_trace(requests: Iterable[Request]) -> dict[bytes, Telemetry]:
    """Return what there is of each trace, each item once: whoever sends, repeats."""
    found: dict[bytes, Telemetry] = defaultdict(Telemetry)
    for request in requests:
        for item in items_of([request]):
            if isinstance(request, ExportTraceServiceRequest):
                found[Span.FromString(item[4]).trace_id].spans.add(item)
            else:
                found[LogRecord.FromString(item[4]).trace_id].records.add(item)
    return found


def without_additions(arrived: Telemetry) -> tuple[Telemetry, list[Span], set[str]]:
    """Return what *arrived* as it was sent, the roots that were made, and the trace states that say a weight."""
    plain, made, states = Telemetry(records=arrived.records), list[Span](), set[str]()
    for item in arrived.spans:
        span = Span.FromString(item[4])
        if any(pair.key == _MADE for pair in span.attributes):
            made.append(span)
            continue
        states.add(span.trace_state)
        if span.trace_state.startswith("ot=th:"):
            span.trace_state = ""
        plain.spans.add((*item[:4], span.SerializeToString(deterministic=True)))
    return plain, made, states


def _names(requests: Iterable[Request]) -> dict[bytes, str]:
    """Return the conversation id of each trace."""
    return {
        item.trace_id: pair.value.string_value
        for request in list(requests)
        for item in items_in(request)
        for pair in item.attributes
        if pair.key == "gen_ai.conversation.id" and item.trace_id
    }

"""Conversations in memory, for a bot's own tests: "this message leads through these nodes".

    with otel_botlogs.testing.record() as recording:
        my_bot.handle("conv-1", "where is my order?")

    assert recording.conversation("conv-1").nodes == ["classify", "ask_order_id"]

Span ids count from 1 and the clock steps, so a recording can be compared whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator

from otel_botlogs import active, config, semconv
from otel_botlogs.pipeline import Hooks
from otel_botlogs.setup import build_pipeline


class SteppingClock:
    """A clock that moves by *step_ns* each time it is read."""

    def __init__(self, start_ns: int = 1_700_000_000_000_000_000, step_ns: int = 1_000_000) -> None:
        self.now_ns = start_ns
        self._step_ns = step_ns

    def time_ns(self) -> int:
        """Return Unix nanoseconds, later than the last time."""
        self.now_ns += self._step_ns
        return self.now_ns


class CountingIds(IdGenerator):
    """Span and trace ids 1, 2, 3 …; the traces of conversations are derived as always."""

    def __init__(self) -> None:
        self._spans = itertools.count(1)
        self._traces = itertools.count(1)

    def generate_span_id(self) -> int:
        """Return the next span id."""
        return next(self._spans)

    def generate_trace_id(self) -> int:
        """Return the next trace id."""
        return next(self._traces)

    def is_trace_id_random(self) -> bool:
        """Counting is not random."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A log event as it left."""

    name: str
    body: str | None
    severity: str
    time_ns: int
    trace_id: int
    span_id: int
    attributes: Mapping[str, Any]

    @property
    def node(self) -> str | None:
        """The id of the node that wrote it."""
        return self.attributes.get(semconv.BOT_NODE_ID)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRecording:
    """What one conversation wrote."""

    events: list[Event]
    spans: list[ReadableSpan]

    @property
    def nodes(self) -> list[str]:
        """The ids of the nodes entered, in order."""
        return [str(event.node) for event in self.events if event.name == semconv.EVENT_NODE_ENTER]

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Who (user, bot, agent) said what, in order."""
        return [
            (event.name.removeprefix("bot.message."), event.body or "")
            for event in self.events
            if event.name in semconv.MESSAGES
        ]

    @property
    def errors(self) -> list[str]:
        """The types of the errors, in order."""
        return [str(event.attributes[semconv.ERROR_TYPE]) for event in self.named(semconv.EVENT_ERROR)]

    @property
    def transitions(self) -> list[tuple[str, str, str | None]]:
        """From, to and reason of the transitions that the bot or its runtime gave, in order."""
        return [
            (str(event.node), str(to), event.attributes.get(semconv.BOT_TRANSITION_REASON))
            for event in self.events
            if (to := event.attributes.get(semconv.BOT_TRANSITION_TO)) is not None
        ]

    def named(self, event_name: str) -> list[Event]:
        """Return the events of one kind."""
        return [event for event in self.events if event.name == event_name]

    def logs(self, node: str | None = None) -> list[str]:
        """Return the author's and captured lines, of one node or of all."""
        lines = self.named(semconv.EVENT_LOG)
        return [event.body or "" for event in lines if node is None or event.node == node]


@dataclass(slots=True)
class Recording:
    """Everything that was written while recording; read it during or after."""

    clock: SteppingClock
    tracer_provider: TracerProvider
    logger_provider: LoggerProvider
    span_exporter: InMemorySpanExporter = field(repr=False)
    log_exporter: InMemoryLogRecordExporter = field(repr=False)

    @property
    def spans(self) -> list[ReadableSpan]:
        """All finished spans, in the order they ended."""
        return list(self.span_exporter.get_finished_spans())

    @property
    def events(self) -> list[Event]:
        """All log events, in the order they were written."""
        return [_event(log) for log in self.log_exporter.get_finished_logs()]

    @property
    def conversation_ids(self) -> list[str]:
        """The conversations that wrote anything, in the order they began."""
        known = (event.attributes.get(semconv.GEN_AI_CONVERSATION_ID) for event in self.events)
        return list(dict.fromkeys(str(name) for name in known if name is not None))

    def conversation(self, conversation_id: str) -> ConversationRecording:
        """Return what *conversation_id* wrote; empty if it wrote nothing."""
        name = semconv.GEN_AI_CONVERSATION_ID
        return ConversationRecording(
            events=[event for event in self.events if event.attributes.get(name) == conversation_id],
            spans=[span for span in self.spans if (span.attributes or {}).get(name) == conversation_id],
        )


@contextmanager
def record(
    *,
    bot_id: str = "bot",
    environment: str | None = "sandbox",
    hooks: Hooks | None = None,
    redact_hook: Any = None,
    clock: SteppingClock | None = None,
    **settings: Any,
) -> Generator[Recording]:
    """Record the conversations of the block in memory; global OpenTelemetry providers are left alone.

    *settings* are those of `otel_botlogs.configure`. The environment's variables do not count.
    """
    wanted = config.load({"bot_id": bot_id, "environment": environment, **settings}, environ={})
    named = {semconv.SERVICE_NAME: bot_id, semconv.DEPLOYMENT_ENVIRONMENT_NAME: environment}
    resource = Resource({name: value for name, value in named.items() if value is not None})
    recording = Recording(
        clock or SteppingClock(),
        TracerProvider(resource=resource, id_generator=CountingIds(), shutdown_on_exit=False),
        LoggerProvider(resource=resource, shutdown_on_exit=False),
        InMemorySpanExporter(),
        InMemoryLogRecordExporter(),
    )
    recording.tracer_provider.add_span_processor(SimpleSpanProcessor(recording.span_exporter))
    recording.logger_provider.add_log_record_processor(SimpleLogRecordProcessor(recording.log_exporter))
    pipeline = build_pipeline(
        wanted,
        tracer_provider=recording.tracer_provider,
        logger_provider=recording.logger_provider,
        hooks=hooks,
        redact_hook=redact_hook,
        clock=recording.clock,
    )
    before = active.install(pipeline)
    try:
        yield recording
    finally:
        active.install(before)


def _event(log: ReadableLogRecord) -> Event:
    record = log.log_record
    return Event(
        name=record.event_name or "",
        body=None if record.body is None else str(record.body),
        severity=record.severity_text or "",
        time_ns=record.timestamp or 0,
        trace_id=record.trace_id or 0,
        span_id=record.span_id or 0,
        attributes=dict(record.attributes or {}),
    )

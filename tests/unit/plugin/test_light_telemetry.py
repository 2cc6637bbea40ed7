"""The short ways to the SDK's queues leave what the SDK would have left, and are not taken where somebody looks on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor, ReadWriteLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, InMemoryLogRecordExporter
from opentelemetry.sdk.trace import Span, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace import Span as SdkSpan
from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, TraceIdRatioBased
from opentelemetry.trace import StatusCode

import otel_botlogs
from otel_botlogs import active, config
from otel_botlogs.setup import build_pipeline
from otel_botlogs.setup.span import NodeSpan


class Ears(SpanProcessor):
    """Hears of spans as they start."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def on_start(self, span: Span, parent_context: object = None) -> None:
        self.started.append(span.name)


class LogEars(LogRecordProcessor):
    """Hears of log records, and may change them."""

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        attributes: Any = log_record.log_record.attributes
        attributes["heard"] = True

    def shutdown(self) -> None: ...

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return True


class Bench:
    """Providers with batch processors, as a bot has them, into memory."""

    def __init__(self, **tracing: Any) -> None:
        self.spans, self.logs = InMemorySpanExporter(), InMemoryLogRecordExporter()
        self.tracers, self.loggers = TracerProvider(**tracing), LoggerProvider()
        self.tracers.add_span_processor(BatchSpanProcessor(self.spans))
        self.loggers.add_log_record_processor(BatchLogRecordProcessor(self.logs))
        settings = config.load({"bot_id": "b", "environment": "sandbox"}, environ={})
        active.install(build_pipeline(settings, tracer_provider=self.tracers, logger_provider=self.loggers))

    def finished(self) -> dict[str, Any]:
        """Return the exported spans by their names."""
        assert self.tracers.force_flush()
        return {span.name: span for span in self.spans.get_finished_spans()}

    def lines(self) -> list[Any]:
        """Return the exported log records."""
        assert self.loggers.force_flush()
        return [line.log_record for line in self.logs.get_finished_logs()]

    def close(self) -> None:
        self.tracers.shutdown()
        self.loggers.shutdown()


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Give a pipeline on ordinary providers, and put the one before back."""
    before = active.install(None)
    made = Bench()
    yield made
    active.install(before)
    made.close()


def talk() -> None:
    """Say one thing in one node."""
    with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn, turn.node("ask", type="prompt") as node:
        node.log("a line", attempt=1)


def test_a_light_span_is_exported_as_the_sdk_would(bench: Bench) -> None:
    """Ids, parents, times, attributes, events, links, status and scope are those of an SDK span."""
    with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn, turn.node("ask") as node:
        span = trace.get_current_span()
        span.set_attribute("mine", 1)
        span.set_attributes({"list": [1, 2], "": "nameless"})
        span.add_event("happened", {"why": "because"})
        span.add_link(trace.get_current_span().get_span_context())
        span.record_exception(ValueError("no"))
        span.set_status(StatusCode.ERROR, "bad")
        span.update_name("asked")
        node.transition("next", "edge")

    done = bench.finished()
    asked, over = done["asked"], done["turn"]
    assert isinstance(span, NodeSpan)
    assert isinstance(span, trace.Span)
    assert (asked.context.trace_id, over.parent.span_id) == (conv.trace_id, conv.root_span_id)
    assert asked.parent == over.context
    assert not asked.context.trace_flags.random_trace_id
    assert asked.start_time < asked.end_time
    assert asked.attributes["mine"] == 1
    assert asked.attributes["list"] == (1, 2)
    assert asked.attributes["bot.node.id"] == "ask"
    assert asked.attributes["bot.transition.to"] == "next"
    assert "" not in asked.attributes
    assert [event.name for event in asked.events] == ["happened", "exception"]
    assert asked.events[1].attributes["exception.type"] == "ValueError"
    assert len(asked.links) == 1
    assert (asked.status.status_code, asked.status.description) == (StatusCode.ERROR, "bad")
    assert asked.instrumentation_scope.name == "otel_botlogs"
    assert asked.to_json()


def test_a_light_span_is_closed_by_its_end(bench: Bench) -> None:
    """What comes after the end changes nothing, and a second end exports nothing."""
    with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn, turn.node("ask"):
        span = trace.get_current_span()

    span.set_attribute("late", 1)
    span.add_event("late")
    span.update_name("late")
    span.set_status(StatusCode.ERROR)
    span.end()

    assert not span.is_recording()
    assert bench.tracers.force_flush()
    asked = [one for one in bench.spans.get_finished_spans() if one.name == "ask"]
    assert len(asked) == 1
    assert "late" not in (asked[0].attributes or {})
    assert not asked[0].events


def test_a_light_span_is_bounded(bench: Bench) -> None:
    """A loop over set_attribute and add_event keeps as many as the SDK keeps by default."""
    with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn, turn.node("ask"):
        span = trace.get_current_span()
        for number in range(1000):
            span.set_attribute(f"a{number}", number)
            span.add_event("again")

    asked = bench.finished()["ask"]
    assert len(asked.attributes) == 128
    assert len(asked.events) == 128


def test_spans_of_others_lie_in_a_light_span(bench: Bench) -> None:
    """An SDK span that starts inside has it as parent, and the conversation's attributes."""
    with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn, turn.node("ask") as node:
        with bench.tracers.get_tracer("other").start_as_current_span("GET"):
            pass

    got = bench.finished()["GET"]
    assert node.span is not None
    assert got.parent == node.span.get_span_context()
    assert got.attributes["gen_ai.conversation.id"] == "c"


def test_a_processor_that_hears_starts_gets_the_sdks_spans(bench: Bench) -> None:
    """From the moment it is added, also in the middle of a conversation."""
    talk()
    ears = Ears()
    bench.tracers.add_span_processor(ears)

    with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn, turn.node("ask") as node:
        assert isinstance(node.span, SdkSpan)

    assert ears.started == ["turn", "ask"]


@pytest.mark.parametrize(
    "tracing",
    [
        {"span_limits": SpanLimits(max_span_attribute_length=5)},
        {"span_limits": SpanLimits(max_event_attributes=5)},
        {"sampler": TraceIdRatioBased(1.0)},
    ],
    ids=["lengths", "counts", "sampler"],
)
def test_unusual_providers_get_the_sdks_spans(tracing: dict[str, Any]) -> None:
    """Limits and samplers of the author's own hold."""
    before = active.install(None)
    made = Bench(**tracing)
    try:
        with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn, turn.node("ask") as node:
            assert isinstance(node.span, SdkSpan)
    finally:
        active.install(before)
        made.close()


def test_a_sampler_that_is_replaced_holds(bench: Bench) -> None:
    """A sampler is looked at again at each span, as it may be swapped while the bot runs."""
    talk()
    logger: Any = active.pipeline()
    tracer: Any = logger.start_span.__self__._tracer
    tracer.sampler = TraceIdRatioBased(1.0)

    with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn, turn.node("ask") as node:
        assert isinstance(node.span, SdkSpan)

    tracer.sampler = ALWAYS_ON
    with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn, turn.node("ask") as node:
        assert isinstance(node.span, NodeSpan)


def test_a_record_put_straight_is_what_the_sdk_would_have_queued(bench: Bench) -> None:
    """Field by field, including those that the SDK sets by itself."""
    talk()
    straight = bench.lines()
    bench.logs.clear()
    bench.loggers.add_log_record_processor(LogEars())  # from now on the SDK's own way

    talk()

    own_way = bench.lines()
    assert [line.event_name for line in straight] == [
        "bot.conversation.start", "bot.message.user", "bot.node.enter", "bot.log", "bot.node.exit"
    ]  # fmt: skip
    assert [line.event_name for line in own_way] == [line.event_name for line in straight[1:]]
    changing = {"timestamp", "observed_timestamp", "span_id", "attributes", "context"}
    for ours, theirs in zip(straight[1:], own_way, strict=True):
        assert {k: v for k, v in vars(ours).items() if k not in changing} == {
            k: v for k, v in vars(theirs).items() if k not in changing
        }
        assert ours.attributes.keys() == dict(theirs.attributes).keys() - {"heard"}
        assert ours.trace_id == theirs.trace_id
        assert ours.span_id
        assert not ours.context


def test_a_log_processor_that_is_added_hears_every_record(bench: Bench) -> None:
    """Also records of a conversation that began before."""
    with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn:
        bench.loggers.add_log_record_processor(LogEars())
        turn.log("heard")

    last = bench.lines()[-1]
    assert (last.body, last.attributes["heard"]) == ("heard", True)


def test_an_sdk_with_other_private_names_is_used_its_own_way(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A renamed queue or tracer field costs speed and nothing else."""
    monkeypatch.delattr("opentelemetry.sdk.trace.Tracer._is_enabled")
    monkeypatch.setattr("opentelemetry.sdk.trace.Tracer.start_span", _renamed_start_span(), raising=True)
    settings = config.load({"bot_id": "b", "environment": "sandbox"}, environ={})
    monkeypatch.setattr("otel_botlogs.setup.emitter.find_queues", _no_queues)
    active.install(build_pipeline(settings, tracer_provider=bench.tracers, logger_provider=bench.loggers))

    talk()

    assert {"turn", "ask"} <= bench.finished().keys()
    assert "bot.log" in {line.event_name for line in bench.lines()}


def _no_queues(*_: object) -> None:
    """Find nothing."""


def _renamed_start_span() -> Any:
    """Return `start_span` of an SDK that calls `_is_enabled` something else."""
    original = SdkTracer.start_span

    def start_span(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._is_enabled = lambda: True
        try:
            return original(self, *args, **kwargs)
        finally:
            del self._is_enabled

    return start_span

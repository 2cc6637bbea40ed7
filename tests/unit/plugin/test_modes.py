"""One trace a conversation, one a turn, or the runtime's own; and segments of long conversations."""

from __future__ import annotations

from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, TraceIdRatioBased

import otel_botlogs
from otel_botlogs import active, adopt, config
from otel_botlogs.setup import build_pipeline
from otel_botlogs.testing import Recording, SteppingClock, record


def test_turn_mode_gives_each_turn_a_linked_trace_of_its_own() -> None:
    """For backends that want a trace a turn: traces differ, each turn links the one before, the id joins them."""
    with record(trace_mode="turn") as recording:
        for _ in range(3):
            with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("n"):
                pass
        otel_botlogs.conversation("c").end()

    turns = [span for span in recording.conversation("c").spans if span.name == "turn"]
    contexts = [span.context for span in turns]
    assert len({context.trace_id for context in contexts if context}) == 3
    assert [span.parent for span in turns] == [None, None, None]
    assert [[link.context for link in span.links] for span in turns] == [[], [contexts[0]], [contexts[1]]]
    nodes = [span for span in recording.spans if span.name == "n"]
    assert [span.parent and span.parent.span_id for span in nodes] == [
        context.span_id for context in contexts if context
    ]
    assert "conversation" not in {span.name for span in recording.spans}


def test_adopt_mode_keeps_the_runtimes_traces() -> None:
    """Where the runtime traces itself, turns and nodes are its spans' children, joined by the conversation's id."""
    with record(trace_mode="adopt") as recording:
        tracer = recording.tracer_provider.get_tracer("runtime")
        with tracer.start_as_current_span("invocation") as outer:
            with (
                otel_botlogs.conversation("c") as conv,
                conv.turn() as turn,
                tracer.start_as_current_span("agent") as agent,
            ):
                with turn.node("n") as node:
                    node.log("hello")

    by_name = {span.name: span for span in recording.spans}
    trace_ids = {span.context.trace_id for span in recording.spans if span.context}
    assert trace_ids == {outer.get_span_context().trace_id}
    assert by_name["n"].parent == agent.get_span_context()
    assert by_name["turn"].parent == outer.get_span_context()
    assert {event.trace_id for event in recording.conversation("c").events} == trace_ids
    assert by_name["turn"].links == ()


def test_runtimes_own_span_stands_for_a_node() -> None:
    """An observer turns the runtime's spans into nodes: one span, the plugin's events on it, nothing doubled."""

    class Observer:
        def __init__(self) -> None:
            self.nodes: dict[int, otel_botlogs.Node] = {}

        def span_started(self, span: trace.Span, context: Context) -> None:
            turn = otel_botlogs.conversation("c", trace_mode="adopt").start().turn()
            self.nodes[span.get_span_context().span_id] = turn.start(on=span).node("step").start(on=span)

        def span_ended(self, span: Any) -> None:
            self.nodes.pop(span.context.span_id).finish()
            raise RuntimeError("an observer's fault is not the runtime's")

    undo = adopt.observe_spans(Observer())
    try:
        with record() as recording, recording.tracer_provider.get_tracer("runtime").start_as_current_span("invoke"):
            pass
    finally:
        undo()

    (span,) = recording.spans
    assert span.attributes is not None
    assert (span.name, span.attributes["bot.node.id"]) == ("invoke", "step")
    events = recording.conversation("c").events
    assert span.context is not None
    assert {event.span_id for event in events if event.node} == {span.context.span_id}
    assert recording.conversation("c").nodes == ["step"]
    assert recording.conversation("c").named("bot.node.exit")[0].attributes["bot.node.outcome"] == "completed"


def test_another_part_of_the_bot_in_the_same_trace_keeps_its_caller_as_parent(recording: Recording) -> None:
    """A second service of the bot that names the same conversation appears inside the node that called it."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("call") as node:
        with otel_botlogs.conversation("c") as inner, inner.turn():
            pass

    inner_turn = recording.spans[0]
    assert node.span is not None
    assert inner_turn.parent == node.span.get_span_context()


def test_adopt_mode_without_a_running_span_uses_the_derived_trace() -> None:
    """Nothing to adopt: the conversation has its own trace."""
    with record(trace_mode="adopt") as recording, otel_botlogs.conversation("c") as conv, conv.turn():
        pass

    (turn,) = recording.spans
    assert turn.context is not None
    assert turn.context.trace_id == conv.trace_id


def test_long_conversation_rolls_over_into_a_linked_segment() -> None:
    """After so many spans the next turn starts a new trace that links the old root and names the session before."""
    with record(segment_max_spans=4) as recording:
        for _ in range(4):
            with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("n"):
                pass

    turns = [span for span in recording.spans if span.name == "turn"]
    traces = [span.context.trace_id for span in turns if span.context]
    sessions = [(span.attributes or {}).get("session.id") for span in turns]
    assert traces[0] == traces[1] != traces[2] == traces[3]
    assert sessions == ["c", "c", "c#1", "c#1"]
    assert (turns[2].attributes or {})["session.previous_id"] == "c"
    assert [link.context.trace_id for link in turns[2].links] == [traces[0]]
    assert {event.attributes["gen_ai.conversation.id"] for event in recording.events} == {"c"}
    roots = [span for span in recording.spans if span.name == "conversation"]
    assert [span.context.trace_id for span in roots if span.context] == [traces[0]]


def test_conversation_held_open_for_days_rolls_over_by_age() -> None:
    """One conversation object kept for hours also gets its new segment, at the next turn."""
    clock = SteppingClock()
    with record(segment_max_hours=24, clock=clock) as recording, otel_botlogs.conversation("c") as conv:
        first = conv.trace_id
        with conv.turn():
            pass
        clock.now_ns += 25 * 3600 * 10**9
        with conv.turn() as turn, turn.node("n"):
            pass

    assert conv.trace_id != first
    last = recording.spans[-1]
    assert last.context is not None
    assert last.context.trace_id == conv.trace_id


def test_head_sampling_is_decided_for_the_conversation_not_for_each_process_or_turn() -> None:
    """The made-up parent carries the sampler's decision on the derived trace, so all of it is kept or none."""
    decided = {_spans_with(TraceIdRatioBased(0.5), f"c{i}") for i in range(40)}

    assert decided == {0, 3}
    assert _spans_with(ALWAYS_OFF, "c") == 0


def _spans_with(sampler: Sampler, name: str) -> int:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=ParentBased(sampler), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with record() as recording:
        settings = config.load({"bot_id": "b", "environment": "sandbox"}, environ={})
        active.install(build_pipeline(settings, tracer_provider=provider, logger_provider=recording.logger_provider))
        with otel_botlogs.conversation(name) as conv, conv.turn() as turn, turn.node("n"):
            pass
        conv.end()
    return len(exporter.get_finished_spans())


def test_plain_service_downstream_appears_inside_the_node_that_called_it(recording: Recording) -> None:
    """What a plain OpenTelemetry service makes of the headers is a child of the node, in the conversation's trace."""
    headers: dict[str, str] = {}
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("call") as node:
        propagate.inject(headers)
    plain_service = TracerProvider(shutdown_on_exit=False).get_tracer("downstream")

    span = plain_service.start_span("GET /orders", context=propagate.extract(headers))

    assert span.get_span_context().trace_id == conv.trace_id
    assert node.span is not None
    assert (
        trace.get_current_span(propagate.extract(headers)).get_span_context().span_id
        == node.span.get_span_context().span_id
    )
    assert "gen_ai.conversation.id=c" in headers["baggage"]


def test_a_segment_that_the_bot_kept_is_gone_on_in_and_a_stale_one_ignored() -> None:
    """A restarted process that is told the segment writes into it and counts on from there."""
    with record(segment_max_spans=2) as recording:
        for segment in (3, None, 1):
            with otel_botlogs.conversation("c", segment=segment) as conv, conv.turn() as turn, turn.node("n"):
                pass

    sessions = [(span.attributes or {}).get("session.id") for span in recording.spans if span.name == "turn"]
    assert sessions == ["c#3", "c#4", "c#5"]
    assert conv.segment == 5
    assert otel_botlogs.conversation("other").segment == 0

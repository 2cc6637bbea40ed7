"""Where what happens belongs: tasks, threads, servers' spans, other instrumentations and baggage."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from opentelemetry import baggage, trace

import otel_botlogs
from otel_botlogs.testing import Recording


def test_async_conversations_do_not_mix(recording: Recording) -> None:
    """Tasks that run interleaved each write to their own conversation and node."""

    async def talk(name: str) -> None:
        async with otel_botlogs.conversation(name) as conv, conv.turn() as turn, turn.node(f"node-{name}"):
            await asyncio.sleep(0)
            otel_botlogs.current_node().log(f"line {name}")
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(*(talk(f"c{i}") for i in range(10)))

    asyncio.run(main())

    for i in range(10):
        (line,) = recording.conversation(f"c{i}").named("bot.log")
        assert (line.body, line.node) == (f"line c{i}", f"node-c{i}")


def test_thread_with_a_copied_context_belongs_to_the_node(recording: Recording) -> None:
    """The scope is in the context, so a thread pool that copies it writes to the node."""
    with (
        otel_botlogs.conversation("c") as conv,
        conv.turn() as turn,
        turn.node("n"),
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(copy_context().run, lambda: otel_botlogs.current_node().log("from a thread")).result(10)

    assert recording.conversation("c").logs("n") == ["from a thread"]


def test_turn_links_the_server_span_that_brought_the_message(recording: Recording) -> None:
    """The HTTP server's trace stays its own, and the turn points to it."""
    tracer = recording.tracer_provider.get_tracer("http-server")
    with tracer.start_as_current_span("POST /message") as server:
        with otel_botlogs.conversation("c") as conv, conv.turn():
            pass
    with (
        otel_botlogs.conversation("d") as conv,
        tracer.start_as_current_span("POST /other") as other,
        conv.turn(),
    ):
        pass

    first, second = (span for span in recording.spans if span.name == "turn")
    assert [link.context for link in first.links] == [server.get_span_context()]
    assert first.context is not None
    assert first.context.trace_id != server.get_span_context().trace_id
    # A span opened inside the conversation is already in its trace: there it is the parent.
    assert second.parent is not None
    assert second.parent.span_id == other.get_span_context().span_id
    assert second.links == ()


def test_other_instrumentations_inside_a_node_are_children_and_stamped(recording: Recording) -> None:
    """What others start in a node is its child and has the conversation's attributes; it is no node action itself."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("call", flow="f"):
        with recording.tracer_provider.get_tracer("httpx").start_as_current_span("GET"):
            recording.logger_provider.get_logger("other").emit(body="foreign line")

    child, node, _ = recording.spans
    assert child.parent is not None
    assert node.context is not None
    assert child.parent.span_id == node.context.span_id
    assert child.attributes is not None
    names = ("gen_ai.conversation.id", "session.id", "bot.id", "bot.turn.index", "bot.flow.id")
    assert [child.attributes[name] for name in names] == ["c", "c", "support", 1, "f"]
    assert not [name for name in child.attributes if name.startswith("bot.node.")]
    (line,) = recording.conversation("c").named("bot.log")
    assert (line.body, line.node) == ("foreign line", "call")


def test_conversation_id_goes_along_as_baggage_and_comes_in_as_baggage(recording: Recording) -> None:
    """A service downstream finds the id in the baggage, and stamps it without opening a conversation."""
    with otel_botlogs.conversation("c"):
        assert baggage.get_baggage("gen_ai.conversation.id") == "c"
    arrived = baggage.set_baggage(
        "gen_ai.conversation.id", "from-upstream", trace.set_span_in_context(trace.INVALID_SPAN)
    )
    recording.tracer_provider.get_tracer("http").start_span("GET /", context=arrived).end()

    assert [span.name for span in recording.conversation("from-upstream").spans] == ["GET /"]

"""Which rule ends a conversation, from the configuration over received spans to the receipt."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.clock import SystemClock
from botlogs_collector.config.load import load_settings
from botlogs_collector.config.settings import Settings
from botlogs_collector.store.migrate import write_environments
from tests.support.hold import HOUR, MINUTE, SECOND, World, add_spans, new_id

_CONFIG = """
environments:
  production: {release_delay: 15m}
  canary: {release_delay: 1m}
conversation:
  idle_timeout: 30m
  max_age: 2h
  environments: {canary: {idle_timeout: 10m, max_age: 1h}}
  channels: {voice: {idle_timeout: 2m}, email: {idle_timeout: 50m, max_age: 3h}}
"""


@pytest.fixture
def configured(world: World, tmp_path: Path) -> Iterator[World]:
    """A world whose environments and channels are those of a configuration file."""
    file = tmp_path / "botlogs.yaml"
    file.write_text(_CONFIG)
    write_environments(world.database, load_settings(file, {}), SystemClock())
    yield world
    write_environments(world.database, Settings(), SystemClock())


def _ended(world: World, conversation: str) -> tuple[str, int, int]:
    """Return the rule, and when it ended and was readable, in nanoseconds since it began."""
    receipt = world.receipt(conversation)
    began_ns = receipt.started_unix_nano
    return receipt.end_rule, receipt.ended_unix_nano - began_ns, receipt.available_unix_nano - began_ns


def test_silence_is_measured_by_channel_then_environment_then_for_all(configured: World) -> None:
    """A channel's idle time wins over its environment's, that over the general one; the delay is the environment's."""
    plain, canary, voice, canary_voice, email = (new_id() for _ in range(5))
    configured.spans(plain)
    configured.spans(canary, environment="canary")
    configured.spans(voice, bot__channel="voice")
    configured.spans(canary_voice, environment="canary", bot__channel="voice")
    configured.spans(email, bot__channel="email")

    configured.after(2 * HOUR / SECOND)

    assert _ended(configured, plain) == ("idle", 30 * MINUTE, 45 * MINUTE)
    assert _ended(configured, canary) == ("idle", 10 * MINUTE, 11 * MINUTE)
    assert _ended(configured, voice) == ("idle", 2 * MINUTE, 17 * MINUTE)
    assert _ended(configured, canary_voice) == ("idle", 2 * MINUTE, 3 * MINUTE)
    assert _ended(configured, email) == ("idle", 50 * MINUTE, 65 * MINUTE)


def test_age_is_measured_by_channel_then_environment_then_for_all(configured: World) -> None:
    """A user who never rests is cut at the maximum age of the channel, else of the environment, else of all."""
    canary, email, plain = new_id("canary"), new_id("email"), new_id("plain")
    for _ in range(7):  # every half hour less a second
        configured.spans(plain)
        configured.spans(email, bot__channel="email")
        configured.clock.advance(30 * 60 - 1)
    started_ns = configured.clock.now_ns()
    for _ in range(8):
        configured.spans(canary, environment="canary")
        configured.clock.advance(9 * 60)

    configured.run()

    first = {name: configured.receipts(name)[0] for name in (canary, email, plain)}
    assert {receipt.end_rule for receipt in first.values()} == {"max_age"}
    assert first[canary].ended_unix_nano == started_ns + HOUR
    assert first[email].ended_unix_nano - first[email].started_unix_nano == 3 * HOUR
    assert first[plain].ended_unix_nano - first[plain].started_unix_nano == 2 * HOUR


@pytest.mark.parametrize(
    ("root", "with_id", "rule"),
    [("conversation", True, "signal"), ("anything", False, "signal"), ("turn", True, "idle")],
    ids=["the plugin's root", "a foreign trace that is the conversation", "one of several traces of a conversation"],
)
def test_the_root_spans_end_ends_what_it_is_the_root_of(world: World, root: str, with_id: bool, rule: str) -> None:
    """A root span ends the conversation if its trace is the conversation; the root of a turn's trace does not."""
    conversation = new_id()
    request = ExportTraceServiceRequest()
    add_spans(request, conversation, world.clock.now_ns(), 1)
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.parent_span_id, span.name = b"", root
    if not with_id:
        kept = [pair for pair in span.attributes if pair.key != "gen_ai.conversation.id"]
        del span.attributes[:]
        span.attributes.extend(kept)
    world.insert("traces", [request.SerializeToString()])

    world.after(HOUR / SECOND)

    (receipt,) = world.receipts(span.trace_id.hex())
    assert receipt.end_rule == rule
    waited = 0 if rule == "signal" else 30 * MINUTE
    assert receipt.ended_unix_nano == receipt.started_unix_nano + waited


def test_a_runtimes_own_end_ends_the_conversation(world: World) -> None:
    """What a runtime calls the end (here the Bot Framework's) comes as an end mark, and is a signal."""
    conversation = new_id()
    world.spans(conversation)
    world.clock.advance(60)
    world.event(conversation, "bot.conversation.end", bot__conversation__end__reason="endOfConversation")
    ended_ns = world.clock.now_ns()

    world.after(15 * 60)

    receipt = world.receipt(conversation)
    assert (receipt.end_rule, receipt.ended_unix_nano) == ("signal", ended_ns)

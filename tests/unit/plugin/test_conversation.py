"""Conversations, turns and node actions as a bot's author writes them."""

from __future__ import annotations

import otel_botlogs
from otel_botlogs import semconv
from otel_botlogs.testing import Recording, record


def test_example_of_the_interface_writes_its_whole_story(recording: Recording) -> None:
    """The example in interface.md arrives as conversation, turn, node, their events and messages.

    In order.
    """
    with otel_botlogs.conversation("conv-42", channel="web") as conv:
        with conv.turn(user_message="where is my order?") as turn:
            with turn.node("ask_order_id", type="prompt", flow="order_status") as node:
                node.log("asked for the order id", attempt=1)
                node.event("bot.nlu", intent="order_status", confidence=0.93)
            turn.reply("What is your order id?")
        conv.end()

    seen = recording.conversation("conv-42")
    assert [event.name for event in seen.events] == [
        "bot.conversation.start",
        "bot.message.user",
        "bot.node.enter",
        "bot.log",
        "bot.nlu",
        "bot.node.exit",
        "bot.message.bot",
        "bot.conversation.end",
    ]
    assert seen.messages == [("user", "where is my order?"), ("bot", "What is your order id?")]
    assert [span.name for span in seen.spans] == ["ask_order_id", "turn", "conversation"]
    assert seen.named("bot.log")[0].attributes["attempt"] == 1
    assert seen.named("bot.nlu")[0].attributes["bot.nlu.confidence"] == 0.93


def test_every_event_of_a_node_carries_the_node_and_its_span(recording: Recording) -> None:
    """A log event stands alone: conversation, turn and node are on it, and its span is the node action's."""
    with otel_botlogs.conversation("c", channel="web", user_id="u") as conv, conv.turn() as turn:
        with turn.node("Ask name", id="ask", type="prompt", flow="f", flow_version="7") as node:
            node.log("hello")

    line = recording.conversation("c").named("bot.log")[0]
    span = recording.conversation("c").spans[0]
    expected = {
        semconv.GEN_AI_CONVERSATION_ID: "c",
        semconv.SESSION_ID: "c",
        semconv.BOT_ID: "support",
        semconv.BOT_CHANNEL: "web",
        semconv.BOT_TURN_INDEX: 1,
        semconv.BOT_FLOW_ID: "f",
        semconv.BOT_FLOW_VERSION: "7",
        semconv.BOT_NODE_ID: "ask",
        semconv.BOT_NODE_NAME: "Ask name",
        semconv.BOT_NODE_TYPE: "prompt",
    }
    assert expected.items() <= line.attributes.items()
    assert expected.items() <= dict(span.attributes or {}).items()
    assert span.context is not None
    assert line.span_id == span.context.span_id
    assert line.trace_id == span.context.trace_id == conv.trace_id


def test_running_node_is_visible_before_it_ends(recording: Recording) -> None:
    """The enter event is out while the node still runs, with the timestamp that its span will start with."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("slow"):
        entered = recording.conversation("c").named("bot.node.enter")
        spans = recording.spans

    assert len(entered) == 1
    assert spans == []
    assert recording.spans[0].start_time == entered[0].time_ns


def test_two_makers_of_one_conversation_share_a_trace_without_a_root(recording: Recording) -> None:
    """Whoever names the same conversation writes the same trace, under a root that need not exist."""
    with otel_botlogs.conversation("c") as one, one.turn():
        pass
    with record(bot_id="support", environment="sandbox") as elsewhere, otel_botlogs.conversation("c") as two:
        with two.turn():
            pass

    here, there = recording.spans[0], elsewhere.spans[0]
    assert here.context is not None
    assert there.context is not None
    assert here.parent is not None
    assert there.parent is not None
    assert here.context.trace_id == there.context.trace_id
    assert here.parent.span_id == there.parent.span_id == one.root_span_id
    assert here.context.trace_flags == 1  # sampled, and not the random flag


def test_root_span_is_written_once_when_the_conversation_ends(recording: Recording) -> None:
    """The root has the derived ids, no parent, and comes once however often the end is said."""
    with otel_botlogs.conversation("c") as conv:
        conv.end()
        conv.end()

    (root,) = recording.spans
    assert root.name == "conversation"
    assert root.parent is None
    assert root.context is not None
    assert (root.context.trace_id, root.context.span_id) == (conv.trace_id, conv.root_span_id)
    assert len(recording.conversation("c").named("bot.conversation.end")) == 1


def test_conversation_starts_once_and_reopens_after_its_end(recording: Recording) -> None:
    """A message after the end reopens the conversation instead of starting it again."""
    for _ in range(2):
        with otel_botlogs.conversation("c") as conv, conv.turn():
            pass
    with otel_botlogs.conversation("c") as conv:
        conv.end()
    with otel_botlogs.conversation("c") as conv, conv.turn():
        pass

    names = [event.name for event in recording.events]
    assert names == ["bot.conversation.start", "bot.conversation.end", "bot.conversation.reopen"]
    assert [
        span.attributes and span.attributes["bot.turn.index"] for span in recording.spans if span.name == "turn"
    ] == [1, 2, 3]


def test_reply_of_a_node_is_tied_to_it(recording: Recording) -> None:
    """A reply can be said by the turn or by the node that made it."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn:
        with turn.node("greet") as node:
            node.reply("Hello!", message_type="card")
        turn.reply("Bye.")

    by_node, by_turn = recording.conversation("c").named("bot.message.bot")
    assert (by_node.node, by_node.attributes["bot.message.type"], by_turn.node) == ("greet", "card", None)


def test_bot_that_knows_says_whether_the_conversation_is_new_and_which_turn_it_is(recording: Recording) -> None:
    """Where several processes share a conversation, what the bot says counts more than what this process saw."""
    with otel_botlogs.conversation("c", new=False) as conv, conv.turn(index=7):
        pass
    with otel_botlogs.conversation("d", new=True) as conv, conv.turn() as turn:
        pass

    assert [event.name for event in recording.events] == ["bot.conversation.start"]
    assert recording.events[0].attributes["gen_ai.conversation.id"] == "d"
    first = recording.conversation("c").spans[0]
    assert first.attributes is not None
    assert (first.attributes["bot.turn.index"], turn.index) == (7, 1)


def test_conversation_without_an_id_gets_a_trace_and_no_invented_id(recording: Recording) -> None:
    """gen_ai.conversation.id is only ever a real id."""
    with otel_botlogs.conversation() as conv, conv.turn():
        pass

    assert conv.trace_id != 0
    assert all("gen_ai.conversation.id" not in event.attributes for event in recording.events)


def test_user_id_leaves_as_a_keyed_hash() -> None:
    """Two conversations of one user can be joined, the user not be read; unless the settings say plain."""
    with record() as hashed:
        for name in ("a", "b"):
            with otel_botlogs.conversation(name, user_id="+49 170 1234567"):
                pass
    with record(hash_user_ids=False) as plain, otel_botlogs.conversation("a", user_id="u1"):
        pass

    one, two = (event.attributes["user.id"] for event in hashed.events)
    assert one == two
    assert "1234567" not in one
    assert plain.events[0].attributes["user.id"] == "u1"


def test_start_and_finish_without_a_block(recording: Recording) -> None:
    """An instrumentor starts and finishes a node itself, from different tasks if need be.

    Twice is harmless.
    """
    conv = otel_botlogs.conversation("c").start()
    turn = conv.turn().start()
    node = turn.node("n").start()
    with node.active():
        assert otel_botlogs.current_node() is node
        assert otel_botlogs.current_turn() is turn
        assert otel_botlogs.current_conversation() is conv
    node.finish()
    node.finish(ValueError("too late"))
    turn.finish()

    assert [span.name for span in recording.spans] == ["n", "turn"]
    assert recording.conversation("c").errors == []


def test_variables_are_written_with_old_and_new(recording: Recording) -> None:
    """A change of a variable tells both values; a secret's are masked even where content is captured."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("n") as node:
        node.set_variable("city", "Rome")
        node.set_variable("city", "Oslo")
        node.set_variable("password", "hunter2")

    first, second, secret = recording.conversation("c").named("bot.variable.set")
    assert "bot.variable.old" not in first.attributes
    assert (second.attributes["bot.variable.old"], second.attributes["bot.variable.new"]) == ("Rome", "Oslo")
    assert "hunter2" not in str(secret.attributes)

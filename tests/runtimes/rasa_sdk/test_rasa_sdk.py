"""Rasa's action server, from the calls that it gets to what a reader gets."""

from __future__ import annotations

from tests.runtimes.conftest import Driven


def test_a_sender_is_a_conversation_with_words_slots_and_end(driven: Driven) -> None:
    """Three messages and four actions: asking waits, a slot that fails is told, what the server said is filled in."""
    talk = driven.talk("ann")

    assert talk.nodes == ["action_ask_order_id", "validate_order_form", "action_look_up", "action_tell"]
    assert talk.waits == ["action_ask_order_id", "validate_order_form"]
    assert talk.messages == [
        ("user", "where is my order?"),
        ("bot", "What is your order id?"),
        ("user", "what?"),
        ("bot", "That is no order id."),
        ("user", "4711"),
        ("bot", "Please say a number."),
        ("bot", "It is on its way."),
    ]
    assert [log["attributes"]["bot.turn.index"] for log in talk.events("bot.node.enter")] == [1, 2, 3, 3]
    assert [log["attributes"]["bot.nlu.intent"] for log in talk.events("bot.nlu")] == [
        "order_status",
        "inform",
        "inform",
    ]
    assert [log["attributes"]["bot.validation.rule"] for log in talk.events("bot.validation.fail")] == [
        "validate_order_id"
    ]
    assert ("action_look_up", "action_tell", "followup action") in talk.transitions
    assert talk.errors == []
    assert talk.end == "session ended"
    (line,) = talk.events("bot.log")
    assert (line["body"], line["node_id"]) == ("looking up an order", "action_look_up")


def test_a_rejection_is_control_flow_and_an_exception_is_an_error(driven: Driven) -> None:
    """An action that rejects leaves the turn to others; one that raises failed, once."""
    talk = driven.talk("bob")

    assert talk.outcomes == [("action_reject", "control_flow"), ("action_look_up", "error")]
    assert talk.errors == [("action_look_up", "KeyError")]


def test_calls_at_once_stay_apart(driven: Driven) -> None:
    """Concurrent calls of five senders are five conversations."""
    talks = [driven.talk(f"at-once-{number}") for number in range(5)]

    assert [talk.nodes for talk in talks] == [["action_ask_order_id"]] * 5


def test_the_flow_is_learned_by_the_stack(driven: Driven) -> None:
    """Actions run in the flow on top of the stack, and which follows which is learned."""
    flow = driven.flow("order_status")

    assert ("action_look_up", "action_tell") in {(edge["from"], edge["to"]) for edge in flow["edges"]}
    assert flow["learned"]

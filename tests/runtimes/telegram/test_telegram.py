"""A python-telegram-bot bot, from its chats to what a reader gets."""

from __future__ import annotations

from tests.runtimes.conftest import Driven

RETURNED = "returned by the callback"


def test_a_chat_is_a_conversation_with_its_states_replies_and_end(driven: Driven) -> None:
    """Four updates read as the handlers ran: states are waits, a fallback is told, `END` ends the conversation."""
    talk = driven.talk("11")

    assert talk.summary["turns"] == 4
    assert talk.summary["channel"] == "telegram"
    assert [node for node in talk.nodes if node != "gate"] == ["order", "not_an_id", "got_order_id", "confirmed"]
    assert talk.waits == ["order", "not_an_id", "got_order_id"]
    assert talk.transitions == [
        ("order", "state:0", RETURNED),
        ("got_order_id", "state:1", RETURNED),
        ("confirmed", "state:END", RETURNED),
    ]
    assert talk.messages == [
        ("user", "/order"),
        ("bot", "What is your order id?"),
        ("user", "what?"),
        ("bot", "That is no order id."),
        ("user", "4711"),
        ("bot", "Shall I send it again?"),
        ("user", "yes"),
        ("bot", "It is on its way."),
    ]
    assert [event["node_id"] for event in talk.events("bot.fallback")] == ["not_an_id"]
    assert talk.errors == []
    assert talk.end == "ConversationHandler.END"
    assert talk.logs[-1]["event_name"] == "bot.conversation.end"
    (line,) = talk.events("bot.log")
    assert (line["body"], line["node_id"]) == ("looking up an order", "got_order_id")


def test_an_error_that_the_library_swallows_is_one_error(driven: Driven) -> None:
    """A handler that does not block raises: one error in its node, and what the error handler says follows."""
    talk = driven.talk("12")

    assert talk.errors == [("broken_order_id", "KeyError")]
    assert ("broken_order_id", "error") in talk.outcomes
    assert talk.messages[-1] == ("bot", "Sorry, that went wrong.")


def test_a_nested_conversation_is_a_node_with_a_flow_inside(driven: Driven) -> None:
    """The inner handler's steps are in its own flow, and its end leads where `map_to_parent` says."""
    talk = driven.talk("13")

    flows = [log["attributes"].get("bot.flow.id") for log in talk.events("bot.node.enter") if log["node_id"] != "gate"]
    assert flows == ["orders", "orders", "orders", "delivery", "orders", "delivery", "orders"]
    assert ("delivery", "state:1", RETURNED) in talk.transitions
    assert talk.end == "ConversationHandler.END"


def test_a_time_out_ends_the_conversation(driven: Driven) -> None:
    """The handlers of the state TIMEOUT run outside any turn, and then the conversation is over."""
    talk = driven.talk("14")

    assert talk.nodes == ["gate", "order", "too_late"]
    assert talk.messages[-1] == ("bot", "You were gone too long.")
    assert talk.end == "ConversationHandler.TIMEOUT"


def test_stopping_the_handlers_is_no_error(driven: Driven) -> None:
    """`ApplicationHandlerStop` is control flow, and updates at once stay apart."""
    talk = driven.talk("666")

    assert talk.outcomes == [("gate", "control_flow")]
    assert talk.errors == []
    assert [driven.talk(str(100 + user)).nodes for user in range(5)] == [["gate", "greet"]] * 5


def test_the_flow_has_declared_states_and_learned_edges(driven: Driven) -> None:
    """The handler's flow names its states, and the edges that were seen beside those that are declared."""
    flow = driven.flow("orders")

    assert {"start", "order", "state:0", "state:1", "got_order_id"} <= {node["id"] for node in flow["nodes"]}
    edges = {(edge["from"], edge["to"]) for edge in flow["edges"]}
    assert {("start", "order"), ("state:0", "got_order_id"), ("got_order_id", "state:1")} <= edges
    assert flow["learned"]


def test_the_token_never_leaves(driven: Driven) -> None:
    """Calls of the Bot API are told without the token that is in their address."""
    (call,) = driven.talk("11").events("bot.api")

    assert call["attributes"]["bot.api.name"] == "answerCallbackQuery"
    assert "secret" not in str(driven.talk("11").logs)

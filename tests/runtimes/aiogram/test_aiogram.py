"""An aiogram bot, from its chats to what a reader gets."""

from __future__ import annotations

from tests.runtimes.conftest import Driven


def test_a_chat_is_a_conversation_with_its_states_replies_and_end(driven: Driven) -> None:
    """Four updates read as the handlers ran: states are waits, a skipped handler is no error, clearing is the end."""
    talk = driven.talk("21")

    assert talk.summary["turns"] == 4
    assert talk.outcomes == [
        ("skipped", "control_flow"),
        ("order", "waiting"),
        ("not_an_id", "waiting"),
        ("got_order_id", "waiting"),
        ("confirmed", "completed"),
    ]
    assert talk.transitions == [
        ("order", "state:Order:order_id", "set_state"),
        ("got_order_id", "state:Order:confirm", "set_state"),
        ("confirmed", "end", "set_state"),
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
    assert talk.errors == []
    assert talk.end == "state cleared"
    assert talk.logs[-1]["event_name"] == "bot.conversation.end"
    (line,) = talk.events("bot.log")
    assert (line["body"], line["node_id"]) == ("looking up an order", "got_order_id")
    (variable,) = talk.events("bot.variable.set")
    assert (variable["attributes"]["bot.variable.name"], variable["attributes"]["bot.variable.new"]) == (
        "order_id",
        "4711",
    )


def test_an_error_that_a_router_handles_is_one_error(driven: Driven) -> None:
    """A handler raises: one error in its node, and the router's error handler is a node after it."""
    talk = driven.talk("22")

    assert talk.errors == [("broken_order_id", "KeyError")]
    assert talk.outcomes[-2:] == [("broken_order_id", "error"), ("apologise", "waiting")]
    assert talk.messages[-1] == ("bot", "Sorry, that went wrong.")


def test_scenes_say_how_they_are_entered_and_left(driven: Driven) -> None:
    """What a scene does on entering is a node inside the handler that entered it; leaving it ends the conversation."""
    talk = driven.talk("23")

    assert talk.nodes == [
        *("enter_to_scene_handler", "Delivery.ask"),
        *("Delivery.got_day", "Delivery.ask"),
        "Delivery.stop",
    ]
    assert ("enter_to_scene_handler", "state:delivery", "SceneWizard.enter") in talk.transitions
    assert ("Delivery.stop", "end", "SceneWizard.exit") in talk.transitions
    assert talk.end == "state cleared"


def test_conversations_are_what_the_strategy_keeps_apart(driven: Driven) -> None:
    """In a group each user has a conversation, and updates at once stay apart."""
    assert driven.talk("-900:24").nodes == ["greet"]
    assert [driven.talk(str(100 + user)).nodes for user in range(5)] == [["greet"]] * 5


def test_the_flow_has_declared_states_and_learned_edges(driven: Driven) -> None:
    """The router's flow names the states that its handlers ask for, and the edges that were seen."""
    flow = driven.flow("orders")

    edges = {(edge["from"], edge["to"]) for edge in flow["edges"]}
    assert {("start", "order"), ("state:Order:order_id", "got_order_id"), ("confirmed", "end")} <= edges
    assert flow["learned"]
    assert "secret" not in str(driven.talk("21").logs)

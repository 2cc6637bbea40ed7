"""A LangGraph bot, from its threads to what a reader gets."""

from __future__ import annotations

from tests.runtimes.conftest import Driven, RunScript


def test_a_thread_is_a_conversation_with_its_nodes_waits_branches_and_words(driven: Driven) -> None:
    """Three synchronous turns read as the graph ran: an interrupt is a wait, a subgraph's nodes are inside its node."""
    talk = driven.talk("sync")

    assert talk.summary["turns"] == 3
    assert talk.nodes == [
        *("classify", "ask_order_id"),
        *("ask_order_id", "order", "look_up", "tell"),
        *("classify", "fall_back", "good_bye"),
    ]
    assert talk.waits == ["ask_order_id"]
    assert talk.outcomes[:3] == [("classify", "completed"), ("ask_order_id", "waiting"), ("ask_order_id", "completed")]
    assert talk.messages == [
        ("user", "where is my order?"),
        ("bot", "What is your order id?"),
        ("user", "4711"),
        ("bot", "Order 4711 is on its way."),
        ("user", "sing"),
        ("bot", "I do not know."),
    ]
    assert talk.transitions == [
        ("classify", "ask_order_id", "route"),
        ("ask_order_id", "order", "edge"),
        ("look_up", "tell", "edge"),
        ("tell", "__end__", "edge"),
        ("order", "__end__", "edge"),
        ("classify", "fall_back", "route"),
        ("fall_back", "good_bye", "Command(goto)"),
        ("good_bye", "__end__", "edge"),
    ]
    assert talk.errors == []
    (line, *_) = talk.events("bot.log")
    assert (line["body"], line["node_id"]) == ("classifying", "classify")


def test_an_error_is_one_error_where_it_arose(driven: Driven) -> None:
    """A node of a subgraph raises in an asynchronous turn: one error, its node and those around it failed."""
    talk = driven.talk("async")

    assert talk.errors == [("look_up", "KeyError")]
    assert talk.outcomes[-2:] == [("look_up", "error"), ("order", "error")]
    assert talk.summary["turns"] == 2


def test_streams_read_like_calls(driven: Driven) -> None:
    """Streams, sync and async, give the same nodes; one that is abandoned ends its turn without an error."""
    talk = driven.talk("streamed")

    assert talk.nodes[:6] == ["classify", "ask_order_id", "ask_order_id", "order", "look_up", "tell"]
    assert talk.summary["turns"] == 3
    assert talk.errors == []
    assert not any(item["running"] for item in talk.timeline)


def test_conversations_at_once_stay_apart(driven: Driven) -> None:
    """Concurrent turns of five threads are five conversations of two nodes."""
    talks = [driven.talk(f"at-once-{number}") for number in range(5)]

    assert [talk.nodes for talk in talks] == [["classify", "ask_order_id"]] * 5


def test_the_flow_is_the_declared_graph(driven: Driven) -> None:
    """The graph and its subgraph arrive as declared flows, with the conditions' labels on the edges."""
    outer, inner = driven.flow("shop"), driven.flow("shop/order")

    edges = {(edge["from"], edge["to"]) for edge in outer["edges"]}
    assert {("classify", "ask_order_id"), ("classify", "fall_back"), ("order", "__end__")} <= edges
    assert {"look_up", "tell"} <= {node["id"] for node in inner["nodes"]}
    assert not outer["learned"]


def test_without_the_private_runner_callbacks_tell_of_the_nodes(run_script: RunScript) -> None:
    """A LangGraph whose runner has other names is told once, and waits, errors and nodes are still seen."""
    done = run_script("renamed_runner.py")

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("run_with_retry is not there") == 2  # once for the sync one, once for the async one

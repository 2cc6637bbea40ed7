"""Calls of a Pipecat bot whose flow is data: a wait, a branch on a function's result, and a function that fails."""

from __future__ import annotations

from tests.runtimes.conftest import Driven


def test_nodes_wait_and_go_on_with_the_reason(driven: Driven) -> None:
    """A node waits for the user, works again with the answer, and says which function and result led where."""
    talk = driven.talk("sent")

    assert talk.outcomes == [
        ("greet", "waiting"), ("greet", "completed"), ("tell", "waiting"), ("tell", "completed"), ("bye", "waiting"),
    ]  # fmt: skip
    assert talk.transitions == [("greet", "tell", "look_up: status"), ("tell", "bye", "finish")]
    assert talk.errors == []
    assert talk.summary["turns"] == 3


def test_messages_variables_and_lines_belong_to_their_node(driven: Driven) -> None:
    """What the model, the flow's actions and the functions say is in the node at work."""
    talk = driven.talk("sent")

    assert talk.messages == [
        ("bot", "What is it about?"), ("user", "order 4711"), ("bot", "It was sent."), ("user", "thanks"),
        ("bot", "Good bye."), ("bot", "Bye."),
    ]  # fmt: skip
    (line,) = (log for log in talk.events("bot.log") if log["body"] == "looking up 4711")
    assert line["node_id"] == "greet"
    (variable,) = talk.events("bot.variable.set")
    assert (variable["node_id"], variable["attributes"]["bot.variable.new"]) == ("greet", "4711")


def test_branch_is_a_condition_with_its_value(driven: Driven) -> None:
    """The other case of the same function leads to the other node, and the field is on record."""
    talk = driven.talk("lost")

    (condition,) = talk.events("bot.condition")
    assert condition["attributes"]["bot.condition.expression"] == "look_up.status"
    assert condition["attributes"]["bot.condition.taken"] == "refund"
    assert talk.nodes == ["greet", "greet", "refund"]


def test_pipecats_own_tracing_doubles_nothing(driven: Driven) -> None:
    """Where the worker traces, its services' spans lie in the nodes, and conversation and turns are there once."""
    talk = driven.talk("lost")

    assert [item["node_id"] for item in talk.timeline if item["kind"] == "span"] == ["greet", "greet", "refund"]
    assert talk.summary["turns"] == 2


def test_error_that_pipecat_makes_a_result_is_on_its_node(driven: Driven) -> None:
    """The function's exception is there once, its node failed, and the node works on to answer."""
    talk = driven.talk("broken")

    assert talk.errors == [("greet", "ConnectionError")]
    assert talk.outcomes == [("greet", "waiting"), ("greet", "error"), ("greet", "waiting")]
    assert talk.messages[-1] == ("bot", "I could not look that up.")


def test_end_of_the_pipeline_ends_the_conversation(driven: Driven) -> None:
    """Each pipeline is one conversation and ends it."""
    assert driven.conversation_ids == ["broken", "lost", "sent"]
    assert [driven.talk(conversation).end for conversation in driven.conversation_ids] == ["EndFrame"] * 3


def test_flow_is_the_declared_one(driven: Driven) -> None:
    """Nodes and edges come from the flow's data, also those that nobody has gone."""
    flow = driven.flow("flow:greet")

    assert {node["id"] for node in flow["nodes"]} == {"greet", "tell", "refund", "bye"}
    assert {(edge["from"], edge["to"]) for edge in flow["edges"]} == {
        ("greet", "tell"), ("greet", "refund"), ("tell", "bye"),
    }  # fmt: skip


def test_bot_itself_runs_as_without_the_plugin(driven: Driven) -> None:
    """What the bot prints is what its model said."""
    assert driven.out.strip().splitlines() == [
        "sent ['What is it about?', 'It was sent.', 'Bye.']",
        "lost ['What is it about?', 'You get your money back.']",
        "broken ['What is it about?', 'I could not look that up.']",
    ]

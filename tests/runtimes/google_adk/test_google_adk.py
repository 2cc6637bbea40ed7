"""Sessions of a Google ADK workflow: a request for input, a route, a node that fails; ADK's own spans are the nodes."""

from __future__ import annotations

from tests.runtimes.conftest import Driven


def test_native_spans_are_the_nodes(driven: Driven) -> None:
    """Each run of a node is one node action, on ADK's span of it and on no other."""
    talk = driven.talk("sent")

    assert talk.outcomes == [
        ("greet", "completed"), ("ask", "waiting"), ("look_up", "completed"), ("tell", "completed"),
    ]  # fmt: skip
    assert talk.summary["node_actions"] == 4
    assert talk.summary["turns"] == 2
    spans = [item["title"] for item in talk.timeline if item["kind"] == "span"]
    assert [title for title in spans if "invoke_node" in title] == []
    assert talk.errors == []


def test_request_for_input_is_a_wait(driven: Driven) -> None:
    """What the node asks is the bot's message, what resumes it is the user's."""
    talk = driven.talk("sent")

    assert talk.waits == ["ask"]
    assert talk.messages == [
        ("user", "where is my order?"), ("bot", "Hello."), ("bot", "Which order?"), ("user", "4711"),
        ("bot", "It was sent."),
    ]  # fmt: skip
    assert [said["node_id"] for said in talk.events("bot.message.bot")] == ["greet", "ask", "tell"]


def test_route_is_the_reason_of_the_transition(driven: Driven) -> None:
    """The route that a node gives is a condition and leads to the graph's next node."""
    assert driven.talk("sent").transitions == [("greet", "ask", None), ("look_up", "tell", "route sent")]
    assert driven.talk("lost").transitions == [("greet", "ask", None), ("look_up", "refund", "route lost")]
    (condition,) = driven.talk("lost").events("bot.condition")
    assert condition["attributes"]["bot.condition.taken"] == "lost"


def test_lines_and_state_belong_to_the_node(driven: Driven) -> None:
    """The code under an adopted span finds its node: its lines and variables are the node's."""
    talk = driven.talk("sent")

    (line,) = (log for log in talk.events("bot.log") if log["body"] == "looking up 4711")
    (variable,) = talk.events("bot.variable.set")
    assert (line["node_id"], variable["node_id"]) == ("look_up", "look_up")
    assert variable["attributes"]["bot.variable.new"] == "4711"


def test_error_is_on_the_node_where_it_arose(driven: Driven) -> None:
    """The exception is recorded once and reaches the bot as it was."""
    talk = driven.talk("broken")

    assert talk.errors == [("look_up", "ConnectionError")]
    assert talk.outcomes[-1] == ("look_up", "error")
    assert driven.out.strip().splitlines()[2] == "broken ['Hello.'] ['failed: the shop does not answer']"


def test_flow_is_the_declared_graph(driven: Driven) -> None:
    """Nodes, edges and routes come from the workflow, also those that nobody has gone."""
    flow = driven.flow("order_status")

    assert {(edge["from"], edge["to"], edge.get("label") or None) for edge in flow["edges"]} == {
        ("__START__", "greet", None), ("greet", "ask", None), ("ask", "look_up", None),
        ("look_up", "tell", "sent"), ("look_up", "refund", "lost"),
    }  # fmt: skip


def test_agent_and_its_tool_are_nodes(driven: Driven) -> None:
    """Without a workflow the agent is the node, its tools are in it, the flow is learned; the model's spans stay."""
    talk = driven.talk("agent")

    assert talk.outcomes == [("status_of", "completed"), ("helper", "completed")]
    assert talk.messages == [("user", "where is 4711?"), ("bot", "Your order is sent.")]
    assert [said["node_id"] for said in talk.events("bot.message.bot")] == ["helper"]
    (line,) = (log for log in talk.events("bot.log") if log["body"] == "asked for 4711")
    assert line["node_id"] == "status_of"
    spans = [(item["title"], item["node_id"]) for item in talk.timeline if item["kind"] == "span"]
    assert spans.count(("generate_content table", "helper")) == 2
    assert [(edge["from"], edge["to"]) for edge in driven.flow("helper")["edges"]] == [("helper", "status_of")]

"""Flows: declared, learned, versioned by content, published once."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import otel_botlogs
from otel_botlogs import guard
from otel_botlogs.testing import Recording, record

ORDER = {
    "id": "test_flow.order",
    "name": "Order status",
    "nodes": [{"id": "ask", "name": "Ask id", "type": "prompt"}, {"id": "tell"}],
    "edges": [{"from": "ask", "to": "tell", "reason": "valid"}],
}


def test_declared_flow_gives_its_nodes_version_and_type_and_is_published_once(recording: Recording) -> None:
    """A node of a declared flow knows version and type; the definition leaves in the first conversation only."""
    flow = otel_botlogs.flow(ORDER)
    assert flow is not None
    for name in ("a", "b"):
        with (
            otel_botlogs.conversation(name) as conv,
            conv.turn() as turn,
            turn.node("Ask", id="ask", flow="test_flow.order"),
        ):
            pass

    (definition,) = (event for event in recording.events if event.name == "bot.flow.definition")
    entered = recording.conversation("a").named("bot.node.enter")[0]
    assert entered.attributes["bot.flow.version"] == flow.version == definition.attributes["bot.flow.version"]
    assert entered.attributes["bot.node.type"] == "prompt"
    assert definition.attributes["gen_ai.conversation.id"] == "a"
    assert definition.attributes["bot.flow.learned"] is False
    assert json.loads(definition.body or "") == {
        "id": "test_flow.order",
        "name": "Order status",
        "nodes": [{"id": "ask", "name": "Ask id", "type": "prompt"}, {"id": "tell", "name": "tell", "type": "action"}],
        "edges": [{"from": "ask", "to": "tell", "label": "valid"}],
    }


def test_version_changes_with_the_content_alone() -> None:
    """The same content is the same version, whatever the order of keys; another edge is another version."""
    one = otel_botlogs.flow(ORDER)
    two = otel_botlogs.flow(dict(reversed(ORDER.items())))
    three = otel_botlogs.flow({**ORDER, "edges": []})

    assert one is not None
    assert two is not None
    assert three is not None
    assert one.version == two.version != three.version


def test_learned_flow_grows_with_what_is_seen(recording: Recording) -> None:
    """Nodes and transitions seen at run time are added and published, marked as learned, under one version."""
    flow = otel_botlogs.flow({"id": "test_flow.learned"}, learned=True)
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn:
        with turn.node("a", flow=flow) as node:
            node.transition("b", "yes")
        with turn.node("b", flow=flow):
            pass

    definitions = recording.conversation("c").named("bot.flow.definition")
    last = json.loads(definitions[-1].body or "")
    assert [node["id"] for node in last["nodes"]] == ["a", "b"]
    assert last["edges"] == [{"from": "a", "to": "b", "label": "yes"}]
    assert {event.attributes["bot.flow.learned"] for event in definitions} == {True}
    assert len({event.attributes["bot.flow.version"] for event in definitions}) == 1
    published = len(definitions)
    with otel_botlogs.conversation("d") as conv, conv.turn() as turn, turn.node("a", flow=flow):
        pass
    assert recording.conversation("d").named("bot.flow.definition") == []
    assert published <= 3


@pytest.mark.parametrize(
    "wrong", [{}, {"id": "x", "nodes": [{}]}, {"id": "x", "edges": [{"from": "a"}]}, {"id": "x", "nodes": 7}]
)
def test_wrong_definition_is_told_and_the_bot_runs_on(recording: Recording, wrong: dict[str, object]) -> None:
    """A definition that cannot be read gives None, which a node takes."""
    flow = otel_botlogs.flow(wrong)
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("n", flow=flow):
        pass

    assert flow is None
    assert guard.counts()["flow"] == 1
    assert recording.conversation("c").nodes == ["n"]


def test_a_learned_edge_keeps_the_rules_of_what_leaves() -> None:
    """The reason of a transition is redacted on the edge that is learned from it, as on the node's exit."""
    flow = otel_botlogs.flow({"id": "test_flow.personal"}, learned=True)

    with (
        record(environment="production") as recording,
        otel_botlogs.conversation("a") as conv,
        conv.turn() as turn,
        turn.node("Ask", flow=flow) as node,
    ):
        node.transition("tell", "sent to anna@example.com with 4111 1111 1111 1111")
    with record(environment="production") as later, otel_botlogs.conversation("b") as conv, conv.turn() as turn:
        with turn.node("Ask", flow=flow):
            pass

    left = "".join(str((event.body, event.attributes)) for event in (*recording.events, *later.events))
    assert "<card>" in left
    assert "anna@example.com" not in left
    assert "4111" not in left


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=20))
def test_any_transitions_can_be_learned(pairs: list[tuple[str, str]]) -> None:
    """Whatever the names, each transition is in the definition once."""
    flow = otel_botlogs.flow({"id": "test_flow.any", "nodes": [{"id": str(len(pairs))}]}, learned=True)
    assert flow is not None
    with record():
        for origin, to in pairs:
            flow.learn_edge(origin, to)
            flow.learn_edge(origin, to)

    edges = json.loads(flow.to_json())["edges"]
    assert {(edge["from"], edge["to"]) for edge in edges} >= set(pairs)
    assert len(edges) == len({(edge["from"], edge["to"], edge.get("label")) for edge in edges})

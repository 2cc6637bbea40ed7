"""How node actions end and where the way goes on: errors, control flow, waits, transitions."""

from __future__ import annotations

import asyncio

import pytest
from opentelemetry.trace import StatusCode

import otel_botlogs
from otel_botlogs.testing import Recording


def test_exception_marks_the_node_and_the_turn_and_is_written_once(recording: Recording) -> None:
    """The bot gets its own exception.

    One bot.error says where it came from, the spans it went through fail.
    """
    with (
        otel_botlogs.conversation("c") as conv,
        pytest.raises(ZeroDivisionError),
        conv.turn() as turn,
        turn.node("outer") as outer,
        outer.node("inner"),
    ):
        _ = 1 / 0

    seen = recording.conversation("c")
    (error,) = seen.named("bot.error")
    assert error.node == "inner"
    assert error.severity == "ERROR"
    assert error.attributes["error.type"] == "ZeroDivisionError"
    assert "1 / 0" in error.attributes["exception.stacktrace"]
    assert {span.status.status_code for span in seen.spans} == {StatusCode.ERROR}


def test_two_failures_at_the_same_place_are_two_errors(recording: Recording) -> None:
    """A retry that fails the same way is told from the same exception passing through."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn:
        for _ in range(3):
            try:
                with turn.node("flaky"):
                    raise ValueError("again")
            except ValueError:
                continue

    assert len(recording.conversation("c").named("bot.error")) == 3


def test_control_flow_waits_and_cancellation_are_not_errors(recording: Recording) -> None:
    """A runtime's interrupt, a wait for the user and a cancelled task end a node without an error."""

    class Interrupt(Exception):
        """How a runtime pauses."""

    with otel_botlogs.conversation("c") as conv, conv.turn() as turn:
        with pytest.raises(Interrupt), turn.node("a", not_errors=(Interrupt,)):
            raise Interrupt
        with pytest.raises(Interrupt), turn.node("b", not_errors=(Interrupt,)) as node:
            node.wait("an answer", timeout_s=30)
            raise Interrupt
        with pytest.raises(asyncio.CancelledError), turn.node("d"):
            raise asyncio.CancelledError

    seen = recording.conversation("c")
    assert [event.attributes["bot.node.outcome"] for event in seen.named("bot.node.exit")] == [
        "control_flow",
        "waiting",
        "cancelled",
    ]
    assert seen.named("bot.node.wait")[0].attributes["bot.wait.timeout_s"] == 30
    assert seen.errors == []
    assert all(span.status.status_code is StatusCode.UNSET for span in seen.spans)


def test_control_flow_that_passes_the_turn_is_no_error_there_either(recording: Recording) -> None:
    """What a node knows as control flow, the turn and the conversation around it take for that too."""

    class Interrupt(Exception):
        """How a runtime pauses."""

    with pytest.raises(Interrupt):
        with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("n", not_errors=(Interrupt,)):
            raise Interrupt
    with pytest.raises(Interrupt), otel_botlogs.conversation("c") as conv, conv.turn(not_errors=(Interrupt,)):
        raise Interrupt

    seen = recording.conversation("c")
    assert seen.errors == []
    assert all(span.status.status_code is StatusCode.UNSET for span in seen.spans)


def test_transition_says_where_and_why(recording: Recording) -> None:
    """A transition known in time is on the exit event and the span, one known later is an event by itself."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn:
        with turn.node("a") as node:
            node.transition("b", "intent greet")
        with turn.node("b") as late:
            pass
        late.transition("d", "state 3")

    seen = recording.conversation("c")
    assert seen.transitions == [("a", "b", "intent greet"), ("b", "d", "state 3")]
    assert seen.spans[0].attributes is not None
    assert seen.spans[0].attributes["bot.transition.to"] == "b"
    assert seen.named("bot.node.transition")[0].node == "b"


def test_a_node_that_forks_says_every_way(recording: Recording) -> None:
    """The first transition is on the exit event, each further one an event of the node."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("a") as node:
        node.transition("b", "edge")
        node.transition("c")

    seen = recording.conversation("c")
    assert sorted(seen.transitions) == [("a", "b", "edge"), ("a", "c", None)]
    assert [event.attributes["bot.transition.to"] for event in seen.named("bot.node.exit")] == ["b"]


@pytest.mark.parametrize(
    ("kind", "operation", "named"),
    [
        ("tool", "execute_tool", "gen_ai.tool.name"),
        ("agent", "invoke_agent", "gen_ai.agent.name"),
        ("workflow", "invoke_workflow", "gen_ai.workflow.name"),
    ],
)
def test_nodes_that_genai_knows_have_its_names(recording: Recording, kind: str, operation: str, named: str) -> None:
    """The span is found by what GenAI tools look for; events in it keep the operation they are about."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("find", type=kind) as node:
        node.llm_request("m", [])

    (span,) = (span for span in recording.spans if span.name == "find")
    (asked,) = recording.conversation("c").named("bot.llm.request")
    assert span.attributes is not None
    assert (span.attributes["gen_ai.operation.name"], span.attributes[named]) == (operation, "find")
    assert asked.attributes["gen_ai.operation.name"] == "chat"

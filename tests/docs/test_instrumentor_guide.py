"""The guide's instrumentor, run as it stands there against the runtime that the guide speaks of."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import otel_botlogs
from otel_botlogs import guard, testing
from tests.support import parley

GUIDE = Path(__file__).parents[2] / "otel_botlogs" / "instrumentors" / "README.md"


@pytest.fixture
def instrumentor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The guide's code, executed, and its instrumentor."""
    monkeypatch.setitem(sys.modules, "parley", parley)
    (source,) = re.findall(r"<!-- example: instrumentor -->\n```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "guide"}
    exec(compile(source, str(GUIDE), "exec"), names)
    found = names["ParleyInstrumentor"]()
    found.instrument(skip_dep_check=True)
    yield found
    if found.is_instrumented_by_opentelemetry:
        found.uninstrument()


def ask(state: parley.State) -> str:
    if not state.values.get("asked"):
        state.values["asked"] = True
        state.replies.append("Which order?")
        raise parley.Pause
    return "look_up" if state.answer else "ask"


def look_up(state: parley.State) -> str:
    otel_botlogs.current_node().log("looking", order=state.answer)
    if state.answer == "bad":
        raise KeyError(state.answer)
    return "tell"


def tell(state: parley.State) -> None:
    state.replies.append("It is sent.")


def bot(name: str) -> parley.Engine:
    return parley.Engine(parley.Flow(name, {"ask": ask, "look_up": look_up, "tell": tell}))


def test_conversation_of_two_turns_reads_right(instrumentor: Any) -> None:
    """Two turns with a wait and a branch: nodes, messages, transitions, the learned flow and the end are there."""
    engine = bot("guide.two-turns")
    with testing.record() as recording:
        assert engine.handle("s1", "hello") == ["Which order?"]
        assert engine.handle("s1", "4711") == ["It is sent."]

    talk = recording.conversation("s1")
    assert talk.nodes == ["ask", "ask", "look_up", "tell"]
    assert talk.messages == [("user", "hello"), ("bot", "Which order?"), ("user", "4711"), ("bot", "It is sent.")]
    assert [event.attributes["bot.node.outcome"] for event in talk.named("bot.node.exit")] == ["waiting"] + [
        "completed"
    ] * 3
    assert [(origin, to) for origin, to, _ in talk.transitions] == [("ask", "look_up"), ("look_up", "tell")]
    assert talk.logs("look_up") == ["looking"]
    assert talk.errors == []
    assert len(talk.named("bot.conversation.end")) == 1
    graph = json.loads(talk.named("bot.flow.definition")[-1].body or "")
    assert [node["id"] for node in graph["nodes"]] == ["ask", "look_up", "tell"]
    assert {(edge["from"], edge["to"]) for edge in graph["edges"]} == {("ask", "look_up"), ("look_up", "tell")}
    assert guard.counts() == {}


def test_swallowed_error_is_recorded_where_it_arose(instrumentor: Any) -> None:
    """The bot answers as ever, and the step's error is on record."""
    engine = bot("guide.error")
    with testing.record() as recording:
        engine.handle("s1", "hello")
        assert engine.handle("s1", "bad") == ["Something went wrong."]

    talk = recording.conversation("s1")
    (error,) = talk.named("bot.error")
    assert (error.node, error.attributes["error.type"]) == ("look_up", "KeyError")
    assert len(talk.named("bot.fallback")) == 1


def test_uninstrumented_runtime_is_as_it_was(instrumentor: Any) -> None:
    """Every wrapped name is back, and the bot works without a trace."""
    assert any(
        "wrapt" in type(value).__module__ or hasattr(value, "__wrapped__") for value in vars(parley.Engine).values()
    )
    instrumentor.uninstrument()

    with testing.record() as recording:
        assert bot("guide.plain").handle("s1", "hello") == ["Which order?"]
    assert recording.events == []
    assert not any(hasattr(value, "__wrapped__") for value in vars(parley.Engine).values())

"""Bad days: whatever goes wrong in telemetry, the bot behaves as without it."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

import pytest

import otel_botlogs
from otel_botlogs import active, guard
from otel_botlogs.content import Value
from otel_botlogs.noop import NOOP_CONVERSATION, NOOP_NODE, NOOP_TURN
from otel_botlogs.pipeline import Hooks
from otel_botlogs.registry import Registry
from otel_botlogs.testing import Recording, record


def talk() -> str:
    with otel_botlogs.conversation("c", channel="web", user_id="u") as conv:
        with conv.turn(user_message="hi") as turn:
            with turn.node("n", flow="f") as node:
                node.log("line", x=1)
                node.wait()
                node.transition("m")
                node.set_variable("v", 1)
                node.branch("a", {}, taken=True)
                with node.node("inner"):
                    pass
            turn.reply("bye")
        conv.end()
    return "done"


class Broken:
    """A telemetry part of which nothing works."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"broken {name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("broken call")


@pytest.mark.parametrize("part", ["clock", "content", "start_span", "emit", "backend", "registry", "hooks", "settings"])
def test_any_broken_part_leaves_the_bot_alone(recording: Recording, part: str) -> None:
    """With any part of the pipeline failing at every call, the bot's code runs to its end, and it is counted."""
    pipeline = active.pipeline()
    assert pipeline is not None
    broken: dict[str, Any] = {part: Broken()}
    active._pipeline = replace(pipeline, **broken)  # pyright: ignore[reportPrivateUsage]

    assert talk() == "done"

    assert sum(guard.counts().values()) > 0


@pytest.mark.parametrize("part", ["clock", "content", "start_span", "emit", "backend", "registry", "hooks", "settings"])
def test_bots_own_exception_passes_through_a_broken_plugin(recording: Recording, part: str) -> None:
    """The very exception that the bot raised comes out, whatever the plugin's state."""
    pipeline = active.pipeline()
    assert pipeline is not None
    broken: dict[str, Any] = {part: Broken()}
    active._pipeline = replace(pipeline, **broken)  # pyright: ignore[reportPrivateUsage]
    mine = ValueError("mine")

    with pytest.raises(ValueError) as caught, otel_botlogs.conversation("c") as conv, conv.turn() as turn:
        with turn.node("n"):
            raise mine

    assert caught.value is mine
    assert vars(mine) == {}
    assert mine.__context__ is None


def test_hooks_that_raise_are_counted_and_dropped() -> None:
    """An author's hook that fails costs its own effect and nothing else."""

    def fail(*args: object) -> None:
        raise RuntimeError("hook")

    with record(hooks=Hooks(turn_hook=fail, node_hook=fail, log_hook=fail)) as recording:
        assert talk() == "done"

    assert recording.conversation("c").nodes == ["n", "inner"]
    assert {"turn_hook", "node_hook", "log_hook"} <= set(guard.counts())


def test_hooks_see_and_change_what_leaves() -> None:
    """A hook may annotate turns and nodes, and change an event before it leaves."""

    def on_log(name: str, attributes: MutableMapping[str, Value]) -> None:
        attributes["team"] = "a"
        attributes.pop("x", None)

    def on_node(node: otel_botlogs.Node) -> None:
        node.set_attribute("reviewed", True)

    with record(hooks=Hooks(node_hook=on_node, log_hook=on_log)) as recording:
        talk()

    (line,) = recording.conversation("c").named("bot.log")
    assert line.attributes["team"] == "a"
    assert line.attributes["reviewed"] is True
    assert "x" not in line.attributes


def test_unconfigured_objects_do_nothing_and_have_the_whole_interface(recording: Recording) -> None:
    """Every call that works when configured works when not, and writes nothing."""
    active.install(None)

    assert talk() == "done"
    conv = otel_botlogs.conversation("c")
    with conv.start().active(), conv.turn().start() as turn, turn.node("n") as node:
        assert otel_botlogs.current_node() is NOOP_NODE
        assert otel_botlogs.current_turn() is NOOP_TURN
        assert otel_botlogs.current_conversation() is NOOP_CONVERSATION
        node.record_error(ValueError())
        node.finish()
        assert (node.conversation, node.span, node.outcome, dict(node.attributes)) == (conv, None, "completed", {})
        turn.user_message("x")
        node.event("bot.nlu", intent="x")
        node.set_attribute("a", 1)

    assert recording.events == []


def test_registry_forgets_the_least_recently_used() -> None:
    """However many conversations never end, only so many are remembered, the ones in use among them."""
    registry = Registry(100)
    kept = registry.state("kept", 0)
    for number in range(10_000):
        registry.state(f"c{number}", 0)
        if number % 50 == 0:
            registry.state("kept", 0)

    assert len(registry) == 100
    assert registry.state("kept", 0) is kept


def test_swallowed_error_is_recorded_by_hand(recording: Recording) -> None:
    """An instrumentor can record an error that the runtime kept to itself."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("n") as node:
        node.record_error(KeyError("swallowed"))

    seen = recording.conversation("c")
    assert seen.errors == ["KeyError"]
    assert seen.named("bot.node.exit")[0].attributes["bot.node.outcome"] == "error"
    assert seen.named("bot.node.exit")[0].severity == "ERROR"

"""`otel_botlogs.node` on functions, coroutines, generators and async generators."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Generator, Iterator

import pytest

import otel_botlogs
from otel_botlogs.testing import Recording


@pytest.fixture
def in_turn(recording: Recording) -> Iterator[Recording]:
    """Run the test inside a turn of the conversation `c`."""
    with otel_botlogs.conversation("c") as conv, conv.turn():
        yield recording


def outcomes(recording: Recording) -> list[tuple[str | None, str]]:
    exits = recording.conversation("c").named("bot.node.exit")
    return [(event.node, event.attributes["bot.node.outcome"]) for event in exits]


def test_function_is_a_node_of_its_name(in_turn: Recording) -> None:
    """A call is a node action, with the function's result and name untouched."""

    @otel_botlogs.node(type="function")
    def look_up(order: int) -> int:
        """Look it up."""
        otel_botlogs.current_node().log("looking")
        return order + 1

    assert look_up(1) == 2
    assert (look_up.__name__, look_up.__doc__) == ("look_up", "Look it up.")
    assert in_turn.conversation("c").logs("look_up") == ["looking"]


def test_block_can_be_used_again_and_inside_itself(in_turn: Recording) -> None:
    """One declaration serves many actions, also nested ones."""
    block = otel_botlogs.node("step")
    with block as outer, block as inner:
        assert otel_botlogs.current_node() is inner

    assert inner.parent is outer
    assert outcomes(in_turn) == [("step", "completed"), ("step", "completed")]


def test_block_shared_by_tasks_ends_the_right_node(in_turn: Recording) -> None:
    """Tasks that enter one declaration and leave it in another order each end their own node."""
    block = otel_botlogs.node("step")

    async def run(first: asyncio.Event, then: asyncio.Event) -> None:
        async with block as node:
            first.set()
            await then.wait()
            assert otel_botlogs.current_node() is node
        assert node.outcome == "completed"

    async def main() -> None:
        one, two, go = asyncio.Event(), asyncio.Event(), asyncio.Event()
        early = asyncio.create_task(run(one, two))
        await one.wait()
        late = asyncio.create_task(run(two, go))
        await early
        go.set()
        await late

    asyncio.run(main())

    entered = [event.span_id for event in in_turn.conversation("c").named("bot.node.enter")]
    left = [event.span_id for event in in_turn.conversation("c").named("bot.node.exit")]
    assert left == entered


def test_coroutine_keeps_its_node_over_awaits(in_turn: Recording) -> None:
    """Two coroutines that run interleaved each have their own node."""

    @otel_botlogs.node()
    async def step(name: str) -> str:
        for _ in range(3):
            await asyncio.sleep(0)
            otel_botlogs.current_node().log(name)
        return name

    async def main() -> list[str]:
        return list(await asyncio.gather(step("a"), step("b")))

    assert inspect.iscoroutinefunction(step)
    assert asyncio.run(main()) == ["a", "b"]
    spans = {event.body: event.span_id for event in in_turn.conversation("c").named("bot.log")}
    assert len(set(spans.values())) == 2


def test_generator_does_not_leak_its_node_into_the_consumer(in_turn: Recording) -> None:
    """Between items the consumer is outside the node; sent values, thrown errors and results pass through."""

    @otel_botlogs.node()
    def talk() -> Generator[str, str, int]:
        otel_botlogs.current_node().log("first")
        answer = yield "one"
        otel_botlogs.current_node().log(answer)
        try:
            yield "two"
        except ValueError:
            yield "caught"
        return 7

    talking = talk()
    assert next(talking) == "one"
    assert otel_botlogs.current_node().name == ""
    assert talking.send("hello") == "two"
    assert talking.throw(ValueError()) == "caught"
    with pytest.raises(StopIteration) as stop:
        next(talking)

    assert stop.value.value == 7
    assert inspect.isgeneratorfunction(talk)
    assert in_turn.conversation("c").logs("talk") == ["first", "hello"]
    assert outcomes(in_turn) == [("talk", "completed")]


def test_abandoned_and_failing_generators_finish_their_node(in_turn: Recording) -> None:
    """A generator closed early was cancelled; one that raises has failed, with its own exception."""

    @otel_botlogs.node()
    def count(fail: bool) -> Generator[int]:
        yield 1
        if fail:
            raise KeyError("no")
        yield 2

    early = count(fail=False)
    next(early)
    early.close()
    with pytest.raises(KeyError):
        list(count(fail=True))

    assert outcomes(in_turn) == [("count", "cancelled"), ("count", "error")]


def test_async_generator_is_a_node_from_first_to_last_item(in_turn: Recording) -> None:
    """The same for async generators: context inside only, sends, throws and closing pass through."""

    @otel_botlogs.node()
    async def talk() -> AsyncGenerator[str, str]:
        answer = yield "one"
        otel_botlogs.current_node().log(answer)
        try:
            yield "two"
        except ValueError:
            yield "caught"

    async def main() -> None:
        talking = talk()
        assert await anext(talking) == "one"
        assert otel_botlogs.current_node().name == ""
        assert await talking.asend("hello") == "two"
        assert await talking.athrow(ValueError()) == "caught"
        with pytest.raises(StopAsyncIteration):
            await anext(talking)
        early = talk()
        await anext(early)
        await early.aclose()

    asyncio.run(main())

    assert inspect.isasyncgenfunction(talk)
    assert in_turn.conversation("c").logs("talk") == ["hello"]
    assert outcomes(in_turn) == [("talk", "completed"), ("talk", "cancelled")]


def test_outside_any_conversation_a_decorated_function_is_just_itself(recording: Recording) -> None:
    """Without a conversation there is nothing to write to, and the function runs as ever."""

    @otel_botlogs.node()
    def look_up() -> str:
        otel_botlogs.current_node().log("nowhere")
        return "found"

    assert look_up() == "found"
    assert recording.events == []

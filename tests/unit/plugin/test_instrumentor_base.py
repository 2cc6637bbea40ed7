"""What runtime instrumentors stand on: patches that leave no trace, the version check, observed calls and streams."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from opentelemetry.instrumentation.dependencies import DependencyConflictError
from opentelemetry.instrumentation.utils import suppress_instrumentation

import otel_botlogs
from otel_botlogs import guard
from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.testing import Recording


class Base:
    def inherited(self) -> str:
        return "inherited"


class Engine(Base):
    """A runtime: sync, async, streams, static and class methods."""

    def run(self, name: str) -> str:
        otel_botlogs.current_node().log("inside")
        if name == "bad":
            raise KeyError(name)
        return name.upper()

    async def arun(self, name: str) -> str:
        await asyncio.sleep(0)
        otel_botlogs.current_node().log("inside")
        return name.upper()

    def stream(self) -> Generator[int]:
        yield 1
        otel_botlogs.current_node().log("inside")
        yield 2

    async def astream(self) -> AsyncGenerator[int]:
        yield 1
        otel_botlogs.current_node().log("inside")
        yield 2

    @staticmethod
    def helper(x: int) -> int:
        return x + 1

    @classmethod
    def make(cls) -> Engine:
        return cls()


@pytest.fixture
def runtime() -> Iterator[str]:
    """A module `fake_runtime` that holds the engine."""
    module: Any = ModuleType("fake_runtime")
    module.Engine = Engine
    sys.modules["fake_runtime"] = module
    yield "fake_runtime"
    del sys.modules["fake_runtime"]


def observer(instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    stack = ExitStack()
    conv = stack.enter_context(otel_botlogs.conversation("c"))
    turn = stack.enter_context(conv.turn())
    stack.enter_context(turn.node("engine"))
    return stack


def passed_by(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return wrapped(*args, **kwargs)


def test_every_name_is_as_it_was_after_undo(runtime: str) -> None:
    """Own, inherited, static and class methods: wrapping and undoing leaves the class's dict identical."""
    before = dict(vars(Engine))
    patches = Patches("test")
    for name in ("run", "arun", "stream", "helper", "make", "inherited"):
        assert patches.wrap(runtime, f"Engine.{name}", passed_by)
    assert (Engine.helper(1), type(Engine.make()), Engine().inherited()) == (2, Engine, "inherited")
    assert vars(Engine) != before

    patches.undo()

    assert vars(Engine) == before


def test_name_that_somebody_wrapped_since_stays_theirs_and_ours_is_silent(runtime: str, recording: Recording) -> None:
    """Uninstrumenting never throws another instrumentation out."""
    original = Engine.run
    patches = Patches("test")
    patches.observe(runtime, "Engine.run", observer)
    ours: Any = Engine.run
    Engine.run = lambda self, name: "theirs " + ours(self, name)  # type: ignore[method-assign]
    try:
        patches.undo()
        assert Engine().run("a") == "theirs A"
    finally:
        Engine.run = original  # type: ignore[method-assign]

    assert recording.events == []


def test_missing_name_is_told_once_and_the_instrumentor_can_fall_back(runtime: str) -> None:
    """A private name that a new version lost gives false, not an exception."""
    patches = Patches("test")

    assert patches.wrap(runtime, "Engine.gone", passed_by) is False
    assert patches.wrap("no_such_runtime", "x", passed_by) is False
    assert guard.counts() == {"test.Engine.gone": 1, "test.x": 1}


def test_observed_calls_return_and_raise_as_ever(runtime: str, recording: Recording) -> None:
    """Sync and async calls run inside what the observer gave, and their results and errors are untouched."""
    results: list[Any] = []
    patches = Patches("test")
    patches.observe(runtime, "Engine.run", observer, lambda _, result: results.append(result))
    patches.observe(runtime, "Engine.arun", observer, lambda _, result: results.append(result))
    try:
        assert Engine().run("a") == "A"
        assert asyncio.run(Engine().arun("b")) == "B"
        with pytest.raises(KeyError):
            Engine().run("bad")
    finally:
        patches.undo()

    seen = recording.conversation("c")
    assert results == ["A", "B"]
    assert seen.nodes == ["engine"] * 3
    assert [event.node for event in seen.named("bot.log")] == ["engine"] * 3
    assert seen.errors == ["KeyError"]


def test_observer_that_fails_leaves_the_call_alone(runtime: str) -> None:
    """A translation that breaks, before, after or on the result, is counted; the runtime does not notice."""

    class Failing:
        def __enter__(self) -> None:
            raise RuntimeError("enter")

        def __exit__(self, *_: object) -> bool:
            raise RuntimeError("exit")

    def fail(*_: object) -> Any:
        raise RuntimeError("observer")

    def half_way(*_: object) -> Any:
        return Failing()

    for watch in (fail, half_way):
        patches = Patches("test")
        patches.observe(runtime, "Engine.run", watch, fail)
        try:
            assert Engine().run("a") == "A"
            with pytest.raises(KeyError):
                Engine().run("bad")
        finally:
            patches.undo()

    assert sum(guard.counts().values()) == 7


def test_streams_are_turns_or_nodes_that_do_not_leak(runtime: str, recording: Recording) -> None:
    """A sync or async stream is one activity; between items the consumer is outside it."""
    items: list[Any] = []

    def opener(*_: object) -> Any:
        return otel_botlogs.conversation("c").start().turn().start().node("stream")

    def watch(node: Any, item: Any) -> None:
        items.append((node.name, item))

    patches = Patches("test")
    patches.observe_stream(runtime, "Engine.stream", opener, watch)
    patches.observe_stream(runtime, "Engine.astream", opener)

    async def consume() -> list[int]:
        got: list[int] = []
        async for item in Engine().astream():
            assert otel_botlogs.current_node().name == ""
            got.append(item)
        return got

    try:
        assert [(item, otel_botlogs.current_node().name) for item in Engine().stream()] == [(1, ""), (2, "")]
        assert asyncio.run(consume()) == [1, 2]
    finally:
        patches.undo()

    assert items == [("stream", 1), ("stream", 2)]
    assert recording.conversation("c").nodes == ["stream", "stream"]
    assert [event.node for event in recording.conversation("c").named("bot.log")] == ["stream", "stream"]


def test_suppressed_instrumentation_passes_by(runtime: str, recording: Recording) -> None:
    """While OpenTelemetry suppresses instrumentation, a wrapped name is just itself."""
    patches = Patches("test")
    patches.observe(runtime, "Engine.run", observer)
    try:
        with suppress_instrumentation():
            assert Engine().run("a") == "A"
    finally:
        patches.undo()

    assert recording.events == []


class FakeInstrumentor(RuntimeInstrumentor):
    supported = ("pytest >= 1",)

    def _patch(self, patches: Patches) -> None:
        patches.observe("fake_runtime", "Engine.run", observer)


class TooNewInstrumentor(RuntimeInstrumentor):
    supported = ("pytest < 1", "no-such-runtime > 3")

    def _patch(self, patches: Patches) -> None:
        raise AssertionError("must not be reached")


def test_instrument_twice_and_uninstrument(runtime: str, recording: Recording) -> None:
    """Instrumenting is idempotent, and uninstrumenting leaves the class as it was."""
    before = dict(vars(Engine))
    instrumentor = FakeInstrumentor()
    instrumentor.instrument(skip_dep_check=True)
    instrumentor.instrument(skip_dep_check=True)
    try:
        Engine().run("a")
    finally:
        instrumentor.uninstrument()

    assert vars(Engine) == before
    assert recording.conversation("c").nodes == ["engine"]


def test_unsupported_version_is_a_conflict_that_the_loader_knows() -> None:
    """The loader skips its own check for a distribution of many runtimes, so each runtime's is made here."""
    with pytest.raises(DependencyConflictError):
        TooNewInstrumentor().instrument(skip_dep_check=True, raise_exception_on_conflict=True)


def test_instrument_finds_the_plugins_own_entry_points(
    runtime: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recording: Recording
) -> None:
    """`otel_botlogs.instrument()` takes every runtime that is there and passes over the missing and the broken."""
    found = tmp_path / "some_bots-1.dist-info"
    found.mkdir()
    (found / "METADATA").write_text("Metadata-Version: 2.1\nName: some-bots\nVersion: 1\n")
    (found / "entry_points.txt").write_text(
        "[opentelemetry_instrumentor]\n"
        "botlogs_fake = otel_botlogs.instrumentors.fake:FakeInstrumentor\n"
        "botlogs_missing = otel_botlogs.instrumentors.missing:Missing\n"
        "botlogs_too_new = otel_botlogs.instrumentors.fake:TooNewInstrumentor\n"
        "foreign = json:nothing_there\n"
    )
    module: Any = ModuleType("otel_botlogs.instrumentors.fake")
    module.FakeInstrumentor, module.TooNewInstrumentor = FakeInstrumentor, TooNewInstrumentor
    monkeypatch.setitem(sys.modules, "otel_botlogs.instrumentors.fake", module)
    monkeypatch.syspath_prepend(str(tmp_path))

    done = otel_botlogs.instrument()
    try:
        assert [name for name in done if name in {"botlogs_fake", "botlogs_missing", "botlogs_too_new"}] == [
            "botlogs_fake"
        ]
        assert guard.counts()["instrument.botlogs_too_new"] == 1
        Engine().run("a")
    finally:
        FakeInstrumentor().uninstrument()

    assert recording.conversation("c").nodes == ["engine"]

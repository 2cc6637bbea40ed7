"""`otel_botlogs.node(…)`: a node action as a `with` block or as a decorator.

It opens under the running node, turn or conversation; outside any of them it does nothing. Around a generator
the node lasts from the first item to the last, and its context is current only while the generator's own
code runs: an attached context must never be held across a `yield`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from types import TracebackType
from typing import Any, TypeVar, Unpack, cast

from otel_botlogs.generators import drive, drive_async
from otel_botlogs.node import Node, NodeOptions
from otel_botlogs.noop import NOOP_NODE
from otel_botlogs.scope import current_scope

F = TypeVar("F", bound=Callable[..., Any])


class NodeBlock:
    """What `otel_botlogs.node(…)` gives: enter it, or put it on a function, any number of times."""

    __slots__ = ("_entered", "_name", "_options")

    def __init__(self, name: str | None, options: NodeOptions) -> None:
        self._name = name
        self._options = options
        self._entered: list[Node] = []

    def open(self, default_name: str = "node") -> Node:
        """Return a new node action under the running scope, not started.

        One that does nothing where there is none.
        """
        scope = current_scope()
        return NOOP_NODE if scope is None else Node(scope, self._name or default_name, **self._options)

    def __enter__(self) -> Node:
        node = self.open()
        self._entered.append(node)
        return node.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = current_scope()  # tasks may enter one declaration in any order
        entered = running if isinstance(running, Node) and running in self._entered else self._entered[-1]
        self._entered.remove(entered)
        entered.__exit__(kind, error, trace)

    async def __aenter__(self) -> Node:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, function: F) -> F:
        """Return *function* as a node of its own name.

        Functions, coroutines, generators and async generators.
        """
        if inspect.isasyncgenfunction(function):
            wrapped = self._around_async_generator(function)
        elif inspect.isgeneratorfunction(function):
            wrapped = self._around_generator(function)
        elif inspect.iscoroutinefunction(function):
            wrapped = self._around_coroutine(function)
        else:
            wrapped = self._around_function(function)
        return cast("F", wrapped)

    def _around_function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self.open(function.__name__):
                return function(*args, **kwargs)

        return call

    def _around_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def call(*args: Any, **kwargs: Any) -> Any:
            with self.open(function.__name__):
                return await function(*args, **kwargs)

        return call

    def _around_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            return (yield from drive(self.open(function.__name__), function(*args, **kwargs)))

        return call

    def _around_async_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
            driven = drive_async(self.open(function.__name__), function(*args, **kwargs))
            try:
                item = await anext(driven)
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        await driven.aclose()
                        raise
                    except BaseException as error:  # noqa: BLE001 - thrown in by the consumer
                        item = await driven.athrow(error)
                    else:
                        item = await driven.asend(sent)
            except StopAsyncIteration:
                return

        return call


def node(name: str | None = None, **options: Unpack[NodeOptions]) -> NodeBlock:
    """Return a node action for a `with` block, or a decorator; *name* defaults to the function's."""
    return NodeBlock(name, options)

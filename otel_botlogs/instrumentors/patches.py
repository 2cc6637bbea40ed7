"""Wraps names of a runtime and puts every one back as it was.

`observe` is the way to wrap: the observer looks at the call and gives something to enter around it,
a node or a turn for example. What the runtime returns and raises is untouched, and what the
observer does wrong is counted and stays here.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any, Final, cast

import wrapt
from opentelemetry.instrumentation.utils import is_instrumentation_enabled

from otel_botlogs import guard
from otel_botlogs.activity import Activity
from otel_botlogs.generators import drive, drive_async

_MISSING: Final = object()

Wrapper = Callable[[Callable[..., Any], Any, tuple[Any, ...], dict[str, Any]], Any]
Observation = AbstractContextManager[Any]
"""What goes around a call: a turn, a node, an `ExitStack` of several; it can neither raise nor suppress."""

Observer = Callable[[Any, tuple[Any, ...], dict[str, Any]], Observation | None]
OnResult = Callable[[Any, Any], None]


class Patches:
    """The names that one instrumentor has wrapped."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._undo: list[tuple[Any, str, Any, Any]] = []
        self._on = True

    def wrap(self, module: str, name: str, wrapper: Wrapper) -> bool:
        """Wrap `module.name` (`"Class.method"` or `"function"`) as wrapt does; false if it is not there.

        A missing name means that the runtime's private API has changed: it is told once, the bot runs on,
        and the instrumentor can fall back on a public hook. *wrapper* is passed by while instrumentation is
        suppressed.
        """
        try:
            parent, attribute = _resolve(module, name)
            original = getattr(parent, attribute)
        except (ImportError, AttributeError) as error:
            guard.drop(
                f"{self._owner}.{name}",
                f"{self._owner}: {module}.{name} is not there ({error}); the runtime may be newer than "
                "the plugin, what it does there is not recorded",
            )
            return False

        def call(wrapped: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if not self._on or not is_instrumentation_enabled():
                return wrapped(*args, **kwargs)
            return wrapper(wrapped, instance, args, kwargs)

        own: Any = vars(parent).get(attribute, _MISSING)
        target: Any = own if isinstance(own, staticmethod | classmethod) else original
        patched: Any = cast("Any", wrapt.FunctionWrapper)(target, call)
        setattr(parent, attribute, patched)
        self._undo.append((parent, attribute, own, patched))
        return True

    def observe(self, module: str, name: str, observer: Observer, on_result: OnResult | None = None) -> bool:
        """Wrap `module.name`, a function or a coroutine function.

        *observer(instance, args, kwargs)* gives what to enter around the call, or None to leave it alone.
        *on_result(observation, result)* is called while it is still entered.
        """
        is_coroutine: bool | None = None  # asked once: the answer takes longer than the rest of this wrapper

        def wrapper(wrapped: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            nonlocal is_coroutine
            if is_coroutine is None:
                is_coroutine = inspect.iscoroutinefunction(wrapped)
            if is_coroutine:
                observe = functools.partial(_observation, observer, instance, args, kwargs)
                return _await_observed(observe, on_result, functools.partial(wrapped, *args, **kwargs))
            observation = _observation(observer, instance, args, kwargs)
            if observation is None:
                return wrapped(*args, **kwargs)
            return _call_observed(observation, on_result, wrapped, args, kwargs)

        return self.wrap(module, name, wrapper)

    def observe_stream(
        self,
        module: str,
        name: str,
        opener: Callable[[Any, tuple[Any, ...], dict[str, Any]], Activity | None],
        on_item: Callable[[Activity, Any], None] | None = None,
    ) -> bool:
        """Wrap `module.name`, which gives an iterator or async iterator.

        *opener* gives the turn or node that it is.
        """

        def wrapper(wrapped: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            stream = wrapped(*args, **kwargs)
            activity = _observation(opener, instance, args, kwargs)
            if activity is None:
                return stream
            each = None if on_item is None else functools.partial(on_item, activity)
            if isinstance(stream, AsyncIterator):
                return drive_async(activity, stream, each)
            return drive(activity, stream, each) if isinstance(stream, Iterator) else stream

        return self.wrap(module, name, wrapper)

    def undo(self) -> None:
        """Put every name back as it was.

        One that somebody has wrapped since stays theirs, and ours does nothing in it.
        """
        self._on = False
        while self._undo:
            parent, attribute, own, patched = self._undo.pop()
            if vars(parent).get(attribute) is not patched:
                continue
            if own is _MISSING:
                delattr(parent, attribute)  # it was inherited
            else:
                setattr(parent, attribute, own)


def _resolve(module: str, name: str) -> tuple[Any, str]:
    parent: Any = import_module(module)
    *path, attribute = name.split(".")
    for part in path:
        parent = getattr(parent, part)
    return parent, attribute


def _observation(observer: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        return observer(instance, args, kwargs)
    except Exception as error:  # noqa: BLE001 - guard
        guard.note(_name(observer), error)
        return None


def _call_observed(
    observation: Observation,
    on_result: OnResult | None,
    wrapped: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    _guarded(observation.__enter__)
    try:
        result = wrapped(*args, **kwargs)
    except BaseException as error:
        _guarded(observation.__exit__, type(error), error, error.__traceback__)
        raise
    _finish(observation, on_result, result)
    return result


async def _await_observed(
    observe: Callable[[], Observation | None], on_result: OnResult | None, call: Callable[[], Awaitable[Any]]
) -> Any:
    """Observe and call in the task that awaits: what the observer attaches must be detached in the same context."""
    observation = observe()
    if observation is None:
        return await call()
    _guarded(observation.__enter__)
    try:
        result = await call()
    except BaseException as error:
        _guarded(observation.__exit__, type(error), error, error.__traceback__)
        raise
    _finish(observation, on_result, result)
    return result


def _finish(observation: Observation, on_result: OnResult | None, result: Any) -> None:
    if on_result is not None:
        _guarded(on_result, observation, result)
    _guarded(observation.__exit__, None, None, None)


def _guarded(function: Callable[..., object], *args: Any) -> None:
    try:
        function(*args)
    except Exception as error:  # noqa: BLE001 - guard
        guard.note(_name(function), error)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", type(function).__name__)

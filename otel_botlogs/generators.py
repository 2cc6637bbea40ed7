"""Generators inside a turn or node: the context is current only while the generator's own code runs.

A context attached across a `yield` would leak into the consumer and be detached in another task.
Instrumentors use `drive` and `drive_async` on a runtime's own streams.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from typing import Any

from otel_botlogs import guard
from otel_botlogs.activity import Activity

OnItem = Callable[[Any], None]


def drive(activity: Activity, inner: Iterator[Any], on_item: OnItem | None = None) -> Generator[Any, Any, Any]:
    """Run *inner* as *activity*.

    Starts at the first item, finishes at the end, an error, or when it is abandoned.
    """
    activity.start()
    running = activity.active()
    try:
        with running:
            item = next(inner)
        while True:
            _observe(on_item, item)
            try:
                sent = yield item
            except GeneratorExit:
                with running:
                    _close(inner)
                raise
            except BaseException as error:  # noqa: BLE001 - thrown in by the consumer, the author's code gets it
                with running:
                    item = _throw(inner, error)
            else:
                with running:
                    item = next(inner) if sent is None else _send(inner, sent)
    except StopIteration as stop:
        activity.finish()
        return stop.value
    except BaseException as error:
        activity.finish(error)
        raise


async def drive_async(
    activity: Activity, inner: AsyncIterator[Any], on_item: OnItem | None = None
) -> AsyncGenerator[Any, Any]:
    """Run *inner* as *activity*; the async twin of `drive`."""
    activity.start()
    running = activity.active()
    try:
        with running:
            item = await anext(inner)
        while True:
            _observe(on_item, item)
            try:
                sent = yield item
            except GeneratorExit:
                if isinstance(inner, AsyncGenerator):
                    with running:
                        await inner.aclose()
                raise
            except BaseException as error:
                if not isinstance(inner, AsyncGenerator):
                    raise
                with running:
                    item = await inner.athrow(error)
            else:
                with running:
                    item = await _asend(inner, sent)
    except StopAsyncIteration:
        activity.finish()
    except BaseException as error:
        activity.finish(error)
        raise


def _observe(on_item: OnItem | None, item: Any) -> None:
    if on_item is not None:
        try:
            on_item(item)
        except Exception as error:  # noqa: BLE001 - guard
            guard.note("on_item", error)


def _send(inner: Iterator[Any], value: Any) -> Any:
    return inner.send(value) if isinstance(inner, Generator) else next(inner)


async def _asend(inner: AsyncIterator[Any], value: Any) -> Any:
    if value is not None and isinstance(inner, AsyncGenerator):
        return await inner.asend(value)
    return await anext(inner)


def _throw(inner: Iterator[Any], error: BaseException) -> Any:
    if isinstance(inner, Generator):
        return inner.throw(error)
    raise error


def _close(inner: Iterator[Any]) -> None:
    if isinstance(inner, Generator):
        inner.close()

"""Runtimes that trace themselves: their own spans stand for turns and nodes, and nothing is doubled.

An instrumentor registers an observer of spans; `setup` calls it from its span processor. On the start of a span
that is a node it says `turn.node(…).start(on=span)`, on its end `node.finish()`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from opentelemetry.context import Context
from opentelemetry.trace import Span

from otel_botlogs import guard


class SpanObserver(Protocol):
    """Told of every span that others start and end; quick, because it runs in the bot's thread."""

    def span_started(self, span: Span, context: Context) -> None:
        """Run at the start, in *context*; attributes may be set."""
        ...

    def span_ended(self, span: object) -> None:
        """Run after the end; *span* is the SDK's readable span and cannot be changed any more."""
        ...


_observers: tuple[SpanObserver, ...] = ()


def observe_spans(observer: SpanObserver) -> Callable[[], None]:
    """Register *observer* and return what takes it out again."""
    global _observers  # noqa: PLW0603 - an instrumentor is the process's
    _observers = (*_observers, observer)

    def undo() -> None:
        global _observers  # noqa: PLW0603
        _observers = tuple(known for known in _observers if known is not observer)

    return undo


def tell_started(span: Span, context: Context) -> None:
    """Tell all observers that *span* has started."""
    for observer in _observers:
        try:
            observer.span_started(span, context)
        except Exception as error:  # noqa: BLE001 - guard
            guard.note(f"{type(observer).__name__}.span_started", error)


def tell_ended(span: object) -> None:
    """Tell all observers that *span* has ended."""
    for observer in _observers:
        try:
            observer.span_ended(span)
        except Exception as error:  # noqa: BLE001 - guard
            guard.note(f"{type(observer).__name__}.span_ended", error)

"""A turn or a node action: a span that starts and finishes once, with or without a `with` block.

Instrumentors call `start` and `finish` themselves and put the work between in `active()`, because
a runtime's generator must not hold an attached context across a `yield`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextvars import Token
from types import TracebackType
from typing import Literal, Self

from opentelemetry import context as otel_context
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, StatusCode, set_span_in_context

from otel_botlogs import guard, semconv
from otel_botlogs.content import Value
from otel_botlogs.failures import error_attributes, error_type
from otel_botlogs.recorder import Recorder
from otel_botlogs.scope import SCOPE_KEY, adopt
from otel_botlogs.severity import ERROR

Outcome = Literal["completed", "waiting", "error", "cancelled", "control_flow"]


class Activity(Recorder):
    """A span of a conversation; the attributes of its place are on it from the start."""

    __slots__ = ("_adopted", "_finished", "_not_errors", "_outcome", "_span", "_token", "started_ns")

    def __init__(self) -> None:
        self._span: Span | None = None
        self._token: Token[Context] | None = None
        self._outcome: Outcome = "completed"
        self._not_errors: tuple[type[BaseException], ...] = ()
        self._finished = False
        self._adopted = False
        self.started_ns = 0

    @property
    def span(self) -> Span | None:
        """The OpenTelemetry span, for attributes of one's own; None before the start."""
        return self._span

    @property
    def outcome(self) -> Outcome:
        """How it went so far."""
        return self._outcome

    def start(self, on: Span | None = None) -> Self:
        """Start the span without making it current; harmless the second time.

        With *on*, a running span of the runtime's own stands for this turn or node: it gets the attributes, the
        events go to it, and ending it stays the runtime's.
        """
        try:
            if self._span is None:
                self._span, self._adopted = on, on is not None
                self._start()
        except Exception as error:  # noqa: BLE001 - guard, inlined on the hot path
            guard.note(f"{type(self).__name__}.start", error)
        return self

    def finish(self, error: BaseException | None = None) -> None:
        """Finish the span; *error* is what the work raised, if anything. Harmless the second time."""
        try:
            if self._span is not None and not self._finished:
                self._finished = True
                if error is not None:
                    self._judge(error)
                self._finish()
        except Exception as problem:  # noqa: BLE001 - guard, inlined on the hot path
            guard.note(f"{type(self).__name__}.finish", problem)

    def active(self) -> Active:
        """Return a context manager in which this is the current scope and span; usable many times."""
        return Active(self._context)

    def record_error(self, error: BaseException) -> None:
        """Record an error that the runtime swallowed.

        The span fails, `bot.error` is written once an exception.
        """
        try:
            self._fail(error)
        except Exception as problem:  # noqa: BLE001 - guard
            guard.note("record_error", problem)

    def __enter__(self) -> Self:
        self.start()
        self._token = otel_context.attach(self._context)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if (token := self._token) is not None:
            self._token = None
            otel_context.detach(token)
        self.finish(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def _start(self) -> None:
        raise NotImplementedError

    def _finish(self) -> None:
        raise NotImplementedError

    def _open_span(
        self, name: str, parent: Context, links: Sequence[Link] = (), own: Mapping[str, Value] | None = None
    ) -> None:
        """Start the span under *parent* and make the context that goes with it; *own* is the span's alone."""
        pipeline = self._pipeline
        self._conversation.passing.forget()
        self.started_ns = pipeline.clock.time_ns()
        if self._span is not None:
            self._span.set_attributes(self._base)
            adopt(self._span, self)
        else:
            attributes = {**self._base, **own} if own else self._base
            self._span = pipeline.start_span(name, parent, attributes, links, self.started_ns)
        context = set_span_in_context(self._span, parent)
        self._context = otel_context.set_value(SCOPE_KEY, self, context)

    def _close_span(self, ended_ns: int) -> None:
        if self._span is not None and not self._adopted:
            self._span.end(ended_ns)

    def _judge(self, error: BaseException) -> None:
        """Tell an error from a runtime's control flow and from a cancellation."""
        passing = self._conversation.passing
        if isinstance(error, self._not_errors) or passing.is_pardoned(error):
            passing.pardon(error)
            if self._outcome == "completed":
                self._outcome = "control_flow"
        elif isinstance(error, (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt, SystemExit)):
            self._outcome = "cancelled"
        else:
            self.record_error(error)

    def _fail(self, error: BaseException) -> None:
        self._outcome = "error"
        name = error_type(error)
        if self._span is not None and self._span.is_recording():
            self._span.set_status(StatusCode.ERROR, name)
            self._span.set_attribute(semconv.ERROR_TYPE, name)
        if self._conversation.passing.is_new(error):
            self._emit(semconv.EVENT_ERROR, None, error_attributes(error), ERROR)


class Active:
    """Makes a context current for a `with` block, in the same task, and nothing else."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._token: Token[Context] | None = None

    def __enter__(self) -> None:
        self._token = otel_context.attach(self._context)

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            otel_context.detach(self._token)
            self._token = None

"""A span of ours while it runs, and what is exported of it afterwards; one object for both.

The SDK's own span keeps five locks and bounded containers that nearly every node leaves empty, cleans attributes that
are clean, and is copied when it ends. This one is made of the SDK's public readable span and the API's span.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace import Span as SdkSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, Span, SpanContext, Status, StatusCode
from opentelemetry.util.types import AnyValue, Attributes

from otel_botlogs.clock import SystemClock

MAX_ITEMS: Final = 128  # the SDK's default limit of attributes, events and links
_PLAIN: Final = (str, int, float, bool)
_clock: Final = SystemClock()


class NodeSpan(ReadableSpan, Span):
    """A recording, sampled span."""

    def __init__(  # noqa: PLR0917 - positions are quicker, and it is made in one place
        self,
        name: str,
        context: SpanContext,
        parent: SpanContext,
        resource: Resource,
        attributes: dict[str, Any],
        links: Sequence[Link],
        scope: InstrumentationScope,
        started_ns: int,
        on_end: Callable[[ReadableSpan], None],
    ) -> None:
        """Take *attributes* as they are: clean, and from now on the span's."""
        super().__init__(
            name, context, parent, resource, attributes, (), links, start_time=started_ns, instrumentation_scope=scope
        )
        self._own: dict[str, Any] = attributes
        self._on_end = on_end
        self._runs = True

    def get_span_context(self) -> SpanContext:
        """Return the ids and flags."""
        return cast("SpanContext", self._context)

    def is_recording(self) -> bool:
        """Whether it still runs."""
        return self._runs

    def end(self, end_time: int | None = None) -> None:
        """Give the span to the exporters; harmless the second time."""
        if self._runs:
            self._runs = False
            self._end_time = _clock.time_ns() if end_time is None else end_time
            self._on_end(self)

    def set_attributes(self, attributes: Mapping[str, AnyValue]) -> None:
        """Set what the SDK would: values of other types are made text or dropped."""
        for key, value in attributes.items():
            self.set_attribute(key, value)

    def set_attribute(self, key: str, value: AnyValue) -> None:
        """Set one."""
        own = self._own
        if not self._runs or (key not in own and len(own) >= MAX_ITEMS):
            return
        if type(value) in _PLAIN and key and type(key) is str:
            own[key] = value
        else:
            own.update(BoundedAttributes(1, {key: value}).copy())

    def add_event(self, name: str, attributes: Attributes = None, timestamp: int | None = None) -> None:
        """Add a span event; only other instrumentations and the bot do, ours are log records."""
        if self._runs and len(self._events) < MAX_ITEMS:
            event = Event(name, BoundedAttributes(MAX_ITEMS, attributes), timestamp or _clock.time_ns())
            self._events: Sequence[Event] = [*self._events, event]

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        """Add a link."""
        if self._runs and len(self._links) < MAX_ITEMS:
            self._links: Sequence[Link] = [*self._links, Link(context, BoundedAttributes(MAX_ITEMS, attributes))]

    def update_name(self, name: str) -> None:
        """Change the name."""
        if self._runs:
            self._name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Set the status; OK stays OK, and nothing unsets one."""
        new = status if isinstance(status, Status) else Status(status, description)
        if self._runs and new.status_code is not StatusCode.UNSET and not self._is_ok():
            self._status = new

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: FBT001, FBT002 - the API's signature
    ) -> None:
        """Add an exception as a span event, as the SDK writes it."""
        SdkSpan.record_exception(cast("SdkSpan", self), exception, attributes, timestamp, escaped)

    def _is_ok(self) -> bool:
        return self._status.status_code is StatusCode.OK

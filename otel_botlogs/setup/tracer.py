"""Starts the plugin's spans: light ones where nothing but batch queues would see them, else the SDK's.

Light ones are for the usual set-up only: spans sampled as their parent is, no limits of the author's own, and no other
processor that would have to see them start. All else, and an SDK whose private names have changed, gets the SDK's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, ParentBasedTraceIdRatio
from opentelemetry.trace import Link, Span, SpanContext, TraceFlags, Tracer, get_current_span

from otel_botlogs.content import Value
from otel_botlogs.pipeline import StartSpan
from otel_botlogs.setup.span import MAX_ITEMS, NodeSpan
from otel_botlogs.setup.stamp import ConversationSpanProcessor

_KNOWN_FLAGS: Final = 0b11  # sampled, random
_FOLLOWS_PARENT: Final = (ParentBased, ParentBasedTraceIdRatio)


def make_span_starter(tracer: Tracer) -> StartSpan:
    """Return the lightest way to start a span of *tracer*."""
    if isinstance(tracer, SdkTracer):
        try:
            return LightTracer(tracer).start_span
        except AttributeError:
            pass  # the SDK's private names have changed
    return _plain(tracer)


def _plain(tracer: Tracer) -> StartSpan:
    def start_span(
        name: str, parent: Context, attributes: dict[str, Value], links: Sequence[Link], started_ns: int
    ) -> Span:
        return tracer.start_span(name, context=parent, attributes=attributes, links=links, start_time=started_ns)

    return start_span


class LightTracer:
    """Starts light spans while it can; processors that are added later are seen at the next span."""

    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer
        self._plain = _plain(tracer)
        self._scope = tracer._instrumentation_scope  # noqa: SLF001
        self._is_enabled = tracer._is_enabled  # noqa: SLF001
        self._is_usual = (
            _has_usual_limits(tracer._span_limits)  # noqa: SLF001
            and type(tracer._tracer_metrics).__name__ == "NoOpTracerMetrics"  # noqa: SLF001 - else the SDK counts spans
        )
        self._chain = tracer.span_processor
        self._sampler: Any = None
        self._processors: Any = None
        self._on_end: Callable[[ReadableSpan], None] | None = None
        self._look()

    def start_span(
        self, name: str, parent: Context, attributes: dict[str, Value], links: Sequence[Link], started_ns: int
    ) -> Span:
        """Start a span under that of *parent*."""
        tracer = self._tracer
        if self._chain._span_processors is not self._processors or tracer.sampler is not self._sampler:  # noqa: SLF001
            self._look()
        over = get_current_span(parent).get_span_context()
        flags = over.trace_flags
        if self._on_end is None or not flags & TraceFlags.SAMPLED or not over.is_valid or not self._is_enabled():
            return self._plain(name, parent, attributes, links, started_ns)
        if flags & ~_KNOWN_FLAGS:
            flags = TraceFlags(flags & _KNOWN_FLAGS)
        span_id = tracer.id_generator.generate_span_id()
        context = SpanContext(over.trace_id, span_id, False, flags, over.trace_state)  # noqa: FBT003
        return NodeSpan(
            name, context, over, tracer.resource, attributes.copy(), links, self._scope, started_ns, self._on_end
        )

    def _look(self) -> None:
        """Look who would see a span, and whether the sampler only follows the parent."""
        self._processors = self._chain._span_processors  # noqa: SLF001
        self._sampler = self._tracer.sampler
        others = [one for one in self._processors if type(one) is not ConversationSpanProcessor]
        is_seen_ended_only = all(type(one) is BatchSpanProcessor for one in others)
        may = self._is_usual and is_seen_ended_only and _follows_parent(self._sampler)
        self._on_end = self._chain.on_end if may else None


def _has_usual_limits(limits: Any) -> bool:
    counts = (
        *(limits.max_span_attributes, limits.max_events, limits.max_links),
        *(limits.max_event_attributes, limits.max_link_attributes),
    )
    lengths = (limits.max_span_attribute_length, limits.max_attribute_length)
    return all(length is None for length in lengths) and all(count in {None, MAX_ITEMS} for count in counts)


def _follows_parent(sampler: Any) -> bool:
    """Whether *sampler* keeps what has a sampled parent, and adds nothing to it."""
    if sampler is ALWAYS_ON:
        return True
    if type(sampler) not in _FOLLOWS_PARENT:
        return False
    keeps = (sampler._remote_parent_sampled, sampler._local_parent_sampled)  # noqa: SLF001
    drops = (sampler._remote_parent_not_sampled, sampler._local_parent_not_sampled)  # noqa: SLF001
    return all(one is ALWAYS_ON for one in keeps) and all(one is ALWAYS_OFF for one in drops)

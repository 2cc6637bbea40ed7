"""A segment of a conversation: the stretch of it that is one trace.

Most conversations have one. A very long one goes on in a new trace, linked to the one before, because
trace stores cannot hold a trace of days and a hundred thousand spans.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from opentelemetry import baggage
from opentelemetry import context as otel_context
from opentelemetry.context import Context, get_current
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from otel_botlogs import identity, semconv
from otel_botlogs.config import TraceMode
from otel_botlogs.content import Value
from otel_botlogs.pipeline import Pipeline, RootSpan
from otel_botlogs.registry import ConversationState
from otel_botlogs.scope import SCOPE_KEY

if TYPE_CHECKING:
    from otel_botlogs.recorder import Recorder

_HOUR_NS: Final = 3600 * 10**9


class Segment:
    """The ids, the attributes and the context of one segment."""

    __slots__ = ("_caller", "_pipeline", "_started_ns", "base", "conversation_id", "identity", "number")

    def __init__(
        self,
        pipeline: Pipeline,
        conversation_id: str | None,
        state: ConversationState,
        attributes: Mapping[str, Value],
        caller: SpanContext,
    ) -> None:
        settings = pipeline.settings
        self._pipeline = pipeline
        self._caller = caller
        self._started_ns = state.segment_started_ns
        self.conversation_id = conversation_id
        self.number = state.segment
        self.identity = (
            identity.invent()
            if conversation_id is None
            else identity.derive(
                settings.key,
                bot_id=settings.bot_id,
                environment=settings.environment or "",
                conversation_id=conversation_id,
                segment=state.segment,
            )
        )
        self.base: dict[str, Value] = {**attributes, **self._names(attributes), semconv.BOT_ID: settings.bot_id}
        if settings.bot_version:
            self.base[semconv.BOT_VERSION] = settings.bot_version

    def root(self) -> SpanContext:
        """Return the context of the root span, which need not exist; it carries the head sampler's decision.

        Never the W3C random flag: the id is derived.
        """
        sampled = self._pipeline.backend.samples(self.identity.trace_id)
        flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
        return SpanContext(self.identity.trace_id, self.identity.root_span_id, is_remote=True, trace_flags=flags)

    def context(self, scope: Recorder, trace_mode: TraceMode) -> Context:
        """Return the running context with the conversation as scope, parent and baggage."""
        context = get_current()
        # A caller in this very trace is another part of the bot: its span stays the parent.
        keeps_span = self._caller.is_valid and (trace_mode == "adopt" or self.called_from_inside)
        if not keeps_span:
            context = set_span_in_context(NonRecordingSpan(self.root()), context)
        if self._pipeline.settings.baggage and self.conversation_id is not None:
            context = baggage.set_baggage(semconv.GEN_AI_CONVERSATION_ID, self.conversation_id, context)
        return otel_context.set_value(SCOPE_KEY, scope, context)

    @property
    def called_from_inside(self) -> bool:
        """Whether the span that the conversation was opened in belongs to this trace."""
        return self._caller.trace_id == self.identity.trace_id

    def caller_links(self) -> list[Link]:
        """Return a link to the span that brought the message, if that is in another trace."""
        return [Link(self._caller)] if self._caller.is_valid and not self.called_from_inside else []

    def is_full(self, state: ConversationState, now_ns: int) -> bool:
        """Whether the next turn belongs into a new segment."""
        settings = self._pipeline.settings
        age_ns = now_ns - state.segment_started_ns
        return state.segment_spans >= settings.segment_max_spans or age_ns > settings.segment_max_hours * _HOUR_NS

    def write_root(self) -> None:
        """Write the root span, from the first that this process saw of the segment until now."""
        self._pipeline.backend.write_root(
            RootSpan(
                identity=self.identity,
                name=semconv.SPAN_CONVERSATION,
                started_ns=self._started_ns,
                ended_ns=self._pipeline.clock.time_ns(),
                attributes=self.base,
                links=self.caller_links(),
            )
        )

    def _names(self, attributes: Mapping[str, Value]) -> dict[str, Value]:
        if self.conversation_id is None:
            return {}
        session = str(attributes.get(semconv.SESSION_ID, self.conversation_id))
        names: dict[str, Value] = {
            semconv.GEN_AI_CONVERSATION_ID: self.conversation_id,
            semconv.SESSION_ID: f"{session}#{self.number}" if self.number else session,
        }
        if self.number:
            names[semconv.SESSION_PREVIOUS_ID] = f"{session}#{self.number - 1}" if self.number > 1 else session
        return names

"""Stamps the conversation on everything that starts inside it: spans and log records of any instrumentation.

At start, so that samplers, other processors and a process that dies in the middle see it too. Where there is
no conversation in this process but one came along as baggage, its id is stamped.

The names of the node are not put on spans of others: a span that has them *is* a node action, and a call that a node
makes is not a second visit of it. Where it belongs is told by its parent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opentelemetry import baggage
from opentelemetry._logs import LoggerProvider
from opentelemetry.context import Context, get_current
from opentelemetry.sdk._logs import LoggerProvider as SdkLoggerProvider
from opentelemetry.sdk._logs import LogRecordProcessor, ReadWriteLogRecord
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.trace import TracerProvider

from otel_botlogs import adopt, guard, semconv
from otel_botlogs.content import Value
from otel_botlogs.scope import inherit, scope_of

_STAMPED: Final = "_otel_botlogs_stamped"
_OF_THE_NODE: Final = frozenset({semconv.BOT_NODE_ID, semconv.BOT_NODE_NAME, semconv.BOT_NODE_TYPE})


class ConversationSpanProcessor(SpanProcessor):
    """Puts the attributes of the running conversation, turn and flow on spans that others start."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Stamp *span*, unless it is the plugin's own."""
        try:
            scope = span.instrumentation_scope
            if scope is not None and scope.name == semconv.SCOPE_NAME:
                return
            present = span.attributes or {}
            for name, value in _conversation_attributes(parent_context).items():
                if name not in present and name not in _OF_THE_NODE:
                    span.set_attribute(name, value)
            context = get_current() if parent_context is None else parent_context
            inherit(span, context)
            adopt.tell_started(span, context)
        except Exception as error:  # noqa: BLE001 - guard
            guard.note("stamp_span", error)

    def on_end(self, span: ReadableSpan) -> None:
        """Tell those that stand for turns and nodes."""
        scope = span.instrumentation_scope
        if scope is None or scope.name != semconv.SCOPE_NAME:
            adopt.tell_ended(span)


class ConversationLogRecordProcessor(LogRecordProcessor):
    """Puts the same on log records that others emit, and the name `bot.log` on those that have none."""

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        """Stamp *log_record*, unless it is the plugin's own."""
        try:
            scope = log_record.instrumentation_scope
            if scope is not None and scope.name == semconv.SCOPE_NAME:
                return
            record: Any = log_record.log_record
            stamp = _conversation_attributes(record.context)
            if stamp:
                for name, value in stamp.items():
                    if name not in record.attributes:
                        record.attributes[name] = value
                record.event_name = record.event_name or semconv.EVENT_LOG
        except Exception as error:  # noqa: BLE001 - guard
            guard.note("stamp_log", error)

    def shutdown(self) -> None:
        """Nothing is held."""

    def force_flush(self, timeout_millis: int = 30000) -> bool:  # noqa: ARG002
        """Nothing is held."""
        return True


def stamp_spans(provider: TracerProvider) -> None:
    """Make *provider* stamp; once."""
    if isinstance(provider, SdkTracerProvider) and not is_stamped(provider):
        provider.add_span_processor(ConversationSpanProcessor())
        setattr(provider, _STAMPED, True)


def stamp_logs(provider: LoggerProvider) -> None:
    """Make *provider* stamp, before any of its processors: an exporting one must not come first."""
    if not isinstance(provider, SdkLoggerProvider) or is_stamped(provider):
        return
    provider.add_log_record_processor(ConversationLogRecordProcessor())
    setattr(provider, _STAMPED, True)
    try:
        chain: Any = provider._multi_log_record_processor  # noqa: SLF001 - the SDK only appends
        with chain._lock:  # noqa: SLF001
            *before, ours = chain._log_record_processors  # noqa: SLF001
            chain._log_record_processors = (ours, *before)  # noqa: SLF001
    except (AttributeError, ValueError):  # another SDK: the batch processor exports later than we stamp
        guard.tell_once(
            "stamp_order",
            "the log record processor could not be put first; simple processors export unstamped",
        )


def is_stamped(provider: object) -> bool:
    """Whether *provider* stamps conversations on what others write."""
    return getattr(provider, _STAMPED, False) is True


def _conversation_attributes(context: Context | None) -> Mapping[str, Value]:
    context = get_current() if context is None else context
    if (scope := scope_of(context)) is not None:
        return scope.attributes
    known = baggage.get_baggage(semconv.GEN_AI_CONVERSATION_ID, context)
    return {semconv.GEN_AI_CONVERSATION_ID: known, semconv.SESSION_ID: known} if isinstance(known, str) else {}

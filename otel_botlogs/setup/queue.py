"""Puts log records straight into the SDK's batch queues, where nothing but those would see them.

The SDK builds a record three times on its way there (for writing, a copy of it, for reading), each with locks and
dictionaries that then also burden the garbage collector; that was half of what an event cost. What is put is what the
batch processor itself would have put. The queue is a private name: if it is not there, or another processor listens,
records go the SDK's own way.
"""

from __future__ import annotations

from typing import Any, Final

from opentelemetry._logs import LogRecord
from opentelemetry.context import Context
from opentelemetry.sdk._logs import Logger as SdkLogger
from opentelemetry.sdk._logs import LogRecordLimits, ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import get_current_span

from otel_botlogs.content import Value
from otel_botlogs.setup.stamp import ConversationLogRecordProcessor
from otel_botlogs.severity import Severity

_SET: Final = {
    *("timestamp", "observed_timestamp", "context", "trace_id", "span_id", "trace_flags"),
    *("severity_text", "severity_number", "body", "attributes", "event_name"),
}
_NO_CONTEXT: Final = Context()  # as the batch processor does: the bot's context must not live on in its queue


def find_queues(logger: SdkLogger, scope: InstrumentationScope, limits: LogRecordLimits) -> Queues | None:
    """Return the queues behind *logger*, None if this SDK has none where they are known to be."""
    try:
        return Queues(logger, scope, limits)
    except AttributeError:
        return None


class Queues:
    """The batch queues of a logger's provider; processors that are added later are seen at the next record."""

    def __init__(self, logger: Any, scope: InstrumentationScope, limits: LogRecordLimits) -> None:
        self._logger = logger
        self._chain = logger._multi_log_record_processor  # noqa: SLF001
        self._is_enabled = logger._is_enabled  # noqa: SLF001
        self._count = logger._logger_metrics.emit_log  # noqa: SLF001
        self._processors: Any = None
        self._puts: list[Any] | None = None
        self._scope = scope
        self._limits = limits
        # What the constructor sets and `put` does not, so that a field which a newer SDK adds has its default.
        sample = LogRecord(timestamp=0, observed_timestamp=0, context=_NO_CONTEXT)
        self._others = [(name, value) for name, value in vars(sample).items() if name not in _SET]
        self._find(self._chain._log_record_processors)  # noqa: SLF001

    def put(  # noqa: PLR0917 - the shape of `Emit`
        self,
        event_name: str,
        at_ns: int,
        context: Context,
        level: Severity,
        body: str | None,
        attributes: dict[str, Value],
    ) -> bool:
        """Put a record into every queue; false if somebody else has to see it too, and nothing was done."""
        processors = self._chain._log_record_processors  # noqa: SLF001
        if processors is not self._processors:
            self._find(processors)
        if self._puts is None:
            return False
        if not self._is_enabled():
            return True
        span = get_current_span(context).get_span_context()
        record = object.__new__(LogRecord)  # field by field: its constructor looks up what is known here
        record.timestamp = record.observed_timestamp = at_ns
        record.context = _NO_CONTEXT
        record.trace_id = span.trace_id
        record.span_id = span.span_id
        record.trace_flags = span.trace_flags
        record.severity_text = level.text
        record.severity_number = level.number
        record.body = body
        record.attributes = attributes
        record.event_name = event_name
        for name, value in self._others:
            setattr(record, name, value)
        readable = ReadableLogRecord(record, self._logger.resource, self._scope, self._limits)
        self._count()
        for put in self._puts:
            put(readable)
        return True

    def _find(self, processors: tuple[Any, ...]) -> None:
        """Look whether all that listen are batch processors, and our own, which passes over our records."""
        self._processors = processors
        others = [one for one in processors if type(one) is not ConversationLogRecordProcessor]
        are_queues = all(type(one) is BatchLogRecordProcessor for one in others)
        self._puts = [one._batch_processor.emit for one in others] if are_queues else None  # noqa: SLF001

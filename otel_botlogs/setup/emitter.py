"""The ways to hand a log record to the SDK, the quickest that its provider allows.

The values are already leavable (see `content`), and the SDK's second cleaning was over half of an event's cost. Where
limits for attributes are set, or the logger is of another make, the logger's own way is taken.
"""

from __future__ import annotations

from typing import Any, Final

from opentelemetry._logs import Logger, LogRecord
from opentelemetry.context import Context
from opentelemetry.sdk._logs import Logger as SdkLogger
from opentelemetry.sdk._logs import LogRecordLimits, ReadWriteLogRecord
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from otel_botlogs.content import Value
from otel_botlogs.pipeline import Emit
from otel_botlogs.setup.queue import find_queues
from otel_botlogs.severity import Severity

_MOST_ATTRIBUTES: Final = 100  # an event has fewer; a provider that allows fewer than this cuts for itself


class _Record(LogRecord):
    """A log record that copies itself in one step; the batch processor copies every record."""

    def __copy__(self) -> _Record:
        copied = object.__new__(_Record)
        vars(copied).update(vars(self))
        return copied


def make_emitter(logger: Logger, scope_name: str, scope_version: str) -> Emit:
    """Return the quickest way to write a record through *logger*."""
    if isinstance(logger, SdkLogger):
        limits = getattr(logger, "_log_record_limits", None) or LogRecordLimits()
        if not _limits_matter(limits):
            return _straight(logger, InstrumentationScope(scope_name, scope_version), limits)
    return _plain(logger)


def _plain(logger: Logger) -> Emit:
    def emit(  # noqa: PLR0917 - the shape of `Emit`
        event_name: str, at_ns: int, context: Context, level: Severity, body: str | None, attributes: dict[str, Value]
    ) -> None:
        logger.emit(
            timestamp=at_ns,
            observed_timestamp=at_ns,
            context=context,
            severity_number=level.number,
            severity_text=level.text,
            body=body,
            attributes=attributes,
            event_name=event_name,
        )

    return emit


def _straight(logger: SdkLogger, scope: InstrumentationScope, limits: LogRecordLimits) -> Emit:
    """Write through the batch queues if there is nothing else, else through the processors, uncleaned."""
    queues = find_queues(logger, scope, limits)

    def emit(  # noqa: PLR0917 - the shape of `Emit`
        event_name: str, at_ns: int, context: Context, level: Severity, body: str | None, attributes: dict[str, Value]
    ) -> None:
        if queues is not None and queues.put(event_name, at_ns, context, level, body, attributes):
            return
        record = _Record(
            timestamp=at_ns,
            observed_timestamp=at_ns,
            context=context,
            severity_number=level.number,
            severity_text=level.text,
            body=body,
            event_name=event_name,
        )
        writable: Any = ReadWriteLogRecord(record, logger.resource, scope, limits)
        record.attributes = attributes
        logger.emit(writable)

    return emit


def _limits_matter(limits: object) -> bool:
    # Named differently until 1.40.
    lengths = ("max_log_record_attribute_length", "max_attribute_length")
    counts = ("max_log_record_attributes", "max_attributes")
    if any(getattr(limits, name, None) is not None for name in lengths):
        return True
    return any(getattr(limits, name, None) is not None and getattr(limits, name) < _MOST_ATTRIBUTES for name in counts)

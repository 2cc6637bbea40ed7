"""Lines of stdlib `logging`: every record that a logger hands to its handlers, whichever those are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from otel_botlogs import active, guard, semconv
from otel_botlogs.logs import loguru_lines
from otel_botlogs.logs.once import Inside, capturing_scope, write_line
from otel_botlogs.severity import severity, stdlib_level

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_original: Callable[[logging.Logger, logging.LogRecord], None] | None = None
_patched: Any = None
_level = logging.INFO


def install(level: str) -> None:
    """Wrap `Logger.callHandlers`, which every record passes once, after levels and the logger's filters."""
    global _original, _patched, _level  # noqa: PLW0603 - a patch is the process's
    _level = stdlib_level(level)
    if _original is not None:
        return
    original = _original = logging.Logger.callHandlers

    def callHandlers(self: logging.Logger, record: logging.LogRecord) -> None:  # noqa: N802 - the name it has
        _capture(self, record)
        if record.levelno >= _level:
            with Inside():
                original(self, record)
        else:
            original(self, record)

    _patched = callHandlers
    logging.Logger.callHandlers = callHandlers  # type: ignore[method-assign]


def uninstall() -> None:
    """Put `Logger.callHandlers` back, unless somebody has wrapped it since."""
    global _original, _patched  # noqa: PLW0603
    if _original is not None and logging.Logger.callHandlers is _patched:
        logging.Logger.callHandlers = _original  # type: ignore[method-assign]
        _original = _patched = None


def _capture(logger: logging.Logger, record: logging.LogRecord) -> None:
    try:
        if record.levelno < _level or (scope := capturing_scope(record.name)) is None:
            return
        if loguru_lines.captures() and isinstance(vars(record).get("extra"), dict):
            return  # loguru passed it on, after our sink had it
        if _written_by_opentelemetry(logger):
            return  # its handler writes the record, and our processor stamps it
        attributes = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        attributes[semconv.LOGGER_NAME] = record.name
        attributes[semconv.CODE_FILE_PATH] = record.pathname
        attributes[semconv.CODE_FUNCTION_NAME] = record.funcName
        attributes[semconv.CODE_LINE_NUMBER] = record.lineno
        error = record.exc_info[1] if record.exc_info else None
        write_line(scope, _message(record), severity(record.levelno), attributes, error)
    except Exception as problem:  # noqa: BLE001 - guard
        guard.note("logs.stdlib", problem)


def _message(record: logging.LogRecord) -> object:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - arguments that do not fit; logging itself tells the bot so
        return record.msg


def _written_by_opentelemetry(logger: logging.Logger | None) -> bool:
    """Whether OpenTelemetry's own logging handler gets the record too, and on a provider that we stamp."""
    pipeline = active.pipeline()
    while logger is not None and pipeline is not None:
        for handler in logger.handlers:
            kind = type(handler)
            if kind.__name__ == "LoggingHandler" and kind.__module__.startswith("opentelemetry."):
                return pipeline.backend.stamps_logs_of(getattr(handler, "_logger_provider", None))
        logger = logger.parent if logger.propagate else None
    return False

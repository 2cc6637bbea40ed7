"""Lines of loguru: a sink of our own, which comes back when the bot removes all sinks at its start."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import wrapt

from otel_botlogs import guard, semconv
from otel_botlogs.logs.once import capturing_scope, write_line
from otel_botlogs.severity import severity

_remove: Callable[..., Any] | None = None
_sink_id: int | None = None
_level: str | None = None  # None: not installed
_hooked = False


def install(level: str) -> None:
    """Add the sink as soon as the bot has imported loguru.

    It is never imported for a bot that does not use it.
    """
    global _level, _hooked  # noqa: PLW0603 - a patch is the process's
    _level = level
    if "loguru" in sys.modules:
        _patch()
    elif not _hooked:
        _hooked = True
        wrapt.register_post_import_hook(lambda _: _patch(), "loguru")


def uninstall() -> None:
    """Take the sink out and put loguru's `remove` back."""
    global _remove, _sink_id, _level  # noqa: PLW0603
    _level = None
    if _remove is not None:
        kind, logger = _loguru()
        kind.remove = _remove
        _remove = None
        if _sink_id is not None:
            logger.remove(_sink_id)
            _sink_id = None


def captures() -> bool:
    """Whether the sink is in place; a record that loguru passes to stdlib logging is then already written."""
    return _sink_id is not None


def _patch() -> None:
    """Wrap `Logger.remove`, through which the sink would be lost, and add the sink."""
    global _remove  # noqa: PLW0603
    if _remove is not None or _level is None:
        return
    try:
        kind, _ = _loguru()
        original = _remove = kind.remove

        def remove(self: Any, handler_id: int | None = None) -> None:
            try:
                original(self, handler_id)
            finally:
                if handler_id is None or handler_id == _sink_id:
                    _add_sink()

        kind.remove = remove
        _add_sink()
    except Exception as error:  # noqa: BLE001 - guard: a changed loguru is not captured, and works
        guard.note("logs.loguru", error)


def _add_sink() -> None:
    global _sink_id  # noqa: PLW0603
    try:
        _, logger = _loguru()
        _sink_id = logger.add(_capture, level=_level or "INFO", format="{message}", backtrace=False, diagnose=False)
    except Exception as error:  # noqa: BLE001 - guard
        guard.note("logs.loguru", error)


def _loguru() -> tuple[Any, Any]:
    from loguru import logger  # pyright: ignore[reportMissingImports]

    return type(logger), logger


def _capture(message: Any) -> None:
    try:
        record: dict[str, Any] = message.record
        scope = capturing_scope(str(record["name"]))
        if scope is None:
            return
        attributes = {
            **record["extra"],
            semconv.LOGGER_NAME: record["name"],
            semconv.CODE_FILE_PATH: record["file"].path,
            semconv.CODE_FUNCTION_NAME: record["function"],
            semconv.CODE_LINE_NUMBER: record["line"],
        }
        raised = record["exception"]
        error = raised.value if raised is not None else None
        write_line(scope, record["message"], severity(record["level"].name), attributes, error)
    except Exception as problem:  # noqa: BLE001 - guard
        guard.note("logs.loguru", problem)

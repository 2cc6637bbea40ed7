"""Lines of structlog: the event and its key-value pairs, as they were before any rendering."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import wrapt

from otel_botlogs import guard
from otel_botlogs.logs.once import Inside, capturing_scope, write_line
from otel_botlogs.severity import severity

_original: Callable[..., Any] | None = None
_patched: Any = None
_level: int | None = None  # None: not installed
_hooked = False


def install(level: str) -> None:
    """Wrap structlog as soon as the bot has imported it.

    It is never imported for a bot that does not use it.
    """
    global _level, _hooked  # noqa: PLW0603 - a patch is the process's
    _level = severity(level).number.value
    if "structlog" in sys.modules:
        _patch()
    elif not _hooked:
        _hooked = True
        wrapt.register_post_import_hook(lambda _: _patch(), "structlog")


def uninstall() -> None:
    """Put structlog's method back."""
    global _original, _patched, _level  # noqa: PLW0603
    _level = None
    if _original is not None and (base := _bound_logger_base())._proxy_to_logger is _patched:  # noqa: SLF001
        base._proxy_to_logger = _original  # noqa: SLF001
        _original = _patched = None


def _patch() -> None:
    """Wrap `BoundLoggerBase._proxy_to_logger`, which every line that passed its level goes through once."""
    global _original, _patched  # noqa: PLW0603
    if _original is not None or _level is None:
        return
    try:
        base = _bound_logger_base()
        original = _original = base._proxy_to_logger  # noqa: SLF001

        def _proxy_to_logger(self: Any, method_name: str, event: Any = None, *args: Any, **values: Any) -> Any:
            if _capture(self, method_name, event, args, values):
                with Inside():
                    return original(self, method_name, event, *args, **values)
            return original(self, method_name, event, *args, **values)

        _patched = base._proxy_to_logger = _proxy_to_logger  # noqa: SLF001
    except Exception as error:  # noqa: BLE001 - guard: a changed structlog is not captured, and works
        guard.note("logs.structlog", error)


def _bound_logger_base() -> Any:
    from structlog._base import BoundLoggerBase  # pyright: ignore[reportMissingImports]

    return BoundLoggerBase


def _capture(logger: Any, method_name: str, event: Any, args: tuple[Any, ...], values: dict[str, Any]) -> bool:
    """Write the line; false if that is left to a library further in."""
    try:
        level = severity(method_name)
        if _level is None or level.number.value < _level or (scope := capturing_scope("structlog")) is None:
            return False
        bound = {**dict(getattr(logger, "_context", {})), **values}
        raised = bound.pop("exc_info", None)
        error = (
            raised
            if isinstance(raised, BaseException)
            else sys.exception()
            if raised or method_name == "exception"
            else None
        )
        message = event % args if args and isinstance(event, str) else event
        write_line(scope, message, level, bound, error)
    except Exception as problem:  # noqa: BLE001 - guard
        guard.note("logs.structlog", problem)
    return True

"""A line becomes one log event, however many libraries it goes through, and telemetry never logs itself.

structlog often writes through stdlib logging, loguru often receives it. The outermost library that
sees a line writes it; while it works, the ones inside do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Final

from opentelemetry.instrumentation.utils import is_instrumentation_enabled

from otel_botlogs import guard, semconv
from otel_botlogs.failures import error_attributes
from otel_botlogs.recorder import Recorder
from otel_botlogs.scope import current_scope
from otel_botlogs.severity import Severity

_inside: ContextVar[bool] = ContextVar("otel_botlogs.logs.inside", default=False)

OWN_LOGGERS: Final = ("opentelemetry", "otel_botlogs")
"""Loggers that telemetry itself writes to; never captured."""


class Inside:
    """While entered, lines of libraries further in are not captured again."""

    __slots__ = ("_token",)

    def __init__(self) -> None:
        self._token: Token[bool] | None = None

    def __enter__(self) -> None:
        self._token = _inside.set(True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _inside.reset(self._token)


def capturing_scope(logger_name: str) -> Recorder | None:
    """Return where a line of *logger_name* belongs, None if it is not to be captured here."""
    if _inside.get():
        return None
    scope = current_scope()
    if scope is None or logger_name.startswith(OWN_LOGGERS) or not is_instrumentation_enabled():
        return None
    return scope


def write_line(
    scope: Recorder,
    message: object,
    level: Severity,
    attributes: Mapping[str, object],
    error: BaseException | None = None,
) -> None:
    """Write a captured line as a log event of *scope*; what goes wrong stays in the plugin."""
    try:
        with Inside():
            details = {**attributes, **error_attributes(error)} if error is not None else attributes
            scope._emit(semconv.EVENT_LOG, message, details, level)  # noqa: SLF001 - one family
    except Exception as problem:  # noqa: BLE001 - guard
        guard.note("logs", problem)

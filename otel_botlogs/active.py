"""The one pipeline in force in this process, and the ways to set it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING

from opentelemetry._logs import LoggerProvider, get_logger_provider
from opentelemetry.trace import ProxyTracerProvider, TracerProvider, get_tracer_provider

from otel_botlogs import config, guard, logs
from otel_botlogs.config import Capture, Protocol, TraceMode
from otel_botlogs.content import Value
from otel_botlogs.pipeline import Hooks, Pipeline
from otel_botlogs.redact import RedactHook

if TYPE_CHECKING:
    from otel_botlogs.node import Node
    from otel_botlogs.turn import Turn

_lock = threading.RLock()
_pipeline: Pipeline | None = None
_looked_at_environment = False


def configure(
    *,
    bot_id: str | None = None,
    bot_version: str | None = None,
    environment: str | None = None,
    service_name: str | None = None,
    endpoint: str | None = None,
    protocol: Protocol | None = None,
    id_key: str | None = None,
    capture_content: Capture | None = None,
    capture_logging: bool | None = None,
    log_level: str | None = None,
    trace_mode: TraceMode | None = None,
    segment_max_spans: int | None = None,
    segment_max_hours: float | None = None,
    max_value_bytes: int | None = None,
    max_event_bytes: int | None = None,
    max_conversations: int | None = None,
    hash_user_ids: bool | None = None,
    baggage: bool | None = None,
    redact_names: tuple[str, ...] | None = None,
    log_delay_ms: int | None = None,
    span_delay_ms: int | None = None,
    shutdown_timeout_s: float | None = None,
    debug: bool | None = None,
    tracer_provider: TracerProvider | None = None,
    logger_provider: LoggerProvider | None = None,
    turn_hook: Callable[[Turn], None] | None = None,
    node_hook: Callable[[Node], None] | None = None,
    log_hook: Callable[[str, MutableMapping[str, Value]], None] | None = None,
    redact_hook: RedactHook | None = None,
) -> None:
    """Switch bot logs on; what is not given comes from `BOTLOGS_*`, then `OTEL_*`, then the defaults.

    Never raises. A later call replaces the settings for conversations made after it. Providers that exist
    (given here, or global) are used and never replaced; otherwise new ones are made, exporting OTLP, and
    become the global ones. `otel_botlogs/README.md` explains each setting.
    """
    given = dict(locals())
    providers = {name: given.pop(name) for name in ("tracer_provider", "logger_provider")}
    hooks = Hooks(**{name: given.pop(name) for name in ("turn_hook", "node_hook", "log_hook")})
    del given["redact_hook"]
    try:
        if config.is_disabled():
            return
        _activate(given, hooks, redact_hook, **providers)
    except Exception as error:  # noqa: BLE001 - guard: a bot starts without bot logs rather than not at all
        guard.note("configure", error)


def pipeline() -> Pipeline | None:
    """Return the pipeline in force; the first call configures from the environment if that asks for it."""
    return _pipeline if _pipeline is not None or _looked_at_environment else _configure_from_environment()


def install(new: Pipeline | None) -> Pipeline | None:
    """Put *new* in force and return what was (tests, and `otel_botlogs.testing`)."""
    global _pipeline, _looked_at_environment  # noqa: PLW0603 - the process's one switch
    with _lock:
        old, _pipeline = _pipeline, new
        _looked_at_environment = True
        if new is not None and new.settings.capture_logging:
            logs.install(new.settings.log_level)
        else:
            logs.uninstall()
    return old


def shutdown() -> None:
    """Send what is queued, stop what the plugin made, and do nothing from now on.

    Harmless the second time.
    """
    old = install(None)
    if old is not None:
        old.backend.shutdown()


def flush(timeout_s: float = 5.0) -> bool:
    """Send what is queued; false if not all of it left within *timeout_s* seconds."""
    try:
        return _pipeline is None or _pipeline.backend.flush(timeout_s)
    except Exception as error:  # noqa: BLE001 - guard
        guard.note("flush", error)
        return False


def _activate(
    given: dict[str, object],
    hooks: Hooks,
    redact_hook: RedactHook | None,
    tracer_provider: TracerProvider | None = None,
    logger_provider: LoggerProvider | None = None,
) -> None:
    from otel_botlogs.setup import (
        build_pipeline,  # here, so that a bot without configuration never loads the SDK
    )

    settings = config.load(given)
    if settings.debug:
        guard.INTERNAL_LOGGER.setLevel(logging.DEBUG)
    with _lock:
        install(
            build_pipeline(
                settings,
                tracer_provider=tracer_provider,
                logger_provider=logger_provider,
                hooks=hooks,
                redact_hook=redact_hook,
            )
        )


def _configure_from_environment() -> Pipeline | None:
    """Configure if `BOTLOGS_*` or an OTLP endpoint is set.

    Or if the process already has OpenTelemetry providers.
    """
    global _looked_at_environment  # noqa: PLW0603 - the process's one switch
    with _lock:
        if _looked_at_environment:
            return _pipeline
        _looked_at_environment = True
        try:
            has_provider = not isinstance(get_tracer_provider(), ProxyTracerProvider)
            has_provider = has_provider or type(get_logger_provider()).__name__ != "ProxyLoggerProvider"
            if config.wants_telemetry() or (has_provider and not config.is_disabled()):
                _activate({}, Hooks(), None)
        except Exception as error:  # noqa: BLE001 - guard
            guard.note("configure", error)
        return _pipeline

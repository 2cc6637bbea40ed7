"""Puts a pipeline together from the settings and the providers that are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

from opentelemetry._logs import LoggerProvider
from opentelemetry.trace import TracerProvider

from otel_botlogs import guard, semconv
from otel_botlogs.clock import Clock, SystemClock
from otel_botlogs.config import OPEN_ENVIRONMENTS, UNKNOWN_BOT, Settings
from otel_botlogs.content import ContentPolicy
from otel_botlogs.pipeline import Hooks, Pipeline
from otel_botlogs.redact import RedactHook
from otel_botlogs.registry import Registry
from otel_botlogs.setup.backend import SdkBackend
from otel_botlogs.setup.emitter import make_emitter
from otel_botlogs.setup.providers import find_or_make_providers
from otel_botlogs.setup.tracer import make_span_starter


def build_pipeline(
    settings: Settings,
    *,
    tracer_provider: TracerProvider | None = None,
    logger_provider: LoggerProvider | None = None,
    hooks: Hooks | None = None,
    redact_hook: RedactHook | None = None,
    clock: Clock | None = None,
) -> Pipeline:
    """Return a pipeline on the providers given, else the global ones, else new ones.

    Which then become global.
    """
    providers = find_or_make_providers(settings, tracer_provider, logger_provider)
    settings = _follow_resource(settings, providers.resource)
    if settings.id_key is None and (settings.environment or "").lower() not in OPEN_ENVIRONMENTS:
        guard.tell_once(
            "id_key",
            "no BOTLOGS_ID_KEY is set: trace ids and hashes use the published key, so whoever sees them can "
            "look up a known conversation or user id; set the same secret in every process of this bot",
        )
    logger = providers.logger_provider.get_logger(semconv.SCOPE_NAME, _version())
    return Pipeline(
        settings=settings,
        clock=clock or SystemClock(),
        content=ContentPolicy(settings, redact_hook),
        start_span=make_span_starter(providers.tracer_provider.get_tracer(semconv.SCOPE_NAME, _version())),
        emit=make_emitter(logger, semconv.SCOPE_NAME, _version()),
        backend=SdkBackend(providers, settings.shutdown_timeout_s),
        registry=Registry(settings.max_conversations),
        hooks=hooks or Hooks(),
    )


def _follow_resource(settings: Settings, resource: Mapping[str, object]) -> Settings:
    """Return the settings with the environment of the resource that the data will really carry, and its service as bot.

    The collector routes by the resource. If code says sandbox and an existing provider says production,
    content must be masked and ids must be those of production.
    """
    actual = resource.get(semconv.DEPLOYMENT_ENVIRONMENT_NAME)
    if settings.environment not in (None, actual):
        guard.tell_once(
            "environment",
            f"environment={settings.environment!r} was configured, but the existing providers' resource says "
            f"{actual!r}, which holds; without any, the collector counts the data as production",
        )
    bot_id, service = settings.bot_id, str(resource.get(semconv.SERVICE_NAME) or "")
    if bot_id == UNKNOWN_BOT and service and not service.startswith("unknown_service"):
        bot_id = service
    return replace(settings, bot_id=bot_id, environment=None if actual is None else str(actual))


def _version() -> str:
    try:
        return version("otel-botlogs")
    except PackageNotFoundError:
        return "0"

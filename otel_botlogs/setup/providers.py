"""Finds the tracer and logger providers that are there, or makes them; never replaces one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from opentelemetry import _logs, trace
from opentelemetry._logs import LoggerProvider, NoOpLoggerProvider
from opentelemetry.sdk._logs import LoggerProvider as SdkLoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NoOpTracerProvider, ProxyTracerProvider, TracerProvider

from otel_botlogs import guard, semconv
from otel_botlogs.config import Settings, delay_is_set
from otel_botlogs.setup.exporters import make_log_exporter, make_span_exporter
from otel_botlogs.setup.stamp import stamp_logs, stamp_spans

_OWN: Final = "_otel_botlogs_own"  # the processors that came with a provider of ours: a second configure stops them too


@dataclass(slots=True, kw_only=True)
class Providers:
    """The two providers in use, and the processors that are ours to stop."""

    tracer_provider: TracerProvider
    logger_provider: LoggerProvider
    resource: Mapping[str, object]
    own_processors: list[Any] = field(default_factory=list[Any])


def find_or_make_providers(
    settings: Settings, tracer_provider: TracerProvider | None, logger_provider: LoggerProvider | None
) -> Providers:
    """Return the given providers, else the global ones, else new ones.

    All of them stamp conversation attributes.
    """
    if tracer_provider is None and logger_provider is None:
        _configure_by_file()
    own: list[Any] = []
    tracers = tracer_provider or _global_tracer_provider()
    loggers = logger_provider or _global_logger_provider()
    if settings.endpoint is not None and tracers is not None and loggers is not None:
        guard.tell_once(
            "endpoint",
            f"endpoint={settings.endpoint!r} is not used: the process already has OpenTelemetry providers, and they "
            "export as they were set up; configure the plugin before them, or set the endpoint there",
        )
    resource = _resource_of(tracers) or _resource_of(loggers) or make_resource(settings)
    if tracers is None:
        tracers = _make_tracer_provider(settings, resource, own)
        trace.set_tracer_provider(tracers)
    if loggers is None:
        loggers = _make_logger_provider(settings, resource, own)
        _logs.set_logger_provider(loggers)
    if settings.environment is not None:
        for provider in (tracers, loggers):
            _add_missing(provider, {semconv.DEPLOYMENT_ENVIRONMENT_NAME: settings.environment})
    stamp_spans(tracers)
    stamp_logs(loggers)
    seen = _resource_of(loggers) or resource
    for provider in (tracers, loggers):
        own += [known for known in getattr(provider, _OWN, ()) if known not in own]
    return Providers(
        tracer_provider=tracers, logger_provider=loggers, resource=dict(seen.attributes), own_processors=own
    )


def make_resource(settings: Settings) -> Resource:
    """Return the resource of our own providers: what the SDK finds, with the settings on top."""
    named = {
        semconv.SERVICE_NAME: settings.service_name or settings.bot_id,
        semconv.SERVICE_VERSION: settings.bot_version,
        semconv.DEPLOYMENT_ENVIRONMENT_NAME: settings.environment,
    }
    return Resource.create({name: value for name, value in named.items() if value})


def _configure_by_file() -> None:
    """Let the SDK read OpenTelemetry's declarative configuration, if a file is named and the SDK can."""
    if not os.environ.get("OTEL_CONFIG_FILE") or _global_tracer_provider() is not None:
        return
    try:
        from opentelemetry.sdk._configuration import _OTelSDKConfigurator

        _OTelSDKConfigurator().configure()
    except Exception as error:  # noqa: BLE001 - the SDK's own complaint; the plugin falls back to its own providers
        guard.drop("config_file", f"OTEL_CONFIG_FILE is not used: {error}")


def _global_tracer_provider() -> TracerProvider | None:
    provider = trace.get_tracer_provider()
    return None if isinstance(provider, (ProxyTracerProvider, NoOpTracerProvider)) else provider


def _global_logger_provider() -> LoggerProvider | None:
    provider = _logs.get_logger_provider()
    is_proxy = type(provider).__name__ == "ProxyLoggerProvider"  # not exported by the API
    return None if is_proxy or isinstance(provider, NoOpLoggerProvider) else provider


def _resource_of(provider: object) -> Resource | None:
    resource = getattr(provider, "resource", None)
    return resource if isinstance(resource, Resource) else None


def _add_missing(provider: object, attributes: dict[str, str]) -> None:
    """Add *attributes* to the resource of an existing provider, where it has none of the name.

    `opentelemetry-instrument` makes providers before anybody could say the environment; without it
    all data would count as production.
    """
    resource = _resource_of(provider)
    missing = {
        name: value for name, value in attributes.items() if resource is not None and name not in resource.attributes
    }
    if not missing:
        return
    update = getattr(provider, "_update_resource", None)  # from 1.44 on; reaches the tracers that exist
    if update is not None:
        update(Resource(missing))
    else:
        cast("Any", provider)._resource = cast("Resource", resource).merge(Resource(missing))  # noqa: SLF001


def _make_tracer_provider(settings: Settings, resource: Resource, own: list[Any]) -> TracerProvider:
    provider = SdkTracerProvider(resource=resource, shutdown_on_exit=False)
    setattr(provider, _OWN, own)
    if (exporter := make_span_exporter(settings)) is not None:
        delay_ms = None if delay_is_set("OTEL_BSP_SCHEDULE_DELAY") else settings.span_delay_ms
        processor = BatchSpanProcessor(exporter, schedule_delay_millis=cast("float", delay_ms))
        provider.add_span_processor(processor)
        own.append(processor)
    return provider


def _make_logger_provider(settings: Settings, resource: Resource, own: list[Any]) -> LoggerProvider:
    provider = SdkLoggerProvider(resource=resource, shutdown_on_exit=False)
    setattr(provider, _OWN, own)
    if (exporter := make_log_exporter(settings)) is not None:
        delay_ms = None if delay_is_set("OTEL_BLRP_SCHEDULE_DELAY") else settings.log_delay_ms
        processor = BatchLogRecordProcessor(exporter, schedule_delay_millis=delay_ms)
        provider.add_log_record_processor(processor)
        own.append(processor)
    return provider

"""The only place that knows the OpenTelemetry SDK: makes or finds providers and puts a pipeline together."""

from otel_botlogs.setup.build import build_pipeline

__all__ = ["build_pipeline"]

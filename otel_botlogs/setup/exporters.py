"""The exporters of our own providers.

OTLP over HTTP, over gRPC where asked for and installed, console or none.
"""

from __future__ import annotations

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs.export import ConsoleLogRecordExporter, LogRecordExporter
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter

from otel_botlogs import guard
from otel_botlogs.config import Settings, exporter_names


def make_span_exporter(settings: Settings) -> SpanExporter | None:
    """Return what `OTEL_TRACES_EXPORTER` names, by default OTLP; None for none."""
    name, _ = exporter_names()
    if name == "none":
        return None
    if name == "console":
        return ConsoleSpanExporter()
    if settings.protocol == "grpc":
        try:
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
                OTLPSpanExporter as GrpcSpanExporter,
            )

            return GrpcSpanExporter(endpoint=settings.endpoint)
        except ImportError:
            _tell_no_grpc()
    return OTLPSpanExporter(endpoint=_signal_url(settings.endpoint, "traces"))


def make_log_exporter(settings: Settings) -> LogRecordExporter | None:
    """Return what `OTEL_LOGS_EXPORTER` names, by default OTLP; None for none."""
    _, name = exporter_names()
    if name == "none":
        return None
    if name == "console":
        return ConsoleLogRecordExporter()
    if settings.protocol == "grpc":
        try:
            from opentelemetry.exporter.otlp.proto.grpc._log_exporter import (
                OTLPLogExporter as GrpcLogExporter,
            )

            return GrpcLogExporter(endpoint=settings.endpoint)
        except ImportError:
            _tell_no_grpc()
    return OTLPLogExporter(endpoint=_signal_url(settings.endpoint, "logs"))


def _signal_url(endpoint: str | None, signal: str) -> str | None:
    """Return the URL of one signal; None leaves it to the exporter and `OTEL_EXPORTER_OTLP_*`."""
    return None if endpoint is None else f"{endpoint.rstrip('/')}/v1/{signal}"


def _tell_no_grpc() -> None:
    guard.tell_once(
        "grpc",
        "OTLP over gRPC was asked for and its exporter is not installed (pip install 'otel-botlogs[grpc]'); "
        "http/protobuf is used instead",
    )

"""`python -m tests.support.plain_http_service PORT OTLP`: a service of somebody who has never heard of bot logs.

An HTTP server instrumented with OpenTelemetry's WSGI instrumentation and nothing else; it writes a span and a log
record of its own for each request. It says `ready` once it listens, and ends with its input.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
        pass


def main(port: int, otlp: str) -> None:
    """Serve until the input ends."""
    resource = Resource({"service.name": "orders", "deployment.environment.name": "sandbox"})
    spans, logs = TracerProvider(resource=resource), LoggerProvider(resource=resource)
    spans.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=f"{otlp}/v1/traces")))
    logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(endpoint=f"{otlp}/v1/logs")))
    tracer, logger = spans.get_tracer("orders"), logs.get_logger("orders")

    def orders(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with tracer.start_as_current_span("select order"):
            logger.emit(body=f"order {environ['PATH_INFO']} was asked for", severity_text="INFO")
        start_response("200 OK", [("content-type", "text/plain")])
        return [b"sent"]

    server: Any = make_server(
        "127.0.0.1", port, OpenTelemetryMiddleware(orders, tracer_provider=spans), handler_class=_Quiet
    )
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.shutdown()
    spans.shutdown()
    logs.shutdown()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    main(int(sys.argv[1]), sys.argv[2])

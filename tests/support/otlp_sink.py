"""An OTLP/HTTP receiver for tests: keeps what arrives, or behaves as badly as it is told to."""

from __future__ import annotations

import contextlib
import gzip
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Behaviour = Literal["take", "garbage", "unavailable", "hang"]


class OtlpSink:
    """What arrived, readable from any thread."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour: Behaviour = behaviour
        self.released = threading.Event()
        self.requests = 0
        self.answered = 0
        self._changed = threading.Condition()
        self._spans: list[Span] = []
        self._logs: list[LogRecord] = []
        self._resources: list[dict[str, Any]] = []
        self.endpoint = ""

    @property
    def spans(self) -> list[Span]:
        """All spans so far."""
        return list(self._spans)

    @property
    def logs(self) -> list[LogRecord]:
        """All log records so far."""
        return list(self._logs)

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The attributes of every resource so far."""
        return list(self._resources)

    @property
    def event_names(self) -> list[str]:
        """The event names in the order of their timestamps."""
        return [log.event_name for log in sorted(self._logs, key=lambda log: log.time_unix_nano)]

    def wait(self, condition: Callable[[OtlpSink], bool], deadline_s: float = 30) -> bool:
        """Wait until *condition* holds; false if it does not within the deadline."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self), deadline_s)

    def take(self, path: str, body: bytes) -> None:
        """Keep one request."""
        with self._changed:
            self.requests += 1
            if self.behaviour == "take" and path == "/v1/traces":
                for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                    self._resources.append(attributes_of(group.resource.attributes))
                    self._spans += [span for scope in group.scope_spans for span in scope.spans]
            elif self.behaviour == "take" and path == "/v1/logs":
                for group in ExportLogsServiceRequest.FromString(body).resource_logs:
                    self._resources.append(attributes_of(group.resource.attributes))
                    self._logs += [log for scope in group.scope_logs for log in scope.log_records]
            self._changed.notify_all()


@contextmanager
def otlp_sink(behaviour: Behaviour = "take") -> Generator[OtlpSink]:
    """Serve OTLP/HTTP on a free loopback port while the block runs."""
    sink = OtlpSink(behaviour)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sink.take(self.path, gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            if sink.behaviour == "hang":
                sink.released.wait(60)
            self.send_response(503 if sink.behaviour == "unavailable" else 200)
            with contextlib.suppress(OSError):  # the sender has given up, or died
                sink.answered += 1
                self.end_headers()
                self.wfile.write(b"<html>\xff not protobuf" if sink.behaviour == "garbage" else b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sink.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.released.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def attributes_of(pairs: Any) -> dict[str, Any]:
    """Return OTLP attributes as a dict of plain values."""
    return {pair.key: _plain(pair) for pair in pairs}


def _plain(pair: KeyValue) -> Any:
    value: AnyValue = pair.value
    kind = value.WhichOneof("value")
    return None if kind is None else getattr(value, kind)

"""An OTLP/HTTP endpoint that answers as it is told, then takes everything; keeps what it took."""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer; a request answered with 200 is kept."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


class AnsweringOtlp:
    """What was asked and what was taken, in order."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.url = ""
        self.asked: list[tuple[str, int, dict[str, str]]] = []  # path, bytes, headers
        self.traces: list[ExportTraceServiceRequest] = []
        self.logs: list[ExportLogsServiceRequest] = []
        self.keeps = True
        self._answers = list(answers)

    @property
    def spans(self) -> list[Span]:
        """All spans taken."""
        groups = (group for request in self.traces for group in request.resource_spans)
        return [span for group in groups for scope in group.scope_spans for span in scope.spans]

    @property
    def records(self) -> list[LogRecord]:
        """All log records taken."""
        groups = (group for request in self.logs for group in request.resource_logs)
        return [record for group in groups for scope in group.scope_logs for record in scope.log_records]

    def answer(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Give the next answer, and keep *body* if it says so."""
        self.asked.append((path, len(body), headers))
        answer = self._answers.pop(0) if self._answers else Answer()
        if not self.keeps:
            return answer
        if answer.status == 200 and path == "/v1/traces":
            self.traces.append(ExportTraceServiceRequest.FromString(body))
        elif answer.status == 200:
            self.logs.append(ExportLogsServiceRequest.FromString(body))
        return answer


@contextmanager
def answering_otlp(*answers: Answer) -> Generator[AnsweringOtlp]:
    """Serve on a free loopback port while the block runs."""
    endpoint = AnsweringOtlp(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = endpoint.answer(self.path, body, {key.lower(): value for key, value in self.headers.items()})
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)

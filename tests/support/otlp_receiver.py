"""A receiving OTLP server that is not ours: the official services over gRPC, the official messages over HTTP.

It keeps what it takes and behaves as badly as a test says.
"""

import gzip
import ssl
import subprocess
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import grpc
from backports import zstd
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.support.otlp_items import Request

Protocol = Literal["grpc", "http"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How the server answers a request: by default it takes it."""

    code: grpc.StatusCode = grpc.StatusCode.OK
    status: int = 200
    retry_after_s: int = 0
    rejected: int = 0
    message: str = ""
    hang: bool = False  # no answer until the server ends


TAKE = Reply()
Behaviour = Callable[[Request], Reply]


@dataclass
class OtlpReceiver:
    """What arrived and was taken, readable from any thread."""

    endpoint: str = ""
    behave: Behaviour = lambda _request: TAKE
    taken: list[Request] = field(default_factory=list[Request])
    asked: int = 0  # requests, refused ones included
    headers: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    ending: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """Return the answer to *request*, which is kept if it is taken."""
        reply = self.behave(request)
        if reply.hang:
            self.ending.wait(60)
        with self.changed:
            self.asked += 1
            self.headers.append(headers)
            if reply.code is grpc.StatusCode.OK and reply.status == 200:
                self.taken.append(request)
            self.changed.notify_all()
        return reply

    def wait(self, condition: Callable[["OtlpReceiver"], bool], deadline_s: float = 60) -> None:
        """Return when *condition* holds; fail at the deadline."""
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self), deadline_s), f"asked {self.asked}: {len(self.items)}"

    @property
    def items(self) -> list[Any]:
        """All spans and log records taken, in order of arrival."""
        return [item for request in self.taken for item in items_in(request)]

    @property
    def ids(self) -> set[str]:
        """The span ids of what was taken."""
        return {item.span_id.hex() for item in self.items}


def items_in(request: Request) -> Sequence[Any]:
    """Return the spans or log records of *request*."""
    if isinstance(request, ExportTraceServiceRequest):
        return [span for group in request.resource_spans for scope in group.scope_spans for span in scope.spans]
    return [record for group in request.resource_logs for scope in group.scope_logs for record in scope.log_records]


@contextmanager
def otlp_receiver(
    protocol: Protocol = "grpc",
    *,
    port: int = 0,
    certificate: "Certificate | None" = None,
    clients: "Certificate | None" = None,
) -> Generator[OtlpReceiver]:
    """Serve on a free loopback port (or *port*) while the block runs; *clients* must show that certificate."""
    receiver = OtlpReceiver()
    serve = _grpc if protocol == "grpc" else _http
    with serve(receiver, port, certificate, clients) as bound:
        receiver.endpoint = f"127.0.0.1:{bound}"
        try:
            yield receiver
        finally:
            receiver.ending.set()


@contextmanager
def _grpc(
    receiver: OtlpReceiver, port: int, certificate: "Certificate | None", clients: "Certificate | None"
) -> Generator[int]:
    def export(request: Request, context: grpc.ServicerContext) -> Any:
        reply = receiver.answer(request, {key: str(value) for key, value in context.invocation_metadata()})
        if reply.code is not grpc.StatusCode.OK:
            status = Status(code=reply.code.value[0], message=reply.message)
            if reply.retry_after_s:
                status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=reply.retry_after_s)))
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(reply.code, reply.message)
        return _response(request, reply)

    class Traces(trace_service_pb2_grpc.TraceServiceServicer):
        Export = staticmethod(export)  # pyright: ignore[reportAssignmentType]

    class Logs(logs_service_pb2_grpc.LogsServiceServicer):
        Export = staticmethod(export)  # pyright: ignore[reportAssignmentType]

    server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Traces(), server)  # type: ignore[no-untyped-call]
    logs_service_pb2_grpc.add_LogsServiceServicer_to_server(Logs(), server)  # type: ignore[no-untyped-call]
    address = f"127.0.0.1:{port}"
    if certificate:
        authority = clients.chain.read_bytes() if clients else None
        pair = [(certificate.key.read_bytes(), certificate.chain.read_bytes())]
        bound = server.add_secure_port(address, grpc.ssl_server_credentials(pair, authority, clients is not None))
    else:
        bound = server.add_insecure_port(address)
    server.start()
    try:
        yield bound
    finally:
        receiver.ending.set()
        server.stop(0).wait(10)


def _response(request: Request, reply: Reply) -> ExportTraceServiceResponse | ExportLogsServiceResponse:
    if isinstance(request, ExportTraceServiceRequest):
        traces = ExportTraceServiceResponse()
        traces.partial_success.rejected_spans = reply.rejected
        traces.partial_success.error_message = reply.message
        return traces
    logs = ExportLogsServiceResponse()
    logs.partial_success.rejected_log_records = reply.rejected
    logs.partial_success.error_message = reply.message
    return logs


_INFLATE: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.decompress, "zstd": zstd.decompress}


@contextmanager
def _http(
    receiver: OtlpReceiver, port: int, certificate: "Certificate | None", clients: "Certificate | None"
) -> Generator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else every answer waits 40 ms for an acknowledgement

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kind = {"/v1/traces": ExportTraceServiceRequest, "/v1/logs": ExportLogsServiceRequest}[self.path]
            request = kind.FromString(_INFLATE[self.headers.get("content-encoding", "")](body))
            headers = {key.lower(): value for key, value in self.headers.items()}
            reply = receiver.answer(request, headers)
            answer = _response(request, reply) if reply.status == 200 else Status(message=reply.message)
            self.send_response(reply.status)
            if reply.retry_after_s:
                self.send_header("retry-after", str(reply.retry_after_s))
            content = answer.SerializeToString()
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients.chain)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        receiver.ending.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate that names `collector.test` and vouches for itself, and its key."""

    chain: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    """Write a certificate and its key into *folder*."""
    made = Certificate(chain=folder / "cert.pem", key=folder / "key.pem")
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", str(made.key), "-out", str(made.chain), "-days", "2", "-subj", "/CN=collector.test",
            "-addext", "subjectAltName=DNS:collector.test",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return made

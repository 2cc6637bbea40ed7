"""An OTLP/HTTP endpoint: Protobuf bodies, compressed if asked, over kept connections."""

import gzip
import ssl
import sys
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import urllib3
from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from botlogs_collector.clock import Clock
from botlogs_collector.config.exporters import ExporterTls, OtlpExporter
from botlogs_collector.forward.answer import Answer, of_http, shortened
from botlogs_collector.forward.partial import accepted
from botlogs_collector.ports import Signal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_RESPONSES = {"traces": ExportTraceServiceResponse, "logs": ExportLogsServiceResponse}
_COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda body: body,
    "gzip": lambda body: gzip.compress(body, 1, mtime=0),  # a third of the time of the default for 5 % more bytes
    "zstd": lambda body: zstd.compress(body, 1),
}
_MAX_ANSWER_BYTES = 65_536


class HttpEndpoint:
    """Sends to one endpoint; any thread may."""

    def __init__(self, exporter: OtlpExporter, clock: Clock) -> None:
        """Open nothing yet.

        Raises:
            OSError: a file of `tls` cannot be read.
        """
        self._clock = clock
        scheme = "https" if exporter.is_secure else "http"
        self._base = f"{scheme}://{exporter.address}/v1/"
        self._compress = _COMPRESS[exporter.compression]
        self._headers = {"content-type": "application/x-protobuf", "user-agent": "botlogs", **exporter.headers}
        if exporter.compression != "none":
            self._headers["content-encoding"] = exporter.compression
        tls = exporter.tls or ExporterTls()
        context = _context(tls) if exporter.is_secure else None
        size = exporter.concurrency
        self._pool = (
            urllib3.PoolManager(maxsize=size, retries=False, ssl_context=context, server_hostname=tls.server_name)
            if context and tls.server_name
            else urllib3.PoolManager(maxsize=size, retries=False, ssl_context=context)
        )

    def send(self, signal: Signal, body: bytes, timeout_s: float) -> Answer:
        """Send one request; return within about *timeout_s* what became of it."""
        try:
            response = self._pool.request(
                "POST", self._base + signal, body=self._compress(body), headers=self._headers,
                timeout=urllib3.Timeout(total=timeout_s), redirect=False, preload_content=False,
            )  # fmt: skip
            try:
                answer = response.read(_MAX_ANSWER_BYTES)
            finally:
                response.release_conn()
        except urllib3.exceptions.TimeoutError as error:
            is_connecting = isinstance(error, urllib3.exceptions.ConnectTimeoutError)
            return Answer(outcome="unreachable" if is_connecting else "slow", message=shortened(str(error)))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return Answer(outcome="unreachable", message=shortened(str(error)))
        outcome = of_http(response.status)
        if outcome == "accepted":
            return _accepted(signal, answer, response.headers.get("content-type", ""))
        return Answer(
            outcome=outcome,
            message=shortened(f"{response.status}: {_said(answer)}"),
            retry_after_s=self._retry_after_s(response.headers.get("retry-after")),
        )

    def _retry_after_s(self, value: str | None) -> float | None:
        """Return what `Retry-After` asks for: seconds, or a date."""
        if value is None:
            return None
        if value.strip().isdigit():
            return float(value)
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - self._clock.now_ns() / 1e9)
        except ValueError:
            return None

    def close(self) -> None:
        """Close the connections that no request uses."""
        self._pool.clear()


def _accepted(signal: Signal, answer: bytes, content_type: str) -> Answer:
    """A body that is not the Protobuf response is a success all the same: the status said so."""
    if not content_type.startswith("application/x-protobuf"):
        return Answer(outcome="accepted")
    try:
        return accepted(_RESPONSES[signal].FromString(answer))
    except DecodeError:
        return Answer(outcome="accepted")


def _said(answer: bytes) -> str:
    """Return the message of an error's body: a google.rpc.Status, or some text."""
    try:
        return Status.FromString(answer).message or answer[:200].decode(errors="replace")
    except DecodeError:
        return answer[:200].decode(errors="replace")


def _context(tls: ExporterTls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca_file)
    if tls.cert_file and tls.key_file:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    return context

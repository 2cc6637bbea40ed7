"""An OTLP/gRPC endpoint: bytes go out as they are, never parsed."""

from pathlib import Path

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from botlogs_collector.config.exporters import ExporterTls, OtlpExporter
from botlogs_collector.forward.answer import Answer, of_grpc, shortened
from botlogs_collector.forward.partial import accepted
from botlogs_collector.ports import Signal

_METHODS = {
    "traces": ("/opentelemetry.proto.collector.trace.v1.TraceService/Export", ExportTraceServiceResponse),
    "logs": ("/opentelemetry.proto.collector.logs.v1.LogsService/Export", ExportLogsServiceResponse),
}
# Our own pauses decide when to try again; the channel's must not be longer.
_OPTIONS = [
    ("grpc.max_send_message_length", -1),
    ("grpc.min_reconnect_backoff_ms", 250),
    ("grpc.initial_reconnect_backoff_ms", 250),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.primary_user_agent", "botlogs"),
]


class GrpcEndpoint:
    """Sends to one endpoint; any thread may."""

    def __init__(self, exporter: OtlpExporter) -> None:
        """Open nothing yet: the channel connects with the first request.

        Raises:
            OSError: a file of `tls` cannot be read.
        """
        compression = grpc.Compression.Gzip if exporter.compression == "gzip" else grpc.Compression.NoCompression
        options = list(_OPTIONS)
        tls = exporter.tls or ExporterTls()
        if tls.server_name:
            options.append(("grpc.ssl_target_name_override", tls.server_name))
        if exporter.is_secure:
            credentials = grpc.ssl_channel_credentials(_read(tls.ca_file), _read(tls.key_file), _read(tls.cert_file))
            self._channel = grpc.secure_channel(exporter.address, credentials, options, compression)
        else:
            self._channel = grpc.insecure_channel(exporter.address, options, compression)
        self._metadata = tuple((key.lower(), value) for key, value in exporter.headers.items())
        self._calls = {
            signal: self._channel.unary_unary(method, bytes, response.FromString)
            for signal, (method, response) in _METHODS.items()
        }

    def send(self, signal: Signal, body: bytes, timeout_s: float) -> Answer:
        """Send one request; return within *timeout_s* what became of it."""
        try:
            response = self._calls[signal](body, timeout=timeout_s, metadata=self._metadata)
        except grpc.RpcError as error:
            return _failed(error)
        except ValueError as error:  # the channel was closed while a thread was about to send
            return Answer(outcome="unreachable", message=shortened(str(error)))
        return accepted(response)

    def close(self) -> None:
        """End all requests under way."""
        self._channel.close()


def _failed(error: grpc.RpcError) -> Answer:
    code, text = error.code().name, error.details() or ""  # type: ignore[attr-defined]  # a Call, too
    outcome = of_grpc(code)
    if code == "RESOURCE_EXHAUSTED" and "larger than max" in text:
        outcome = "too_large"
    return Answer(
        outcome=outcome, message=shortened(f"{code}: {text}"), retry_after_s=_retry_after_s(error.trailing_metadata())  # type: ignore[attr-defined]
    )  # fmt: skip


def _retry_after_s(trailers: "tuple[tuple[str, str | bytes], ...] | None") -> float | None:
    """Return the delay of the RetryInfo in the status details."""
    for key, value in trailers or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            for detail in Status.FromString(value).details:
                retry = RetryInfo()
                if detail.Unpack(retry):
                    return retry.retry_delay.ToNanoseconds() / 1e9
    return None


def _read(path: str | None) -> bytes | None:
    return Path(path).read_bytes() if path else None

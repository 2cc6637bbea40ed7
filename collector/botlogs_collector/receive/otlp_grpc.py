"""OTLP/gRPC: the three collector services; handlers get the request's bytes, nothing is parsed twice."""

from collections.abc import Awaitable, Callable

import grpc
import grpc.aio

from botlogs_collector.access.guard import Guard
from botlogs_collector.access.principal import current
from botlogs_collector.errors import BotLogsError
from botlogs_collector.otlp.status import grpc_code, public_message, status_details
from botlogs_collector.ports import Signal
from botlogs_collector.receive.fairness import Shares, sender_of
from botlogs_collector.receive.receiver import Receiver

_PACKAGE = "opentelemetry.proto.collector"
_SERVICES: dict[str, Signal] = {
    f"{_PACKAGE}.trace.v1.TraceService": "traces",
    f"{_PACKAGE}.logs.v1.LogsService": "logs",
}
_METRICS = f"{_PACKAGE}.metrics.v1.MetricsService"
_Handler = Callable[[bytes, "grpc.aio.ServicerContext[bytes, bytes]"], Awaitable[bytes]]
_CONNECTION_TIMEOUTS = 10
SERVICE_NAMES = (*_SERVICES, _METRICS)


def add_to_server(server: grpc.aio.Server, receiver: Receiver, guard: Guard, shares: Shares) -> None:
    """Register the trace, log and metric services on *server*, whose door is *guard*'s."""
    for service, signal in _SERVICES.items():
        _register(server, service, _export(receiver, signal, guard, shares))
    _register(server, _METRICS, _refuse_metrics)


def server_options(max_request_bytes: int, request_timeout_ms: int) -> list[tuple[str, int]]:
    """Return the channel options of an OTLP server that takes requests up to *max_request_bytes*.

    A client that says nothing for *request_timeout_ms* is cut. gRPC knows no deadline for half a message, so a
    connection lives for ten times as long, then calls under way have that time to end: clients connect anew unnoticed.
    """
    return [
        ("grpc.max_receive_message_length", max_request_bytes),
        ("grpc.so_reuseport", 0),  # a second service on the port must fail, not share it
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),  # half-open connections are noticed
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_ping_strikes", 0),
        ("grpc.server_handshake_timeout_ms", request_timeout_ms),
        ("grpc.max_connection_age_ms", _CONNECTION_TIMEOUTS * request_timeout_ms),
        ("grpc.max_connection_age_grace_ms", request_timeout_ms),
        ("grpc.max_metadata_size", 16 * 1024),
    ]


def _register(server: grpc.aio.Server, service: str, handler: _Handler) -> None:
    method = grpc.unary_unary_rpc_method_handler(handler)  # no serializers: bytes in, bytes out
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": method}),))


def _export(receiver: Receiver, signal: Signal, guard: Guard, shares: Shares) -> _Handler:
    async def export(body: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        try:
            sender, bots = (sender_of(context.peer()), ()) if guard.is_open else (current().name, current().bots)
            with shares.taken(signal, sender, len(body)):
                response = await receiver.export(signal, body, bots=bots)
        except BotLogsError as error:
            context.set_trailing_metadata((("grpc-status-details-bin", status_details(error).SerializeToString()),))
            await context.abort(grpc_code(error), public_message(error))
            raise AssertionError("abort does not return") from None
        return response.SerializeToString()

    return export


async def _refuse_metrics(_body: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    await context.abort(
        grpc.StatusCode.UNIMPLEMENTED, "metrics are not handled here: this collector takes traces and logs"
    )
    raise AssertionError("abort does not return")

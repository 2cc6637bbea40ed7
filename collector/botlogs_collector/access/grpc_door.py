"""The door of a gRPC port: who asks is known before the request's message is read."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from botlogs_collector.access.guard import Guard
from botlogs_collector.access.principal import Right, enter
from botlogs_collector.errors import BotLogsError
from botlogs_collector.otlp.status import grpc_code, public_message, status_details

# For those who look whether we live, and for tools that ask what there is: both say nothing of anybody's data.
_OPEN = ("/grpc.health.v1.Health/", "/grpc.reflection.")
_Continuation = Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any] | None"]]


class GrpcDoor(grpc.aio.ServerInterceptor):
    """Every method takes a token, and *right* if one is given; as metadata `authorization: Bearer TOKEN`."""

    def __init__(self, guard: Guard, right: Right | None = None) -> None:
        self._guard = guard
        self._right: Right | None = right

    async def intercept_service(
        self, continuation: _Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Note who asks, for the task of this call; or answer in place of the method."""
        if not handler_call_details.method.startswith(_OPEN):
            try:
                principal = self._guard.principal(_authorization(handler_call_details))
                if self._right is not None:
                    principal.demand(self._right)
            except BotLogsError as error:
                self._guard.refused(error)
                return _refusal(error)
            enter(principal)
        return await continuation(handler_call_details)


def _authorization(details: grpc.HandlerCallDetails) -> str | None:
    for key, value in details.invocation_metadata or ():
        if key == "authorization":
            return value if isinstance(value, str) else value.decode("latin-1")
    return None


def _refusal(error: BotLogsError) -> "grpc.RpcMethodHandler[Any, Any]":
    async def refuse(_messages: object, context: "grpc.aio.ServicerContext[Any, Any]") -> None:
        context.set_trailing_metadata((("grpc-status-details-bin", status_details(error).SerializeToString()),))
        await context.abort(grpc_code(error), public_message(error))

    return grpc.stream_unary_rpc_method_handler(refuse)  # a stream: its messages are never asked for

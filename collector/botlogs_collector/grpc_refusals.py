"""What gRPC refuses by itself, in words that say what would be right: unknown methods, messages that cannot be read."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

_Continuation = Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any] | None"]]


class UnknownMethod(grpc.GenericRpcHandler):
    """Register it last: it answers every method that no other handler has."""

    def __init__(self, services: tuple[str, ...]) -> None:
        """*services* are what this port has."""
        self._services = services

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any]":
        """Refuse the call and name what there is."""
        said = (
            f"there is no method {handler_call_details.method[:200]!r} on this port; "
            f"its services are {', '.join(self._services)} (reflection lists their methods)"
        )

        async def refuse(_messages: object, context: Any) -> None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, said)

        return grpc.stream_unary_rpc_method_handler(refuse)  # a stream: its messages are never asked for


@dataclass(frozen=True, slots=True)
class _Unreadable:
    fault: str


class ReadableMessages(grpc.aio.ServerInterceptor):
    """A message that is not Protobuf of its type is its sender's fault: INVALID_ARGUMENT, not UNKNOWN."""

    async def intercept_service(
        self, continuation: _Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Stand before methods that take one message."""
        handler: Any = await continuation(handler_call_details)
        if handler is None or handler.request_streaming or handler.request_deserializer is None:
            return handler
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                _streaming(handler.unary_stream), _reading(handler.request_deserializer), handler.response_serializer
            )
        return grpc.unary_unary_rpc_method_handler(
            _single(handler.unary_unary), _reading(handler.request_deserializer), handler.response_serializer
        )


def _reading(parse: Callable[[bytes], object]) -> Callable[[bytes], object]:
    def read(data: bytes) -> object:
        try:
            return parse(data)
        except DecodeError as error:
            return _Unreadable(str(error))

    return read


def _single(method: Callable[[object, object], Awaitable[object]]) -> Callable[[object, Any], Awaitable[object]]:
    async def call(request: object, context: Any) -> object:
        await _refuse_unreadable(request, context)
        return await method(request, context)

    return call


def _streaming(
    method: Callable[[object, object], AsyncGenerator[object]],
) -> Callable[[object, Any], AsyncGenerator[object]]:
    async def call(request: object, context: Any) -> AsyncGenerator[object]:
        await _refuse_unreadable(request, context)
        async for response in method(request, context):
            yield response

    return call


async def _refuse_unreadable(request: object, context: Any) -> None:
    if isinstance(request, _Unreadable):
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"the request's message cannot be read: {request.fault}")

"""A receiving OTLP/gRPC server for the bench that parses nothing: `python -m tests.bench.otlp_drain` prints its port.

In a process of its own, so that its work is not the forwarder's; it answers every request at once.
"""

import asyncio

import grpc.aio


class _Handler(grpc.GenericRpcHandler):
    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        async def export(_request: bytes, _context: object) -> bytes:
            return b""

        assert handler_call_details.method
        return grpc.unary_unary_rpc_method_handler(export)


async def main() -> None:
    """Serve until the process is ended."""
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((_Handler(),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())

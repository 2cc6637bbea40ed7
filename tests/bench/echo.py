"""The yardstick of small requests: a gRPC server that does nothing, in a process of its own, with the same senders."""

import asyncio
import subprocess
import sys

import grpc
import grpc.aio

from tests.bench.load import Run, measured_runs
from tests.bench.shape import Shape
from tests.support.processes import free_ports

_SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService"


def echo(shape: Shape, seconds: float, runs: int) -> list[Run]:
    """Return what *shape* would cost if a request cost nothing but gRPC: bytes in, an empty answer out."""
    address = f"127.0.0.1:{free_ports(1)[0]}"
    command = (sys.executable, "-m", "tests.bench.echo", address)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        try:
            return measured_runs(shape, address, "", server.pid, seconds, runs)
        finally:
            server.terminate()


async def _serve(address: str) -> None:
    async def export(_body: bytes, _context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        return b""

    server = grpc.aio.server()
    method = grpc.unary_unary_rpc_method_handler(export)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, {"Export": method}),))
    server.add_insecure_port(address)
    await server.start()
    print("ready", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))

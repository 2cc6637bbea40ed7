"""The senders of the benches, in a process of their own: `python -m tests.bench.sender SHAPE GRPC HTTP SECONDS RUNS`.

Prints `warm` when the load has been on for a while, then a line at the end of each run: the items acknowledged
in it, and each latency in seconds. Every request has trace ids of its own, or merges would collapse what came before.
"""

import asyncio
import json
import re
import secrets
import sys
import time
from collections.abc import Awaitable, Callable

import grpc.aio
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.otlp.json_codec import message_to_json
from tests.bench.requests import requests_of
from tests.bench.shape import Shape

_METHODS = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}
_MESSAGES = {"traces": ExportTraceServiceRequest, "logs": ExportLogsServiceRequest}
_WARM_S = 1.5
_Send = Callable[[int, bytes], Awaitable[object]]
# Of a span, of a log record, of either in JSON; the second half of the id stays, so that conversations stay together.
_TRACE = re.compile(rb"(\x0a\x10|\x4a\x10).{8}(?=.{8}(?:\x12\x08|\x52\x08))", re.DOTALL)
_TRACE_IN_JSON = re.compile(rb'("traceId": ").{16}')


async def main(shape: Shape, grpc_target: str, http_url: str, seconds: float, runs: int) -> None:
    """Send, and report, until the runs are over."""
    bodies = requests_of(shape, 16)
    if shape.protocol == "HTTP JSON":
        bodies = [json.dumps(message_to_json(_MESSAGES[shape.signal].FromString(body))).encode() for body in bodies]
    done: list[float] = []
    send = _over_grpc(shape, grpc_target) if shape.protocol == "gRPC" else _over_http(shape, http_url)
    tasks = [asyncio.create_task(_one(number, shape, bodies, send, done)) for number in range(shape.senders)]
    await asyncio.sleep(_WARM_S)
    print("warm", flush=True)
    for _ in range(runs):
        done.clear()
        await asyncio.sleep(seconds)
        latencies = done.copy()
        print(len(latencies) * shape.size, *(f"{latency:.4f}" for latency in latencies), flush=True)
    for task in tasks:
        task.cancel()


async def _one(number: int, shape: Shape, bodies: list[bytes], send: _Send, done: list[float]) -> None:
    turn = number
    due = time.perf_counter()
    while True:
        body = _fresh(bodies[turn % len(bodies)], is_json=shape.protocol == "HTTP JSON")
        started = time.perf_counter()
        await send(number, body)
        done.append(time.perf_counter() - started)
        turn += 1
        if shape.rate:  # a pause that was too long is made up for, but no more than one request late
            due = max(due, started - 1 / shape.rate) + 1 / shape.rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))


def _over_grpc(shape: Shape, target: str) -> _Send:
    channels = [
        grpc.aio.insecure_channel(target, options=[("grpc.use_local_subchannel_pool", 1)])
        for _ in range(min(shape.senders, 8))
    ]
    calls = [channel.unary_unary(_METHODS[shape.signal]) for channel in channels]

    async def send(number: int, body: bytes) -> object:
        return await calls[number % len(calls)](body, timeout=60)

    return send


def _over_http(shape: Shape, url: str) -> _Send:
    """One connection a sender, kept; by hand, since a client library costs more than the service that is measured."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    content_type = "application/json" if shape.protocol == "HTTP JSON" else "application/x-protobuf"
    head = f"POST /v1/{shape.signal} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {content_type}\r\ncontent-length: "
    connections: dict[int, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def send(number: int, body: bytes) -> object:
        if number not in connections:
            connections[number] = await asyncio.open_connection(host, int(port))
        reader, writer = connections[number]
        writer.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        length = re.search(rb"content-length: (\d+)", answer)
        return length and await reader.readexactly(int(length[1]))

    return send


def _fresh(body: bytes, *, is_json: bool) -> bytes:
    """Return *body* with other trace ids."""
    other = secrets.token_bytes(8)
    if is_json:
        return _TRACE_IN_JSON.sub(rb"\g<1>" + other.hex().encode(), body)
    return _TRACE.sub(lambda match: match[1] + other, body)


if __name__ == "__main__":
    _, asked, grpc_at, http_at, each_s, count = sys.argv
    asyncio.run(main(Shape.from_json(asked), grpc_at, http_at, float(each_s), int(count)))

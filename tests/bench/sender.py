"""The senders of tests/bench/ingest.py, in a process of their own: so many requests under way, then a report.

Prints `warm` after a fifth of the time; at the end one line: the items acknowledged since then, and each latency
in seconds. Every request has trace ids of its own, or merges would collapse what came before.
"""

import asyncio
import json
import re
import secrets
import sys
import time

import grpc.aio
import httpx
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.otlp.json_codec import message_to_json
from tests.bench.requests import log_requests, trace_requests

_METHODS = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}
_MESSAGES = {"traces": ExportTraceServiceRequest, "logs": ExportLogsServiceRequest}


async def main(
    protocol: str, grpc_target: str, http_url: str, signal: str, senders: int, size: int, seconds: float
) -> None:
    """Send until the time is over."""
    bodies = (trace_requests if signal == "traces" else log_requests)(size, 16)
    if protocol == "HTTP JSON":
        bodies = [json.dumps(message_to_json(_MESSAGES[signal].FromString(body))).encode() for body in bodies]
    done: list[tuple[float, float]] = []  # (when, latency)
    stop_at = time.perf_counter() + seconds
    channels = [
        grpc.aio.insecure_channel(grpc_target, options=[("grpc.use_local_subchannel_pool", 1)])
        for _ in range(min(senders, 8))
    ]
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=senders), timeout=60, trust_env=False) as client:
        content_type = "application/json" if protocol == "HTTP JSON" else "application/x-protobuf"

        async def send(number: int, body: bytes) -> None:
            if protocol == "gRPC":
                await channels[number % len(channels)].unary_unary(_METHODS[signal])(body, timeout=60)
                return
            answer = await client.post(f"{http_url}/v1/{signal}", content=body, headers={"content-type": content_type})
            answer.raise_for_status()

        async def one(number: int) -> None:
            turn = number
            while time.perf_counter() < stop_at:
                started = time.perf_counter()
                await send(number, _fresh(bodies[turn % len(bodies)]))
                done.append((time.perf_counter(), time.perf_counter() - started))
                turn += 1

        tasks = [asyncio.create_task(one(number)) for number in range(senders)]
        await asyncio.sleep(seconds / 5)
        print("warm", flush=True)
        warm_at = time.perf_counter()
        await asyncio.gather(*tasks)
    for channel in channels:
        await channel.close()
    latencies = [latency for at, latency in done if at >= warm_at]
    print(len(latencies) * size, *(f"{latency:.4f}" for latency in latencies), flush=True)


_TRACE = re.compile(rb"(\x0a\x10|\x4a\x10)(.{16})(\x12\x08|\x52\x08)", re.DOTALL)  # of a span, of a log record


def _fresh(body: bytes) -> bytes:
    """Return *body* with other trace ids; JSON goes as it is."""
    other = secrets.token_bytes(8)
    return _TRACE.sub(lambda match: match[1] + other + match[2][8:] + match[3], body)


if __name__ == "__main__":
    _, asked, grpc_at, http_at, of, *numbers = sys.argv
    asyncio.run(main(asked, grpc_at, http_at, of, int(numbers[0]), int(numbers[1]), float(numbers[2])))

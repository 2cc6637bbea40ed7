"""What receiving costs: from a socket to durable and queryable, beside yardsticks of the same run.

Around 64 senders of 512 usual spans over gRPC one thing is changed at a time: how many send, how much
they send at once, what is in a span, the signal, the protocol. Yardsticks: parsing the same requests with the
Protobuf runtime alone, and inserting them straight into the engine, 10,000 items a commit.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.bench.load import Load, idle_percent, load
from tests.bench.report import Row
from tests.bench.requests import requests_of
from tests.bench.shape import Shape

_QUICK = (
    Shape(),
    Shape(size=5),
    Shape(signal="logs"),
    Shape(protocol="HTTP JSON", senders=16),
)
_FULL = (
    *(Shape(senders=senders, size=size) for size in (5, 50, 512, 5000) for senders in (1, 8, 64)),
    Shape(senders=256, size=5),
    Shape(filling="2 attributes"),
    Shape(filling="40 attributes"),
    Shape(filling="nested values"),
    Shape(signal="logs"),
    Shape(signal="logs", size=5),
    Shape(protocol="HTTP protobuf"),
    Shape(protocol="HTTP JSON"),
    Shape(protocol="HTTP protobuf", size=5),
)
_TARGET_US, _TARGET_PARSES, _TARGET_SMALL, _TARGET_IDLE = 12, 6, 2000, 2


def run(quick: bool) -> list[Row]:
    """Return the rows: five a shape, and what an idle service takes."""
    shapes = _QUICK if quick else _FULL
    seconds, runs = (2.0, 1) if quick else (4.0, 3)
    inserts = _insert_us(shapes, 2 if quick else 5)
    rows: list[Row] = []
    for shape in shapes:
        rows += _rows(load(shape, seconds, runs), _parse_us(shape), inserts[shape])
    idle = idle_percent(3 if quick else 20)
    return [*rows, {"name": "idle service", "value": round(idle, 2), "unit": "% of a core", "target": _TARGET_IDLE}]


def _rows(loaded: Load, parse_us: float, insert_us: float) -> list[Row]:
    shape, runs = loaded.shape, len(loaded.runs)
    cpu_us = loaded.median(lambda one: one.cpu_us)
    is_centre = shape.size == 512 and shape.filling == "usual" and shape.protocol != "HTTP JSON"
    is_usual_grpc = shape.protocol == "gRPC" and shape.signal == "traces" and shape.filling == "usual"
    rows: list[Row] = [
        {
            "name": f"{shape.name}: taken",
            "value": round(loaded.median(lambda one: one.items / one.seconds)),
            "unit": f"{shape.item}s/s",
        },
        {
            "name": f"{shape.name}: requests",
            "value": round(loaded.median(lambda one: one.requests / one.seconds)),
            "unit": "1/s",
            "target": _TARGET_SMALL if shape.size == 5 and shape.senders >= 64 else None,
        },
        {
            "name": f"{shape.name}: CPU of the service",
            "value": round(cpu_us, 1),
            "unit": f"µs/{shape.item}",
            "ratio": round(cpu_us / insert_us, 1),
            "yardstick": f"direct insert {insert_us:.1f} µs",
            "target": _TARGET_US if is_centre else None,
        }
        | _of_series(shape, is_usual_grpc),
        {
            "name": f"{shape.name}: CPU of the service, in parses",
            "value": round(cpu_us / parse_us, 1),
            "unit": "times",
            "yardstick": f"parse alone {parse_us:.2f} µs",
            "target": _TARGET_PARSES if is_centre else None,
        },
        {
            "name": f"{shape.name}: answered, median",
            "value": _ms(loaded.median(lambda one: one.median_s)),
            "unit": "ms",
        },
        {"name": f"{shape.name}: answered, p99", "value": _ms(loaded.median(lambda one: one.p99_s)), "unit": "ms"},
        {"name": f"{shape.name}: on disk", "value": round(loaded.bytes_an_item), "unit": f"bytes/{shape.item}"},
        {"name": f"{shape.name}: memory", "value": loaded.rss_mb, "unit": "MB"},
    ]
    return [row | {"runs": runs} for row in rows]


def _of_series(shape: Shape, is_usual_grpc: bool) -> Row:
    """What grows: with the senders at the usual size."""
    if not is_usual_grpc or shape.size != 512:
        return {}
    return {"series": "CPU of the service, gRPC, 512 spans a request", "against": "senders", "at": shape.senders}


def _ms(seconds: float) -> int:
    return round(seconds * 1e3)


def _parse_us(shape: Shape) -> float:
    """CPU µs an item to parse the same requests; those of JSON as Protobuf."""
    message = ExportTraceServiceRequest if shape.signal == "traces" else ExportLogsServiceRequest
    bodies = requests_of(shape, max(1, 4096 // shape.size))
    times: list[float] = []
    for _ in range(9):
        started = time.process_time()
        for body in bodies:
            message.FromString(body)
        times.append(time.process_time() - started)
    return statistics.median(times) / (len(bodies) * shape.size) * 1e6


def _insert_us(shapes: Sequence[Shape], rounds: int) -> dict[Shape, float]:
    """In a process of their own: a process can have one engine. What only the way or the senders change is the same."""
    as_inserted = {shape: Shape(signal=shape.signal, size=shape.size, filling=shape.filling) for shape in shapes}
    wanted = list(dict.fromkeys(as_inserted.values()))
    command = [sys.executable, "-m", "tests.bench.direct", str(rounds), *(shape.to_json() for shape in wanted)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    figures = dict(zip(wanted, map(float, output.split()), strict=True))
    return {shape: figures[as_inserted[shape]] for shape in shapes}

"""What receiving costs: from a socket to durable and queryable, beside yardsticks of the same run.

Around 64 senders of 512 usual spans over gRPC one thing is changed at a time: how many send, how much
they send at once, what is in a span, the signal, the protocol. Yardsticks: parsing the same requests with the
Protobuf runtime alone, inserting them straight into the engine, 10,000 items a commit, and for small requests
a gRPC server that does nothing.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.bench.echo import echo
from tests.bench.load import Load, idle_percent, load
from tests.bench.report import Row, compared
from tests.bench.requests import requests_of
from tests.bench.shape import Shape

_SMALL = 5
_QUICK = (
    Shape(),
    Shape(size=_SMALL, senders=256),
    Shape(signal="logs"),
    Shape(protocol="HTTP JSON", senders=16),
)
_FULL = (
    *(Shape(senders=senders, size=size) for size in (_SMALL, 50, 512, 5000) for senders in (1, 8, 64)),
    Shape(senders=256, size=_SMALL),
    Shape(filling="2 attributes"),
    Shape(filling="40 attributes"),
    Shape(filling="nested values"),
    Shape(signal="logs"),
    Shape(signal="logs", size=_SMALL),
    Shape(protocol="HTTP protobuf"),
    Shape(protocol="HTTP JSON"),
    *(Shape(protocol="HTTP protobuf", senders=senders, size=_SMALL) for senders in (64, 256)),
)
_TARGET_US, _TARGET_PARSES, _TARGET_SMALL, _TARGET_IDLE = 12, 6, 2000, 2


def run(quick: bool) -> list[Row]:
    """Return the rows: eight a shape, three more of small requests, and what an idle service takes."""
    shapes = _QUICK if quick else _FULL
    seconds, runs = (1.0, 2) if quick else (4.0, 3)
    inserts = _insert_us(shapes, 1 if quick else 5)
    rows: list[Row] = []
    for shape in shapes:
        loaded = load(shape, seconds, runs)
        rows += _rows(loaded, _parse_us(shape), inserts[shape])
        if shape.size == _SMALL:
            rows += _small(loaded, seconds, runs)
    idle = statistics.median(idle_percent(2 if quick else 10) for _ in range(1 if quick else 3))
    return [*rows, _row("idle service", idle, "% of a core", 1 if quick else 3, at_most=_TARGET_IDLE)]


def _rows(loaded: Load, parse_us: float, insert_us: float) -> list[Row]:
    shape, runs = loaded.shape, len(loaded.runs)
    cpu_us = loaded.median(lambda one: one.cpu_us)
    is_centre = shape.size == 512 and shape.filling == "usual" and shape.protocol != "HTTP JSON"
    name = shape.name
    return [
        _row(f"{name}: taken", loaded.median(lambda one: one.items / one.seconds), f"{shape.item}s/s", runs),
        {
            **_row(f"{name}: CPU of the service", cpu_us, f"µs/{shape.item}", runs, _TARGET_US if is_centre else None),
            **_compared_with(cpu_us, insert_us, "direct insert", f"µs/{shape.item}"),
            **_grows_with_senders(shape, f"CPU of the service, gRPC, {shape.size} spans a request"),
        },
        {
            **_row(
                f"{name}: CPU of the service, in parses", cpu_us / parse_us, "times", runs,
                _TARGET_PARSES if is_centre else None,
            ),
            "yardstick": f"parse alone {parse_us:.2f} µs",
        },
        {
            **_row(f"{name}: answered, median", _ms(loaded.median(lambda one: one.median_s)), "ms", runs),
            **_grows_with_senders(shape, f"until answered, gRPC, {shape.size} spans a request, median"),
        },
        _row(f"{name}: answered, p99", _ms(loaded.median(lambda one: one.p99_s)), "ms", runs),
        _row(f"{name}: on disk", loaded.bytes_an_item, f"bytes/{shape.item}", 1),
        _row(f"{name}: memory", loaded.rss_mb, "MB", 1),
    ]  # fmt: skip


def _small(loaded: Load, seconds: float, runs: int) -> list[Row]:
    """What small requests are about: how many, and how much of each is gRPC's and the senders' own."""
    shape = loaded.shape
    rate = loaded.median(lambda one: one.requests / one.seconds)
    service_us = loaded.median(lambda one: one.cpu_us) * shape.size
    sender_us = loaded.median(lambda one: one.sender_us)
    # Fewer senders than these wait for their own answers: 2,000 a second are 32 ms for each of 64, less than a commit.
    target = _TARGET_SMALL if shape.senders >= 64 and shape.signal == "traces" else None
    many = _row(f"{shape.name}: requests", rate, "1/s", runs, at_least=target)
    much = _row(f"{shape.name}: CPU of the service, a request", service_us, "µs/request", runs)
    if shape.protocol == "gRPC":
        nothing = echo(shape, seconds, runs)
        nothing_rate = statistics.median(one.requests / one.seconds for one in nothing)
        nothing_us = statistics.median(one.cpu_us for one in nothing) * shape.size
        many |= _compared_with(rate, nothing_rate, "gRPC that does nothing", "1/s")
        much |= _compared_with(service_us, nothing_us, "gRPC that does nothing", "µs/request")
    return [many, much, _row(f"{shape.name}: CPU of the senders, a request", sender_us, "µs/request", runs)]


def _row(
    name: str, value: float, unit: str, runs: int, at_most: float | None = None, *, at_least: float | None = None
) -> Row:
    shown = round(value) if value >= 100 else round(value, 1)
    return {
        "name": name,
        "value": shown,
        "unit": unit,
        "runs": runs,
        **compared(value, at_most=at_most, at_least=at_least),
    }


def _compared_with(value: float, yardstick: float, what: str, unit: str) -> Row:
    return {"ratio": round(value / yardstick, 2), "yardstick": f"{what} {yardstick:,.1f} {unit}"}


def _grows_with_senders(shape: Shape, series: str) -> Row:
    is_usual = shape.protocol == "gRPC" and shape.signal == "traces" and shape.filling == "usual"
    return {"series": series, "against": "senders", "at": shape.senders} if is_usual else {}


def _ms(seconds: float) -> float:
    return seconds * 1e3


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

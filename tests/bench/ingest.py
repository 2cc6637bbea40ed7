"""What receiving costs: from a socket to durable and queryable, CPU of the service's process, beside yardsticks.

The service and the senders are processes of their own; requests are serialized beforehand. CPU comes from
/proc, merges and all other background work included; only the time until everything is acknowledged counts.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.bench.requests import trace_requests
from tests.support.service import Service

_TICKS = os.sysconf("SC_CLK_TCK")
Row = dict[str, object]


def run(quick: bool) -> list[Row]:
    """Return one row a figure."""
    parse_us = _parse_us(trace_requests(512, 16))
    rows: list[Row] = [
        {
            "name": "yardstick: parse the same spans, protobuf runtime alone",
            "value": round(parse_us, 2),
            "unit": "µs/span",
        }
    ]
    insert_us = _insert_us(quick)
    rows.append(
        {
            "name": "yardstick: insert the same bytes into the engine, 20 requests a commit",
            "value": round(insert_us, 2),
            "unit": "µs/span",
        }
    )
    seconds = 6 if quick else 20
    shapes = [
        ("gRPC", 64, 512),
        ("gRPC", 8, 512),
        ("gRPC", 1, 512),
        ("gRPC", 64, 5),
        ("HTTP protobuf", 16, 512),
        ("HTTP JSON", 16, 512),
    ]
    if not quick:
        shapes += [("gRPC", 8, 50), ("gRPC", 8, 5000)]
    for protocol, senders, size in shapes:
        rows += _load(protocol, senders, size, "traces", seconds, parse_us)
    rows += _load("gRPC", 64, 512, "logs", seconds, None)
    return rows


def _load(protocol: str, senders: int, size: int, signal: str, seconds: float, parse_us: float | None) -> list[Row]:
    """Load a fresh service for a while; the first fifth warms it up and does not count."""
    label = f"{protocol}, {signal}, {senders} senders, {size} a request"
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
        with Service(Path(folder) / "data") as service:
            command = [
                sys.executable,
                "-m",
                "tests.bench.sender",
                protocol,
                service.grpc,
                service.http,
                signal,
                str(senders),
                str(size),
                str(seconds),
            ]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
                assert sender.stdout is not None
                assert sender.stdout.readline() == "warm\n"
                pid = service.program.pid
                cpu, started = _cpu_s(pid), time.perf_counter()
                items, latencies = _report(sender.stdout.readline())
                took, used = time.perf_counter() - started, _cpu_s(pid) - cpu
            rss = _rss_mb(pid)
            assert service.program.stop() == 0
        on_disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    us = used / items * 1e6
    unit = "spans" if signal == "traces" else "records"
    return [
        {"name": label, "value": round(items / took), "unit": f"{unit}/s"},
        {
            "name": f"{label}: CPU of the service",
            "value": round(us, 1),
            "unit": f"µs/{unit[:-1]}",
            "ratio": round(us / parse_us, 1) if parse_us else None,
            "yardstick": "parse alone" if parse_us else None,
            "target": 12 if size == 512 else None,
        },
        {"name": f"{label}: answered, median", "value": round(statistics.median(latencies) * 1e3), "unit": "ms"},
        {"name": f"{label}: answered, p99", "value": round(_p99(latencies) * 1e3), "unit": "ms"},
        {"name": f"{label}: memory", "value": rss, "unit": "MB"},
        {
            "name": f"{label}: on disk, merges not awaited",
            "value": round(on_disk / (items * 1.25)),
            "unit": f"bytes/{unit[:-1]}",
        },
    ]


def _report(line: str) -> tuple[int, list[float]]:
    items, *latencies = line.split()
    return int(items), [float(text) for text in latencies]


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _rss_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def _parse_us(bodies: list[bytes]) -> float:
    times: list[float] = []
    for _ in range(9):
        started = time.process_time()
        for body in bodies:
            ExportTraceServiceRequest.FromString(body)
        times.append(time.process_time() - started)
    return statistics.median(times) / (len(bodies) * 512) * 1e6


def _insert_us(quick: bool) -> float:
    """In a process of its own: a process can have one engine."""
    command = [sys.executable, "-m", "tests.bench.direct", "5" if quick else "15"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

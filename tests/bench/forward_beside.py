"""Forwarding beside ingest: senders that keep to a rate, then senders that take all there is.

A service with an endpoint and one without run by turns, so that what else the machine does falls on both; figures are
medians of the turns.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.load import cpu_seconds
from tests.bench.report import Row, compared
from tests.bench.shape import Shape
from tests.support.processes import until
from tests.support.service import Service

TARGET = 30_000  # spans a second
_SENDERS, _SIZE = 16, 512
# A tenth more than the target: what came in the last second is still on its way when the senders stop.
_PACED = Shape(senders=_SENDERS, size=_SIZE, rate=1.1 * TARGET / (_SENDERS * _SIZE))
_SATURATED = Shape(senders=_SENDERS, size=_SIZE)
_CATCH_UP_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One stretch of load on a service of its own."""

    received: float  # spans/s
    forwarded: float  # spans/s
    latencies_s: list[float]
    cpu_us: float  # a span received
    lag_s: float  # of the endpoint, when the senders stop


def beside_ingest(address: str, seconds: int, turns: int) -> list[Row]:
    """Return the figures of both loads; *address* is where a server takes everything."""
    return [
        *_rows(f"beside {1.1 * TARGET:,.0f} spans/s offered", _PACED, address, seconds, turns, target=TARGET),
        *_rows("beside saturated ingest", _SATURATED, address, seconds, 1, target=None),
    ]


def _rows(label: str, shape: Shape, address: str, seconds: int, turns: int, target: int | None) -> list[Row]:
    pairs = [(_turn(shape, None, seconds), _turn(shape, address, seconds)) for _ in range(turns)]
    alone, beside = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    forwarded = _median(turn.forwarded for turn in beside)
    yardstick = "the same without an endpoint"

    def ratio(name: str, unit: str, with_it: float, without: float) -> Row:
        return {
            "name": f"{label}: {name}", "value": round(with_it, 1), "unit": unit, "runs": turns,
            "ratio": round(with_it / without, 2), "yardstick": yardstick,
        }  # fmt: skip

    return [
        {
            "name": f"{label}: forwarded while it runs", "value": round(forwarded),
            "unit": "spans/s", "runs": turns, **compared(forwarded, at_least=target),
        },
        ratio("received", "spans/s", _median(t.received for t in beside), _median(t.received for t in alone)),
        ratio("answered, median", "ms", _latency_ms(beside, 0.5), _latency_ms(alone, 0.5)),
        ratio("answered, p99", "ms", _latency_ms(beside, 0.99), _latency_ms(alone, 0.99)),
        ratio("CPU", "µs/span", _median(t.cpu_us for t in beside), _median(t.cpu_us for t in alone)),
        {
            "name": f"{label}: behind when the senders stop", "value": round(_median(t.lag_s for t in beside), 1),
            "unit": "s", "runs": turns,
        },
    ]  # fmt: skip


def _turn(shape: Shape, address: str | None, seconds: int) -> Turn:
    environ = {"BOTLOGS_ENVIRONMENTS__PRODUCTION__RELEASE_DELAY": "0s"}
    if address:
        environ["BOTLOGS_EXPORTERS__OTLP"] = json.dumps([{"name": "drain", "endpoint": address}])
    with (
        tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder,
        Service(Path(folder) / "d", environ) as service,
    ):
        command = [sys.executable, "-m", "tests.bench.sender", shape.to_json(), service.grpc, service.http]
        with subprocess.Popen([*command, str(seconds), "1"], stdout=subprocess.PIPE, text=True) as sender:
            assert sender.stdout is not None
            sender.stdout.readline()
            if address:  # connected, and past its first pages
                until(lambda: _metric(service, "botlogs_forwarded_items_total"), 30)
            cpu_s, before = cpu_seconds(service.program.pid), _metric(service, "botlogs_forwarded_items_total")
            started = time.perf_counter()
            items, *latencies = sender.stdout.readline().split()
            took_s = time.perf_counter() - started
            after = _metric(service, "botlogs_forwarded_items_total")
            cpu_s = cpu_seconds(service.program.pid) - cpu_s
            lag_s = _metric(service, "botlogs_forward_lag_seconds")
        service.program.stop()
    return Turn(
        received=int(items) / took_s,
        forwarded=(after - before) / took_s,
        latencies_s=sorted(map(float, latencies)),
        cpu_us=cpu_s / int(items) * 1e6,
        lag_s=lag_s,
    )


def _median(values: Any) -> float:
    return statistics.median(values)


def _latency_ms(turns: list[Turn], part: float) -> float:
    """Return a quantile of the answers' times, the median over the turns."""
    return 1e3 * _median(turn.latencies_s[int(len(turn.latencies_s) * part)] for turn in turns)


def _metric(service: Service, name: str) -> float:
    with urllib.request.urlopen(f"{service.api}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name + "{") and 'signal="traces"' in line)
